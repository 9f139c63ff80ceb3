"""What stands over changed lines, and the first of them under their headings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.configs.structure.outlines import says_something

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from domain.configs.structure.hunks import Hunk, LineRun
    from domain.configs.structure.outlines import Outline

MAX_HEADING: Final = 200  # characters of the names of parents over a change
MAX_GLANCE_LINES: Final = 8  # changed lines that are shown at a glance
_BETWEEN: Final = " › "


def heading(diff: Sequence[str], runs: Sequence[LineRun], older: Outline, newer: Outline) -> str:
    """What encloses the first line of ``runs`` that says something; of nothing but remarks the first."""
    run, place = _first_telling(diff, runs)
    parts = (newer if run.is_added else older).titles(run.first + place)
    while len(_BETWEEN.join(parts)) > MAX_HEADING:
        parts = [parts[0], "…", *parts[2 + (parts[1] == "…") :]]
    return _BETWEEN.join(parts)


def glance(diff: Sequence[str], hunks: Sequence[Hunk], older: Outline, newer: Outline) -> str:
    """The first changed lines under their headings, without those around them: whole changes while they find room."""
    shown: list[str] = []
    room = MAX_GLANCE_LINES
    last = ""
    for change in (change for hunk in hunks for change in _changes(hunk)):
        lines = diff[change[0].at : change[-1].at + change[-1].count]
        if room <= 0 or (shown and len(lines) > room):
            break
        above = heading(diff, change, older, newer)
        shown += [] if above == last else [f"@@ {above}".rstrip()]
        shown += lines[:room]
        room, last = room - len(lines), above
    return "\n".join(shown)


def _changes(hunk: Hunk) -> Iterator[list[LineRun]]:
    """The runs of ``hunk`` that stand together: what is removed, and what is put in its place."""
    together: list[LineRun] = []
    for run in hunk.runs:
        if together and run.at != together[-1].at + together[-1].count:
            yield together
            together = []
        together.append(run)
    if together:
        yield together


def _first_telling(diff: Sequence[str], runs: Sequence[LineRun]) -> tuple[LineRun, int]:
    for run in runs:
        for place in range(run.count):
            if says_something(diff[run.at + place][1:]):
                return run, place
    return runs[0], 0
