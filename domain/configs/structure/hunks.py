"""The lines of a unified diff: its hunks, and the runs of removed and added lines in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_RANGES: Final = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_SIGN: Final = itemgetter(slice(0, 1))


@dataclass(frozen=True, slots=True)
class LineRun:
    """Lines that stand together in a hunk and were all removed, or all added."""

    sign: str  # - or +
    at: int  # the first of them in the diff
    count: int
    first: int  # the first of them in the older text if they were removed, else in the newer; counts from 0

    @property
    def is_added(self) -> bool:
        """Whether its lines stand in the newer text."""
        return self.sign == "+"


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk of a diff."""

    at: int  # its header in the diff
    ranges: str  # @@ -1,3 +1,4 @@
    runs: tuple[LineRun, ...]


def hunks_of(diff: Sequence[str]) -> Iterator[Hunk]:
    """The hunks of a diff without file headers, given as its lines."""
    at, ranges, runs = -1, "", list[LineRun]()
    old = new = place = 0
    for sign, group in groupby(diff, _SIGN):
        count = len(list(group))
        if sign == "@":
            if runs:
                yield Hunk(at, ranges, tuple(runs))
            at, runs = place, []
            ranges, old, new = _begin(diff[place])
        elif sign in {"-", "+"}:
            runs.append(LineRun(sign, place, count, old if sign == "-" else new))
        old += count if sign in {"-", " "} else 0
        new += count if sign in {"+", " "} else 0
        place += count
    if runs:
        yield Hunk(at, ranges, tuple(runs))


def _begin(header: str) -> tuple[str, int, int]:
    """The ranges of a header, and its first line in both texts, from 0. Of nothing git names the line before."""
    found = _RANGES.match(header)
    if found is None:
        raise ValueError("no header of a hunk")
    old, new = (int(found[group]) - (found[group + 1] != "0") for group in (1, 3))
    return found[0], old, new
