"""Texts built by indentation, and files of servers, which know sections in brackets besides."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from domain.configs.structure.free_text import BANNER_WORDS, FreeTexts

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_DEPTH: Final = 64  # levels of nesting that are told apart; what lies deeper belongs to the last of them
_REMARKS: Final = "!#"


def by_indent(lines: Sequence[str]) -> list[int]:
    """Of each line the nearest one before it with less indentation; -1: none.

    Empty lines and remarks open and close nothing: devices write them at any place. A banner's lines belong to its
    first one, however they are indented.
    """
    above: list[int] = []
    open_: list[tuple[int, int]] = []  # indentation and number of each line that may enclose the next
    free = FreeTexts(lines)
    for index, line in enumerate(lines):
        if index < len(above):
            continue
        body = line.lstrip(" \t")
        indent = len(line) - len(body)
        if not body or body[0] in _REMARKS:
            above.append(_enclosing(open_, indent) if indent else -1)
            continue
        while open_ and open_[-1][0] >= indent:
            open_.pop()
        above.append(open_[-1][1] if open_ else -1)
        if len(open_) < MAX_DEPTH:
            open_.append((indent, index))
        if line.startswith(BANNER_WORDS):
            above += [index] * (free.last_of_banner(index) - index)
    return above


def by_section(lines: Sequence[str]) -> list[int]:
    """As ``by_indent``; a line in brackets encloses what follows, up to the next one."""
    above = by_indent(lines)
    starts = [index for index, line in enumerate(lines) if line[:1] == "[" and line.rstrip().endswith("]")]
    for start, stop in pairwise([*starts, len(lines)]):
        above[start] = -1
        above[start + 1 : stop] = [max(one, start) for one in above[start + 1 : stop]]
    return above


def _enclosing(open_: Sequence[tuple[int, int]], indent: int) -> int:
    return next((index for level, index in reversed(open_) if level < indent), -1)
