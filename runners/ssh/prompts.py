"""Prompts: recognised by the platform's pattern once, and from then on by the device's own name."""

from __future__ import annotations

import re

_MODE = re.compile(r"^(?P<stem>.*?)(?P<inner>[ ]?\([^()]{0,64}\))?(?P<mark>[~*]?[ ]?[>#$%])?[ ]?$", re.DOTALL)


class Prompt:
    """A prompt that was learned: the device's name, a mode in brackets or none, and its mode character."""

    def __init__(self, line: str) -> None:
        self.line = line
        match = _MODE.match(line.rstrip("\r\n"))
        stem, mark = (match["stem"], match["mark"]) if match else (line, "")
        inner = r"(?: ?\([^()\n]{0,64}\))?"
        self._pattern = re.compile(re.escape(stem) + inner + re.escape((mark or "").strip()).join((r"[~*]? ?", r" ?")))

    def is_shown(self, line: str) -> bool:
        """Whether ``line`` is this prompt and nothing else."""
        return self._pattern.fullmatch(line) is not None

    def begins(self, line: str) -> bool:
        """Whether ``line`` starts with this prompt, as the line does in which a command was echoed."""
        return self._pattern.match(line) is not None
