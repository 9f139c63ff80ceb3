"""Texts built by braces: a line that ends with one opens a block, a line that begins with one closes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.configs.structure.free_text import FreeTexts
from domain.configs.structure.indents import MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Sequence


def by_braces(lines: Sequence[str]) -> list[int]:
    """Of each line the one that opened the innermost block around it; -1: none. A ``}`` is part of its block."""
    above: list[int] = []
    open_: list[int] = []
    too_deep = 0
    free = FreeTexts(lines)
    for index, line in enumerate(lines):
        if index < len(above):
            continue
        body = line.strip()
        above.append(open_[-1] if open_ else -1)
        if body[:1] == "}":
            if too_deep:
                too_deep -= 1
            elif open_:
                open_.pop()
        if body.startswith("/*"):
            last = index if "*/" in body else free.last(index, lambda line: "*/" in line)
            above += [above[index]] * (last - index)
        elif body[-1:] == "{" and len(open_) < MAX_DEPTH:
            open_.append(index)
        elif body[-1:] == "{":
            too_deep += 1
    return above
