"""Texts of FortiOS: ``config`` to ``end``, and in it ``edit`` to ``next``, as deep as they like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.configs.structure.free_text import FreeTexts, is_quote_open
from domain.configs.structure.indents import MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Sequence


def by_config_edit(lines: Sequence[str]) -> list[int]:
    """Of each line the ``config`` or ``edit`` around it; -1: none. The lines of a quoted text belong to its first one.

    ``next`` and ``end`` are parts of what they close; ``end`` closes an ``edit`` without ``next``, too.
    """
    above: list[int] = []
    blocks, free = _Blocks(), FreeTexts(lines)
    for index, line in enumerate(lines):
        if index < len(above):
            continue
        body = line.strip()
        if body == "end":
            blocks.leave_edit()
        above.append(blocks.innermost)
        if body == "next":
            blocks.leave_edit()
        elif body == "end":
            blocks.leave()
        elif body.startswith(("config ", "edit ")):
            blocks.enter(index, is_edit=body[0] == "e")
        elif is_quote_open(body):
            above += [index] * (free.last(index, is_quote_open) - index)
    return above


class _Blocks:
    """The blocks that are open, outermost first."""

    def __init__(self) -> None:
        self._open: list[tuple[int, bool]] = []  # line, and whether it is an edit
        self._too_deep = 0

    @property
    def innermost(self) -> int:
        return self._open[-1][0] if self._open else -1

    def enter(self, index: int, *, is_edit: bool) -> None:
        if len(self._open) < MAX_DEPTH:
            self._open.append((index, is_edit))
        else:
            self._too_deep += 1

    def leave(self) -> None:
        if self._too_deep:
            self._too_deep -= 1
        elif self._open:
            self._open.pop()

    def leave_edit(self) -> None:
        if self._too_deep or (self._open and self._open[-1][1]):
            self.leave()
