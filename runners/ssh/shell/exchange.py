"""One line sent to a shell and the wait for its answer: behind its own echo, up to a prompt that stands still."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from domain.failures import DeviceError, FailureKind
from runners.ssh.failures import plain
from runners.ssh.screen.emulation import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from runners.ssh.shell.answers import Dialect
    from runners.ssh.shell.terminal import Terminal

# Seconds of quiet after which a prompt counts.
AFTER_LOGIN = 0.05  # it was never seen before
_AFTER_COMMAND = 0.005
_AFTER_LOG_LINES = 0.3  # the prompt, and log lines printed behind it
_ABOVE_OTHER_LINES = 1.0  # the prompt, and lines behind it that may be log lines
_FAREWELL = 6.0  # the longest wait for a device to hang up after a goodbye

_MAX_LEFT_OVER_BYTES = 4096  # bytes in front of a command's echo that are kept


class Exchange:
    """Sends commands to one device and knows which of its lines answer them."""

    def __init__(self, terminal: Terminal, dialect: Dialect, silence: float) -> None:
        self._left_over = b""  # what came before the last command's echo
        self._terminal = terminal
        self._screen = terminal.screen
        self._dialect = dialect
        self._silence = silence

    async def command(
        self, command: str, after: Callable[[str], float | None] | None = None, *, silence: float | None = None
    ) -> str:
        """Send ``command`` and wait for its echo, and from then on for a line of the cursor that ``after`` takes.

        Raises:
            DeviceError: SILENT, or the session was lost.
        """
        judge = after or self.after_command
        self._screen.take()
        self._left_over = b""
        self._terminal.write(command + self._dialect.platform.enter)
        echoed = False

        def judge_behind_echo(line: str) -> float | None:
            nonlocal echoed
            echoed = echoed or self._passes_echo(command)
            return judge(line) if echoed else None

        try:
            line = await self._terminal.until(
                judge_behind_echo, silence=silence or self._silence, kind=FailureKind.SILENT
            )
        except DeviceError as error:
            if echoed or error.kind is not FailureKind.SILENT:
                raise
            raise DeviceError(error.kind, plain(f"{command}: the device did not repeat it; {error.facts}")) from error
        if after is None and self._dialect.may_be_prompt(line):  # a line of a long answer only looks like one
            self._dialect.learn(line)
        return line

    async def empty_line(self, after: Callable[[str], float | None]) -> str:
        """Send an empty line and wait until it has ended the line of the cursor, and another one stands still."""
        size = self._screen.size
        self._terminal.write(self._dialect.platform.enter)
        return await self._terminal.until(
            lambda line: after(line) if self._screen.size > size else None,
            silence=self._silence,
            kind=FailureKind.SILENT,
        )

    def after_command(self, line: str) -> float | None:
        """Seconds of quiet that end the answer of a command that is only carried out."""
        return self.quiet(line, known=_AFTER_COMMAND, looking_like_one=AFTER_LOGIN)

    def quiet(self, line: str, *, known: float, looking_like_one: float) -> float | None:
        """Seconds of quiet after which ``line`` ends an answer: a prompt, or nothing below a prompt and log lines."""
        at_prompt = self.quiet_at_prompt(line, known=known, looking_like_one=looking_like_one)
        if at_prompt is not None or line.strip() or not self._dialect.lines_behind_prompt(self._screen.ended_tail):
            return at_prompt
        return _AFTER_LOG_LINES if self.is_below_log_lines() else min(_ABOVE_OTHER_LINES, self._silence / 2)

    def quiet_at_prompt(self, line: str, *, known: float, looking_like_one: float) -> float | None:
        """Seconds of quiet after which ``line`` counts as a prompt; None: it is none."""
        if self._dialect.is_prompt(line):
            return known
        return looking_like_one if self._dialect.may_be_prompt(line) else None

    def is_below_log_lines(self) -> bool:
        """Whether nothing but log lines came behind the last prompt, and the cursor stands below them."""
        behind = [line for line in self._dialect.lines_behind_prompt(self._screen.ended_tail) if line.strip()]
        return bool(behind) and all(self._dialect.is_noise(line) for line in behind)

    async def is_over_at(self, goodbye: str) -> bool:
        """Say ``goodbye`` and wait until the device hangs up: whether the last answer was over by then.

        What comes in front of the goodbye's echo shows that it went on; and so does a second echo, of a device that
        repeats at once what is typed, and once more when it reads it.
        """
        with suppress(DeviceError):
            await self.command(goodbye, lambda _: None, silence=min(_FAREWELL, self._silence))
        printed, _ = self._screen.take()
        is_quiet = all(self._dialect.is_nothing(shown(line)) for line in self._left_over.split(b"\n"))
        return is_quiet and not self._dialect.is_echoed_again(printed, goodbye)

    def _passes_echo(self, command: str) -> bool:
        """Whether the echo has come; what stands before it is dropped."""
        ended = self._screen.since(0)
        if not ended:
            return False
        echo = self._dialect.echo_in(ended, command)
        start, end = echo or (len(ended), len(ended))
        self._left_over = (self._left_over + ended[:start])[-_MAX_LEFT_OVER_BYTES:]
        self._screen.forget_before(end)
        if echo:
            before = shown(ended[start:end]).rstrip()[: -len(command)].rstrip(" ")
            if self._dialect.may_be_prompt(before):
                self._dialect.learn(before)
        return echo is not None
