"""Prompts: recognised by the platform's pattern once, and from then on by the device's own name."""

from __future__ import annotations

import re

_PROMPT = re.compile(r"(?P<name>.*?)(?: ?\([^()\n]{0,64}\))?[~*]? ?(?P<mode>[>#$%])? ?", re.DOTALL)
_BEHIND_NAME = re.compile(r"(?: ?\([^()\n]{0,64}\))?[~*]? ?(?P<mode>[>#$%])? ?")


class Prompt:
    """A prompt that was learned: the device's own name and its mode character.

    What stands between them in brackets, such as a configuration mode, may come and go.
    """

    def __init__(self, line: str) -> None:
        self.line = line
        match = _PROMPT.fullmatch(line)
        self._name = match["name"] if match else line
        self._mode = match["mode"] if match else None

    def is_shown(self, line: str) -> bool:
        """Whether ``line`` is this prompt and nothing else."""
        if not line.startswith(self._name):
            return False
        match = _BEHIND_NAME.fullmatch(line, len(self._name))
        return match is not None and match["mode"] == self._mode
