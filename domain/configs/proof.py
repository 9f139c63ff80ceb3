"""Whether what a device printed is its whole configuration, by the text alone.

Nothing is believed because it came without an error: a first capture has no earlier one to be compared with, so
it must show lines that every real configuration of its platform has. An answer that shows none of them is looked
through for the words with which devices refuse; one that does is not, for people write such words into banners.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from domain.configs.closing import document_left_open, left_open
from domain.configs.texts import decode, last_line, with_lf
from domain.failures import FailureKind

if TYPE_CHECKING:
    from domain.configs.platforms import Platform

_SHORT_ANSWER = 600  # characters: an answer this short may be an error text through and through
_FIRST_LINES = 3  # of a longer one: an error text stands at its top
_LONGEST_HEAD = 2000  # characters of the top that are looked at, whatever lines they hold
_PASSING = re.compile(r"(?i)\b(?:locked|busy|try again|retry|later|timed? ?out|temporar\w+|out of memory)\b")
MAX_FREE_TEXT_SEARCHED = 2_000_000  # characters: hostile text must not cost more than its length
_COMMENT = ("!", "#")  # begins a line that says nothing about the device


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a text is not the whole configuration."""

    kind: FailureKind
    note: str  # in our words
    line: str = ""  # the device's own, which may hold a secret

    def __str__(self) -> str:
        return f"{self.note}: {self.line}" if self.line else self.note


def flaw_of(raw: bytes, platform: Platform) -> Flaw | None:
    """What is wrong with ``raw`` as a whole configuration of ``platform``; None: it is one."""
    text = "\n" + with_lf(decode(raw))
    if not text.strip():
        return Flaw(FailureKind.INCOMPLETE, "an empty answer")
    is_shown = bool(platform.must) and all(must.search(text) for must in platform.must)
    if (not is_shown or len(text) <= _SHORT_ANSWER) and (refused := _refusal(text, platform)):
        return refused
    return (
        _hole(text, platform)
        or _no_configuration(text, platform, is_shown=is_shown)
        or _broken_off(raw, text, platform)
        or _left_open(text, platform)
    )


def document_flaw(raw: bytes) -> Flaw | None:
    """What is wrong with ``raw`` as a whole file, by its own form: a document that broke off; None: nothing is."""
    text = "\n" + with_lf(decode(raw))
    return _not_closed(text, document_left_open(text))


def refusal_in(raw: bytes, platform: Platform) -> Flaw | None:
    """The words with which the device refuses the command in place of an answer; None: there are none."""
    return _refusal(with_lf(decode(raw)), platform)


def _refusal(text: str, platform: Platform) -> Flaw | None:
    head = [line for line in text[:_LONGEST_HEAD].split("\n") if line.strip()]
    searched = "\n".join(head if len(text) <= _SHORT_ANSWER else head[:_FIRST_LINES])
    for error in platform.errors:
        if match := error.search(searched):
            line = _line_at(searched, match.start())
            kind = FailureKind.INCOMPLETE if _PASSING.search(line) else FailureKind.COMMAND_REJECTED
            return Flaw(kind, "the device answered", line)
    return None


def _hole(text: str, platform: Platform) -> Flaw | None:
    """The line that stands in the place of a part that is missing."""
    free = _FreeText(text, platform)
    for match in (match for hole in platform.holes for match in hole.finditer(text)):
        if match.start() not in free:
            return Flaw(FailureKind.INCOMPLETE, "a part is missing", _line_at(text, match.start()))
    return None


class _FreeText:
    """Where in a text people write as they like; found only when it is asked for, which is hardly ever."""

    def __init__(self, text: str, platform: Platform) -> None:
        self._text = text
        self._platform = platform

    def __contains__(self, position: int) -> bool:
        return any(_is_inside(position, spans) for spans in self._blocks)

    @cached_property
    def _blocks(self) -> list[list[tuple[int, int]]]:
        if len(self._text) > MAX_FREE_TEXT_SEARCHED:
            return []
        return [[match.span() for match in free.finditer(self._text)] for free in self._platform.free_text]


def _is_inside(position: int, spans: list[tuple[int, int]]) -> bool:
    at = bisect_left(spans, (position, 0)) - 1
    return at >= 0 and position < spans[at][1]


def _no_configuration(text: str, platform: Platform, *, is_shown: bool) -> Flaw | None:
    """Why it is another thing altogether: a frame with nothing in it, another platform's text."""
    lines = _content(text, platform)
    if not lines:
        return Flaw(
            FailureKind.COMMAND_REJECTED, "not one line of configuration came; has the user the right to see it?"
        )
    free = _FreeText(text, platform)
    found = (match for one in platform.foreign for match in one.finditer(text, 0, _LONGEST_HEAD))
    if foreign := next((match for match in found if match.start() not in free), None):
        return Flaw(FailureKind.COMMAND_REJECTED, "a text of another platform", _line_at(text, foreign.start()))
    if platform.must and not is_shown:
        note = f"no line came that every configuration of {platform.title} has; the answer begins with"
        return Flaw(FailureKind.COMMAND_REJECTED, note, lines[0])
    if len(lines) < platform.shortest:
        return Flaw(FailureKind.COMMAND_REJECTED, f"only {len(lines)} lines came", "\n".join(lines))
    return None


def _content(text: str, platform: Platform) -> list[str]:
    """The first lines that say something about the device: no more of them than are asked for."""
    found: list[str] = []
    start = 0
    while start < len(text) and len(found) < max(platform.shortest, 1):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = text[start:end].strip()
        if line and not line.startswith(_COMMENT) and not _is_of_frame(line, platform):
            found.append(line)
        start = end + 1
    return found


def _is_of_frame(line: str, platform: Platform) -> bool:
    return bool((platform.end and platform.end.search(line)) or (platform.volatile and platform.volatile.search(line)))


def _broken_off(raw: bytes, text: str, platform: Platform) -> Flaw | None:
    last = last_line(raw)
    if platform.end:
        if platform.end.search(last):
            return None
        return Flaw(FailureKind.INCOMPLETE, f"{len(raw)} bytes without the end marker, the last line is", last)
    if any(torn.search(last) for torn in platform.unfinished):
        return Flaw(FailureKind.INCOMPLETE, "it breaks off within its last line", last)
    tail = text.rstrip().rpartition("\n")[2][:_LONGEST_HEAD]
    if any(error.search(tail) for error in platform.errors) and text.rfind(tail) not in _FreeText(text, platform):
        return Flaw(FailureKind.INCOMPLETE, "it ends with", last)
    return None


def _left_open(text: str, platform: Platform) -> Flaw | None:
    """What was begun and not ended: everything behind it may be missing."""
    found = left_open(text, platform.syntax) if platform.syntax else None
    return _not_closed(text, document_left_open(text) if found is None else found)


def _not_closed(text: str, position: int | None) -> Flaw | None:
    if position is None:
        return None
    return Flaw(FailureKind.INCOMPLETE, "it breaks off; this has no counterpart", _line_at(text, position))


def _line_at(text: str, position: int) -> str:
    """The line in which ``position`` stands; of a match that begins with a line's end, the line behind it."""
    position += text.startswith("\n", position)
    return re.split("\n", text[text.rfind("\n", 0, position) + 1 : position + _SHORT_ANSWER], maxsplit=1)[0].strip()
