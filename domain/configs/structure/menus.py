"""Texts of RouterOS: a line that begins with ``/`` is the menu of those that follow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMAND: Final = re.compile(r"(/[a-z0-9 -]{1,120}?) (?:add|set|remove|move|enable|disable|reset|unset)\b")


def by_menu(lines: Sequence[str]) -> list[int]:
    """Of each line its menu, and of each further line of a wrapped command the first one; -1: none."""
    above: list[int] = []
    menu = -1
    first = -1  # line of the command that is going on
    for index, line in enumerate(lines):
        if first >= 0:
            above.append(first)
        elif line[:1] == "/" and line[1:2].isalpha():
            above.append(-1)
            menu = -1 if _COMMAND.match(line) else index
        else:
            above.append(menu)
        if line[-1:] != "\\":
            first = -1
        elif first < 0:
            first = index
    return above


def own_menu(line: str) -> str:
    """The menu that ``line`` names itself before its command, as ``/export terse`` writes it."""
    found = _COMMAND.match(line) if line[:1] == "/" else None
    return found[1] if found else ""
