"""The dialogue with a device's shell: from the log-in to the configuration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from domain.configs.texts import last_line, looks_complete
from domain.failures import DeviceError, FailureKind
from runners.ssh.failures import plain, quoting
from runners.ssh.prompts import Prompt

if TYPE_CHECKING:
    from domain.configs.platforms import Interrupt, Platform
    from runners.ssh.login import Login
    from runners.ssh.terminal import Terminal
    from runners.wire.messages import Limits

# Seconds of quiet after which a prompt counts.
_AFTER_LOGIN = 0.05
_AFTER_COMMAND = 0.005
_AFTER_END = 0.01  # the end marker stands above the prompt
_WITHOUT_END = 0.15  # the platform has no end marker: only quiet proves the prompt
_BEFORE_END = 1.0  # a prompt, but the end marker has not come: perhaps a line that looks like one
_AFTER_LOG_LINE = 0.3  # the prompt, and log lines printed behind it

_MOST_INTERRUPTS = 10
_LOG_LINE_SEARCHED = 300  # bytes from a line's start in which a log line shows itself
_LINE_END = re.compile(rb"[^\n]*\n")


class Session:
    """A shell that is logged in. The prompt is learned by ``begin`` and waited for from then on."""

    def __init__(self, terminal: Terminal, platform: Platform, limits: Limits) -> None:
        self._terminal = terminal
        self._platform = platform
        self._login_silence = limits.login.total_seconds()
        self._silence = limits.silence.total_seconds()
        self._prompt = Prompt("")

    async def reach_prompt(self) -> str:
        """Wait for the first prompt, past what stands before it."""
        await self._first_prompt()
        return self._prompt.line

    async def begin(self, login: Login) -> None:
        """Reach the first prompt, raise the level where needed, and turn paging off."""
        await self._first_prompt()
        await self._enable(login)
        for command in self._platform.paging_off:
            await self._run(command, _AFTER_COMMAND)

    async def configuration(self) -> bytes:
        """What the device prints for its configuration, byte for byte.

        Raises:
            DeviceError: COMMAND_REJECTED or INCOMPLETE by the output's own words, SILENT, CONNECTION_LOST, ...
        """
        parts = []
        for command in self._platform.config:
            part = await self._run(command, None)
            problem = looks_complete(part, self._platform)
            if problem:
                raise DeviceError(problem, _facts(problem, command, part))
            parts.append(part)
        return b"".join(parts)

    def end(self) -> None:
        """Say goodbye, so that the device frees the line at once."""
        self._terminal.write(self._platform.logout + "\n")

    async def _first_prompt(self) -> None:
        for _ in range(_MOST_INTERRUPTS):
            line = await self._terminal.until(
                self._first_judge, silence=self._login_silence, kind=FailureKind.NO_PROMPT
            )
            interrupt = self._interrupt(line)
            if interrupt is None:
                self._learn(line)
                return
            if interrupt.send is None:
                raise DeviceError(FailureKind.PASSWORD_EXPIRED)
            self._terminal.screen.take()
            self._terminal.screen.cover_line()
            self._terminal.write(interrupt.send)
        raise DeviceError(FailureKind.NO_PROMPT, "the device keeps asking questions after the log-in")

    def _first_judge(self, line: str) -> float | None:
        if self._interrupt(line) or self._platform.prompt.search(line):
            return _AFTER_LOGIN
        return None

    def _interrupt(self, line: str) -> Interrupt | None:
        """The interruption that the device is_waiting in: its question may stand a few lines above the cursor."""
        above = self._terminal.screen.ended_tail
        for interrupt in self._platform.interrupts:
            if interrupt.see.search(line) or interrupt.see.search(above):
                return interrupt
        return None

    def _learn(self, line: str) -> None:
        self._prompt = Prompt(line)
        self._terminal.transcript.learned(line)
        self._terminal.screen.take()

    async def _enable(self, login: Login) -> None:
        enable = self._platform.enable
        if enable is None or not enable.when.search(self._prompt.line):
            return
        answer = await self._ask(enable.send)
        if enable.ask.search(answer):
            password = login.enable if login.enable is not None else login.password
            answer = await self._ask(password or "")
        if enable.ask.search(answer) or enable.when.search(answer):
            raise DeviceError(FailureKind.ENABLE)
        self._learn(answer)

    async def _ask(self, text: str) -> str:
        """Send ``text``; the line that the device then is_waiting in: a prompt or a password's question."""
        enable = self._platform.enable
        self._terminal.screen.take()
        self._terminal.screen.cover_line()
        self._terminal.write(text + "\n")

        def judge(line: str) -> float | None:
            is_waiting = self._platform.prompt.search(line) or (enable and enable.ask.search(line))
            return _AFTER_LOGIN if is_waiting else None

        return await self._terminal.until(judge, silence=self._silence, kind=FailureKind.ENABLE)

    async def _run(self, command: str, quiet: float | None) -> bytes:
        """Run ``command``; its output without echo and prompt. ``quiet``: None for the configuration."""
        screen = self._terminal.screen
        screen.take()
        self._terminal.write(command + "\n")

        def judge(line: str) -> float | None:
            if not screen.has_ended_lines:  # the echo has not come yet
                return None
            if self._prompt.is_shown(line):
                return self._quiet_of_end() if quiet is None else quiet
            return _AFTER_LOG_LINE if not line and self._ends_in_log_lines() else None

        await self._terminal.until(judge, silence=self._silence, kind=FailureKind.SILENT)
        return self._output(screen.take(), command)

    def _quiet_of_end(self) -> float:
        if self._platform.end is None:
            return _WITHOUT_END
        ended = self._terminal.screen.ended_tail
        complete = self._platform.end.search(last_line(ended.encode()))
        return _AFTER_END if complete else min(_BEFORE_END, self._silence / 2)

    def _ends_in_log_lines(self) -> bool:
        """Whether the prompt was shown and log lines were printed behind it, so that it stands no longer last."""
        if self._platform.noise is None:
            return False
        lines = self._terminal.screen.ended_tail.rstrip("\r\n").split("\n")
        if not self._platform.noise.search(lines[-1]):
            return False
        while lines and (not lines[-1].strip() or self._platform.noise.search(lines[-1])):
            lines.pop()
        return bool(lines) and self._prompt.is_shown(lines[-1].rstrip("\r"))

    def _output(self, printed: bytes, command: str) -> bytes:
        """What belongs to the command: the line of its echo, log lines and a prompt among them taken away."""
        echo = _LINE_END.match(printed)
        if echo:
            first = echo[0].decode("utf-8", "replace").rstrip("\r\n")
            if command.strip() in first or self._prompt.is_shown(first):
                printed = printed[echo.end() :]
        if self._platform.noise is None or b"%" not in printed:
            return printed
        return self._without_log_lines(printed, self._platform.noise)

    def _without_log_lines(self, printed: bytes, noise: re.Pattern[str]) -> bytes:
        """``printed`` without log lines, and without the prompt that some devices show again behind one."""
        kept = bytearray()
        done = 0
        while (mark := printed.find(b"%", done)) >= 0:
            start = printed.rfind(b"\n", done, mark) + 1 or done
            end = printed.find(b"\n", mark) + 1 or len(printed)
            line = printed[start : min(end, start + _LOG_LINE_SEARCHED)]
            is_noise = noise.search(line.decode("utf-8", "replace"))
            kept += printed[done : start if is_noise else end]
            done = end
        kept += printed[done:]
        if len(kept) < len(printed) and self._prompt.is_shown(last_line(bytes(kept[-_LOG_LINE_SEARCHED:]))):
            del kept[kept.rstrip().rfind(b"\n") + 1 :]
        return bytes(kept)


def _facts(kind: FailureKind, command: str, output: bytes) -> str:
    if kind is FailureKind.COMMAND_REJECTED:
        return quoting(command, output[:400].decode("utf-8", "replace"))
    return plain(f"{command}: {len(output)} bytes without the end marker")
