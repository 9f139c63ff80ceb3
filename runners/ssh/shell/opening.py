"""From the log-in to a shell that takes commands: questions in the way, the first prompt, the level raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.failures import DeviceError, FailureKind
from runners.ssh.failures import last_words
from runners.ssh.questions import (
    ShellLogIn,
    asked,
    asks_for_name,
    asks_for_new_password,
    asks_for_other,
    is_question,
    telling,
)
from runners.ssh.shell.exchange import AFTER_LOGIN, Exchange

if TYPE_CHECKING:
    from domain.configs.platforms import Enable, Interrupt
    from runners.ssh.login import Login
    from runners.ssh.shell.answers import Dialect
    from runners.ssh.shell.terminal import Terminal
    from runners.wire.messages import Limits

_MAX_INTERRUPTS = 10  # questions that are answered before the first prompt
_AFTER_QUESTION = 0.5  # seconds of quiet: a line in words that nobody knows may go on
_AFTER_LOG_LINES = 0.3  # seconds of quiet below a prompt and lines printed behind it


class Opening:
    """What stands between a log-in and the first command."""

    def __init__(self, terminal: Terminal, dialect: Dialect, limits: Limits) -> None:
        self._terminal = terminal
        self._dialect = dialect
        self._platform = dialect.platform
        self._login_silence = limits.login.total_seconds()
        self._silence = limits.silence.total_seconds()

    async def first_prompt(self, login: Login) -> None:
        """Answer what the device asks, and learn its first prompt.

        Raises:
            DeviceError: NO_PROMPT, PASSWORD_EXPIRED, AUTHENTICATION, or the session was lost.
        """
        try:
            await self._reach_prompt(ShellLogIn(login))
        except DeviceError as error:
            screen = self._terminal.screen
            raise telling(error, screen.ended_tail + screen.tail) from error

    async def _reach_prompt(self, shell: ShellLogIn) -> None:
        for _ in range(_MAX_INTERRUPTS):
            line = await self._terminal.until(self._judge, silence=self._login_silence, kind=FailureKind.NO_PROMPT)
            interrupt = self._interrupt(line)
            if interrupt is None and self._dialect.may_be_prompt(line):
                self._learn(line)
                return
            if interrupt and interrupt.send is None:
                raise DeviceError(FailureKind.PASSWORD_EXPIRED)
            # A log line behind the prompt: an empty line makes the device draw the prompt once more.
            answer = interrupt.send if interrupt and interrupt.send else "\n"
            if interrupt is None and ShellLogIn.knows(line):
                answer = shell.answer(line) + "\n"
            self._terminal.screen.clear()
            self._terminal.write(answer.replace("\n", self._platform.enter))
        raise DeviceError(FailureKind.NO_PROMPT, "the device keeps asking questions after the log-in")

    async def enable(self, login: Login) -> None:
        """Raise the level where the platform's file says so.

        Raises:
            DeviceError: ENABLE, or the session was lost.
        """
        enable = self._platform.enable
        prompt = self._dialect.prompt
        if enable is None or prompt is None or not enable.when.search(prompt.line):
            return
        answer = await self._ask(enable.send)
        if self._is_asked(answer) and asks_for_name(answer):
            answer = await self._answer(login.username)
        if self._is_for_password(answer, enable):
            password = login.enable if login.enable is not None else login.password
            answer = await self._answer(password or "")
        if self._is_for_password(answer, enable) or enable.when.search(answer):
            raise DeviceError(FailureKind.ENABLE, last_words(self._terminal.screen.ended_tail.encode()).lstrip("; "))
        if self._is_asked(answer):
            raise DeviceError(FailureKind.ENABLE, asked(answer))
        self._dialect.forget_prompt()
        self._learn(answer)

    def _learn(self, line: str) -> None:
        self._dialect.learn(line)
        self._terminal.transcript.learned(line)

    def _is_for_password(self, line: str, enable: Enable) -> bool:
        if asks_for_new_password(line) or asks_for_name(line):
            return False
        return enable.ask.search(line) is not None or (self._is_asked(line) and not asks_for_other(line))

    def _is_asked(self, line: str) -> bool:
        """Whether the device waits for an answer, and not for a command."""
        return is_question(line) and not self._dialect.may_be_prompt(line)

    def _judge(self, line: str) -> float | None:
        if self._interrupt(line) or self._dialect.may_be_prompt(line):
            return AFTER_LOGIN
        if ShellLogIn.knows(line):
            return _AFTER_QUESTION
        below_prompt = not line.strip() and self._dialect.lines_behind_prompt(self._terminal.screen.ended_tail)
        return _AFTER_LOG_LINES if below_prompt else None

    def _interrupt(self, line: str) -> Interrupt | None:
        """The interruption that the device waits in: its question may stand a few lines above the cursor.

        A banner may say anything: it is no question when the cursor stands in a prompt, and a password that has to
        be changed is asked for.
        """
        above = "" if self._dialect.may_be_prompt(line) else self._terminal.screen.ended_tail
        for interrupt in self._platform.interrupts:
            if interrupt.send is None and not self._is_asked(line):
                continue
            is_told_above = interrupt.see.search(above)
            if interrupt.see.search(line) or is_told_above:
                return interrupt
        return None

    async def _ask(self, command: str) -> str:
        """Send ``command``; the line that the device then waits in: a prompt or a password's question."""
        exchange = Exchange(self._terminal, self._dialect, self._silence)
        try:
            return await exchange.command(command, self._waits)
        except DeviceError as error:
            if error.kind is not FailureKind.SILENT:
                raise
            raise DeviceError(FailureKind.ENABLE, error.facts) from error

    async def _answer(self, password: str) -> str:
        self._terminal.screen.clear()
        self._terminal.write(password + self._platform.enter)
        return await self._terminal.until(self._waits, silence=self._silence, kind=FailureKind.ENABLE)

    def _waits(self, line: str) -> float | None:
        enable = self._platform.enable
        if self._dialect.may_be_prompt(line) or (enable and enable.ask.search(line)):
            return AFTER_LOGIN
        return _AFTER_QUESTION if is_question(line) else None
