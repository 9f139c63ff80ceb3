"""Blocks that a change moved: removed at one place of a text and added, line for line, at another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.configs.structure.hunks import Hunk, LineRun
    from domain.configs.structure.outlines import Outline

MIN_TELLING: Final = 6  # letters and digits of a line that is recognised by itself

_Place = tuple[int, int, int]  # hunk, run in it, line in the run


@dataclass(frozen=True, slots=True)
class Move:
    """Lines that stand elsewhere now."""

    count: int
    old: int  # the first of them in the older text, counted from 0
    new: int  # and in the newer
    left: int  # the hunk in which they are removed
    reached: int  # and that in which they are added


def moves_of(diff: Sequence[str], hunks: Sequence[Hunk], older: Outline, newer: Outline) -> list[Move]:
    """What was moved, in the order of the newer text.

    A block is recognised by a line that was removed once and added once, and reaches as far as its neighbours agree.
    One line alone counts as moved only within its own block: elsewhere it is another block's line that reads the same.
    """
    gone, come = _once(diff, hunks, "-"), _once(diff, hunks, "+")
    found: list[Move] = []
    done = (-1, -1, -1)
    for line, place in come.items():
        if place is None or place <= done or not (origin := gone.get(line)):
            continue
        before, after = _agreeing(diff, hunks, origin, place, done)
        done = (*place[:2], place[2] + after)
        old, new = _number(hunks, origin) - before, _number(hunks, place) - before
        count = before + 1 + after
        if count > 1 or older.titles(old) == newer.titles(new):
            found.append(Move(count, old, new, origin[0], place[0]))
    return found


def _once(diff: Sequence[str], hunks: Sequence[Hunk], sign: str) -> Mapping[str, _Place | None]:
    """Where each telling line stands that was removed, or added; None: at several places."""
    found: dict[str, _Place | None] = {}
    for number, hunk in enumerate(hunks):
        for part, run in enumerate(hunk.runs):
            if run.sign == sign:
                for place, line in enumerate(diff[run.at : run.at + run.count]):
                    text = line[1:]
                    found[text] = None if text in found else (number, part, place)
    return {line: place for line, place in found.items() if place is None or _is_telling(line)}


def _is_telling(line: str) -> bool:
    return sum(map(str.isalnum, line[: MIN_TELLING * 20])) >= MIN_TELLING


def _agreeing(
    diff: Sequence[str], hunks: Sequence[Hunk], origin: _Place, place: _Place, done: _Place
) -> tuple[int, int]:
    """How many lines before and after both places are the same, of those that belong to no move yet."""
    old, new = _run(hunks, origin), _run(hunks, place)
    taken = done[2] + 1 if done[:2] == place[:2] else 0
    one, other = old.at + origin[2], new.at + place[2]
    room = min(origin[2], place[2] - taken)
    before = _same(diff, one, other, -1, room)
    room = min(old.count - origin[2], new.count - place[2]) - 1
    return before, _same(diff, one, other, 1, room)


def _same(diff: Sequence[str], one: int, other: int, step: int, room: int) -> int:
    count = 0
    while count < room and diff[one + step * (count + 1)][1:] == diff[other + step * (count + 1)][1:]:
        count += 1
    return count


def _run(hunks: Sequence[Hunk], place: _Place) -> LineRun:
    return hunks[place[0]].runs[place[1]]


def _number(hunks: Sequence[Hunk], place: _Place) -> int:
    return _run(hunks, place).first + place[2]
