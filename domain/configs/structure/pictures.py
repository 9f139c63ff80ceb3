"""The picture of a change: a unified diff whose hunks are headed by what encloses them.

Only headers are rewritten and lines that begin with a backslash are added. Every line that changed stays as it was, and
nothing here decides what a change is.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from domain.configs.structure.headings import glance, heading
from domain.configs.structure.hunks import hunks_of
from domain.configs.structure.long_lines import changed_words, pairs
from domain.configs.structure.moves import moves_of
from domain.configs.structure.outlines import Outline, title
from domain.configs.structure.subjects import subjects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from domain.configs.structure.hunks import Hunk
    from domain.configs.structure.kinds import Structure
    from domain.configs.structure.moves import Move

MAX_EXPLAINED: Final = 50  # long lines of one diff, its first ones, whose words are compared
_INSERTED: Final = "\\ in it: "  # what begins with a backslash is no line of either text


@dataclass(frozen=True, slots=True)
class Picture:
    """A change as it is shown."""

    text: str  # the diff with what explains it
    subjects: str = ""  # 2 interfaces, 1 ACL
    glance: str = ""  # its first lines


def picture(diff: str, before: str, after: str, structure: Structure) -> Picture:
    """``diff`` with headings, moved blocks told as moved, and what changed in long lines.

    Args:
        diff: of ``before`` and ``after``, unified, without file headers; what stands behind its ranges is replaced.
        before: the older text, secrets masked.
        after: the newer text, secrets masked.
        structure: of their platform.
    """
    if not diff:
        return Picture(diff)
    lines = diff.removesuffix("\n").split("\n")
    hunks = list(hunks_of(lines))
    older, newer = Outline.of(before, structure), Outline.of(after, structure)
    notes = _moves_by_hunk(moves_of(lines, hunks, older, newer), older, newer)
    words, kinds = _words(lines, hunks), subjects(lines, hunks, older, newer)
    for number, hunk in enumerate(hunks):
        told = " · ".join(part for part in (heading(lines, hunk.runs, older, newer), notes.get(number, "")) if part)
        lines[hunk.at] = f"{hunk.ranges} {told}".rstrip()
    for at, shown in words.items():
        lines[at] += f"\n{_INSERTED}{shown}"
    return Picture("\n".join(lines) + "\n", kinds, glance(lines, hunks, older, newer))


def changed_lines(text: str) -> list[str]:
    """The lines of a diff that were removed or added."""
    return [line for line in text.split("\n") if line[:1] in {"-", "+"}]


def _moves_by_hunk(moves: Sequence[Move], older: Outline, newer: Outline) -> Mapping[int, str]:
    """What is said of moves over each hunk: of the longest, and how many more there are."""
    found: dict[int, list[Move]] = {}
    for move in moves:
        for hunk in {move.left, move.reached}:
            found.setdefault(hunk, []).append(move)
    return {hunk: _told(hunk, of_hunk, older, newer) for hunk, of_hunk in found.items()}


def _told(hunk: int, moves: Sequence[Move], older: Outline, newer: Outline) -> str:
    longest = max(moves, key=lambda move: move.count)
    came = longest.reached == hunk
    spot = f"from {_spot(older, longest.old)}" if came else f"to {_spot(newer, longest.new)}"
    more = f" and {len(moves) - 1} more block{'s' * (len(moves) > 2)}" if len(moves) > 1 else ""  # noqa: PLR2004 - one and others
    return f"moved: {longest.count} line{'s' * (longest.count > 1)} {spot}{more}"


def _spot(outline: Outline, index: int) -> str:
    """Where a line stands, for somebody who looks for it."""
    beside = outline.sibling(index)
    if beside >= 0:
        return f"below {title(outline.lines[beside])}"
    around = outline.titles(index)
    return f"the top of {around[-1]}" if around else "the top"


def _words(diff: Sequence[str], hunks: Sequence[Hunk]) -> Mapping[int, str]:
    """What changed in long lines, by the place in the diff below which it is shown."""
    first = islice(_long_pairs(diff, hunks), MAX_EXPLAINED)
    found = ((at, changed_words(before, diff[at][1:])) for at, before in first)
    return {at: " ".join(shown.split()) for at, shown in found if shown}


def _long_pairs(diff: Sequence[str], hunks: Sequence[Hunk]) -> Iterator[tuple[int, str]]:
    for hunk in hunks:
        for gone, come in zip(hunk.runs, hunk.runs[1:], strict=False):
            if come.at == gone.at + gone.count and come.is_added:
                removed = [line[1:] for line in diff[gone.at : gone.at + gone.count]]
                added = [line[1:] for line in diff[come.at : come.at + come.count]]
                yield from ((come.at + place, old) for place, old in pairs(removed, added))
