"""How a pager takes its question off the screen: read from what comes after a page was turned.

Two kinds are known. One goes back by as many cells as it printed, blanks them and goes back again: it says itself
where the question began. The other returns to the line's start and erases. Whoever does neither was no pager.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from runners.ssh.screen.emulation import moved, number

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_WIPE_BYTES = 1024  # bytes in which a pager takes its question away
_TOKEN = re.compile(
    rb"(?P<move>\r|\x08)|(?P<blanks> +)|\x1b\[(?P<parameters>[0-?]{0,64})(?P<final>[@-~])|\x1b[78=>]|[\x00\x07]"
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]{0,64})?")
_FURTHER_BACK = re.compile(rb"\x08(?: \x08)?")


class PageReply(Enum):
    """What came after a page was turned, where it is no whole wipe."""

    UNDECIDED = auto()  # the beginning of one, perhaps
    OTHER = auto()  # no wipe at all


@dataclass(frozen=True, slots=True)
class Wipe:
    """A question was wiped off by the first ``size`` bytes."""

    size: int
    lead: int  # cells in front of its known words that may be its own
    is_exact: bool  # ``lead`` is certain: the cursor went back by as many cells as were printed


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a question as they stand on the screen."""

    cells: bytes
    before: int  # cells of the line in front of them
    blanks: int  # those of ``before`` that stand directly in front and are blank
    is_question: Callable[[bytes], bool]

    @property
    def is_alone(self) -> bool:
        """Whether nothing but blanks stands in front."""
        return self.before == self.blanks


def read_wipe(words: Words, after: bytes) -> Wipe | PageReply:
    """Whether ``after`` begins with a wipe of ``words``, by the smallest part of it that leaves none of them."""
    undecided = PageReply.UNDECIDED if len(after) <= _MAX_WIPE_BYTES else PageReply.OTHER
    eraser = _Eraser(words)
    position = 0
    while not eraser.is_done:
        token = _TOKEN.match(after, position)
        if token is None:
            rest = after[position:]
            return undecided if not rest or _UNFINISHED.fullmatch(rest) else PageReply.OTHER
        eraser.carry_out(token)
        position = token.end()
    if eraser.is_absolute:
        return Wipe(position, eraser.lead, is_exact=False)
    return _gone_further_back(eraser, after, position)


def _gone_further_back(eraser: _Eraser, after: bytes, position: int) -> Wipe | PageReply:
    """Backspaces that follow belong to the wipe as well, as far as blanks stand there: the question began with them."""
    while eraser.is_behind_blanks:
        token = _FURTHER_BACK.match(after, position)
        rest = after[position : position + 3]
        if rest in (b"", b"\b", b"\b "):
            return PageReply.UNDECIDED
        if token is None:
            break
        eraser.go(eraser.column - 1)
        position = token.end()
    return Wipe(position, eraser.lead, is_exact=True)


class _Eraser:
    """Follows the cursor over the question; its own first cell is column 0, and the line goes on left of it."""

    def __init__(self, words: Words) -> None:
        self.column = len(words.cells)
        self.is_absolute = False
        self._words = words
        self._left = {at for at, cell in enumerate(words.cells) if cell != ord(" ")}
        self._full = len(self._left)
        self._reach = 0  # cells from the line's start that were blanked

    @property
    def is_done(self) -> bool:
        """Whether no word is left, and the cursor stands where the question began."""
        if len(self._left) == self._full:
            return False
        if self.is_absolute or self.column <= 0:
            return not self._left and self.column <= 0
        return max(self._left, default=-1) < self.column and self._words.is_question(self._words.cells[self.column :])

    @property
    def is_behind_blanks(self) -> bool:
        """Whether the cursor may go further back without leaving blanks."""
        return self.column > -self._words.blanks

    @property
    def lead(self) -> int:
        """Cells in front of the words that were the question's own; negative: its first cells were the text's.

        A wipe from the line's start covers all that the pager printed, and does not say where that began.
        """
        words = self._words
        if not self.is_absolute:
            return -self.column if -self.column <= words.blanks else 0
        covered = self._reach - len(words.cells.rstrip())
        if words.is_alone:
            return words.before if covered >= words.before else 0
        return min(words.blanks, max(covered, 0))

    def carry_out(self, token: re.Match[bytes]) -> None:
        """Move the cursor or erase, as ``token`` says."""
        if token["move"] == b"\b":
            self.go(self.column - 1)
        elif token["move"]:
            self._return()
        elif token["blanks"]:
            self._erase(self.column, self.column + len(token["blanks"]))
            self.column += len(token["blanks"])
        elif token["final"]:
            self._control(token["final"], token["parameters"])

    def go(self, column: int) -> None:
        """Put the cursor into ``column``, but not left of the line."""
        self.column = max(column, 0 if self.is_absolute else -self._words.before)

    def _return(self) -> None:
        self.is_absolute = True
        self.column = 0

    def _control(self, final: bytes, parameters: bytes) -> None:
        count = number(parameters)
        everything = max(len(self._words.cells), self.column) + self._words.before
        if final in b"G`Hf":
            self._return()
        elif final in b"CD":
            self.go(moved(self.column, final, parameters))
        elif final in b"KJ":
            start, end = (self.column, everything) if count == 0 else (-self._words.before, self.column + 1)
            self._erase(start, everything if count > 1 else end)
        elif final in b"XP":
            self._erase(self.column, self.column + max(count, 1))

    def _erase(self, start: int, end: int) -> None:
        self._left.difference_update(range(start, end))
        self._reach = max(self._reach, end)
