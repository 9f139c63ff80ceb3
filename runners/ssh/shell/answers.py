"""What belongs to a command's answer: it begins behind the echo, and what others wrote between its lines is no part."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runners.ssh.screen.emulation import shown
from runners.ssh.shell.noise import Noise
from runners.ssh.shell.prompts import Prompt

if TYPE_CHECKING:
    from domain.configs.platforms import Platform

_MAX_ECHO_BYTES = 4096  # bytes of a line that may be the echo of a command
_LINES_BEHIND = 12  # a prompt is looked for behind so many lines at most
_READING_ENDS = re.compile(rb"(?:\x1b\[\?2004l\r?)+")  # "bracketed paste" is switched off behind each typed line
_IN_BRACKETS = re.compile(r"\s*(?:[\[{(].{0,80}[\])}])?\s*")  # a line that some devices draw above their prompt


class Dialect:
    """How this device prompts and what its log lines look like."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.prompt: Prompt | None = None
        self.noise = Noise(platform.noise)

    def learn(self, line: str) -> None:
        """``line`` is this device's prompt: the first drawing of it, or one more."""
        if self.prompt is not None and self.prompt.is_shown(line):
            return
        self.prompt = (self.prompt and self.prompt.drawn_again(line)) or Prompt(line)

    def forget_prompt(self) -> None:
        """The level was raised: the prompt is another one from now on."""
        self.prompt = None

    def drawn_again(self, line: str, other: str) -> bool:
        """Whether two lines are the same prompt, drawn twice; it is learned by that."""
        if self.is_prompt(line) and self.is_prompt(other):
            return True
        if not (self.may_be_prompt(line) and self.may_be_prompt(other)):
            return False
        again = Prompt(line).drawn_again(other)
        self.prompt = again or self.prompt
        return again is not None

    def lines_behind_prompt(self, above: str) -> list[str]:
        """The lines printed behind the last prompt in ``above``; none: there is no prompt in its last lines."""
        if self.prompt is not None and self.prompt.word not in above:
            return []
        lines = above.splitlines()
        for back, line in enumerate(reversed(lines[-_LINES_BEHIND:])):
            if self.is_prompt(line) or (self.prompt is None and self.may_be_prompt(line)):
                return lines[len(lines) - back :]
        return []

    def may_be_prompt(self, line: str) -> bool:
        """Whether ``line`` looks like a prompt of the platform."""
        if self.platform.prompt.search(line):
            return True
        return line.endswith("  ") and self.platform.prompt.search(line.rstrip(" ")) is not None

    def is_prompt(self, line: str) -> bool:
        """Whether ``line`` is this device's prompt."""
        return self.prompt is not None and self.prompt.is_shown(line)

    def is_noise(self, line: str) -> bool:
        """Whether ``line`` is one of the device's log lines."""
        return self.noise.is_shown(line)

    def is_empty(self, line: str) -> bool:
        """Whether ``line`` holds nothing, or the words in brackets that some devices draw above their prompt."""
        return _IN_BRACKETS.fullmatch(line) is not None

    def is_nothing(self, line: str) -> bool:
        """Whether ``line`` says nothing of a command: empty, a prompt or a log line."""
        return self.is_empty(line) or self.is_prompt(line) or self.is_noise(line)

    def is_echo(self, line: bytes, command: str) -> bool:
        """Whether ``line`` shows ``command`` as it was typed: behind a prompt or alone."""
        if len(line) > _MAX_ECHO_BYTES:
            return False
        text = shown(line).rstrip()
        if not text.endswith(command):
            return False
        before = text[: len(text) - len(command)]
        return not before.strip() or self.is_prompt(before) or self.may_be_prompt(before)

    def echo_in(self, printed: bytes, command: str) -> tuple[int, int] | None:
        """Where the first line that echoes ``command`` begins and ends."""
        start = 0
        while end := printed.find(b"\n", start) + 1:
            if self.is_echo(printed[start:end], command):
                return start, end
            start = end
        return None

    def is_echoed_again(self, printed: bytes, command: str) -> bool:
        """Whether ``command`` was echoed within its answer: the device had repeated it before it read it."""
        return command.encode() in printed and self.echo_in(printed, command) is not None


def behind_echo(printed: bytes) -> int:
    """How many bytes of an answer are still the shell's, which takes back its way of reading typed text."""
    match = _READING_ENDS.match(printed)
    return match.end() if match else 0
