"""Log lines that fell into an answer: which lines they are, and what came with them."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from runners.ssh.screen.emulation import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_PART = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)  # of a pattern: escaped, a class, or one character
_MAX_NOISE_BYTES = 1024  # bytes of a line in which a log line shows itself


class Noise:
    """The log lines of a platform, as its file's pattern says."""

    def __init__(self, pattern: re.Pattern[str] | None) -> None:
        self._pattern = pattern
        self._fast = _behind_line_end(pattern.pattern) if pattern else None
        self._needs_percent = pattern is not None and _needs_percent(pattern.pattern)

    def is_shown(self, line: str) -> bool:
        """Whether ``line`` is a log line."""
        return self._pattern is not None and self._pattern.search(line) is not None

    def taken_out(
        self, printed: bytes, is_prompt: Callable[[str], bool], questions: Sequence[bytes] = ()
    ) -> tuple[bytes, bool]:
        """``printed`` without log lines and what came with them, and whether there were any.

        Each comes with an empty line in front if they all do. A prompt that was drawn before one, and a pager's
        question that one cut off, go with it.
        """
        spans = self._groups(printed)
        if not spans:
            return printed, False
        lines = [_line_before(printed, start) for start, _ in spans]
        have_blank = all(_is_blank(line) for line in lines)
        kept = bytearray()
        done = 0
        for (start, end), line in zip(spans, lines, strict=True):
            kept += printed[done : start - len(line) if have_blank else start]
            done = end
            before = _line_before(kept, len(kept))
            if _without_line_end(before) in questions:
                del kept[len(kept) - len(before) :]
        kept += printed[done:]
        last = _line_before(kept, len(kept))
        if spans[-1][1] == len(printed) and is_prompt(shown(last)):
            del kept[len(kept) - len(last) :]
        return bytes(kept), True

    def _groups(self, printed: bytes) -> list[tuple[int, int]]:
        """Where groups of log lines begin and end; an empty line between two belongs to the group."""
        groups: list[tuple[int, int]] = []
        for start, end in self._lines(printed):
            if groups and _is_blank(printed[groups[-1][1] : start]):
                groups[-1] = (groups[-1][0], end)
            else:
                groups.append((start, end))
        return groups

    def _lines(self, printed: bytes) -> Iterator[tuple[int, int]]:
        if self._needs_percent and b"%" not in printed:
            return
        if self._fast is None:
            yield from self._line_by_line(printed)
            return
        text = b"\n" + printed
        position = 0
        while match := self._fast.search(text, position):
            start = match.start()
            position = printed.find(b"\n", start) + 1 or len(printed)
            yield start, position

    def _line_by_line(self, printed: bytes) -> Iterator[tuple[int, int]]:
        start = 0
        while self._pattern and start < len(printed):
            end = printed.find(b"\n", start) + 1 or len(printed)
            if self.is_shown(
                _without_line_end(printed[start : min(end, start + _MAX_NOISE_BYTES)]).decode("utf-8", "replace")
            ):
                yield start, end
            start = end


@lru_cache(maxsize=64)
def _behind_line_end(pattern: str) -> re.Pattern[bytes] | None:
    """A pattern of log lines that begins with the line end before them: it is found ten times as fast.

    None: not every pattern can be written so.
    """
    if not (pattern.startswith("^(?:") and pattern.endswith(")")) or "$" in pattern or "\\Z" in pattern:
        return None
    try:
        return re.compile(b"\n\r*(?:" + re.compile(pattern[4:-1]).pattern.encode() + b")", re.MULTILINE)
    except re.error:  # the first bracket does not enclose all of it
        return None


@lru_cache(maxsize=64)
def _needs_percent(pattern: str) -> bool:
    """Whether nothing without a per cent sign can match: a text that has none need not be searched."""
    if pattern.startswith("^"):
        return _needs_percent(pattern[1:])
    flat = list(_at_top(pattern))
    bars = [at for at, character in flat if character == "|"]
    if bars:
        edges = [-1, *bars, len(pattern)]
        return all(_needs_percent(pattern[start + 1 : end]) for start, end in pairwise(edges))
    if pattern.startswith("(?:") and [at for at, _ in flat] == [0]:
        return _needs_percent(pattern[3:-1])
    return any(character == "%" and pattern[at + 1 : at + 2] not in {"?", "*", "{"} for at, character in flat)


def _at_top(pattern: str) -> Iterator[tuple[int, str]]:
    """The characters of ``pattern`` outside of classes and groups, with their places; a group counts as its bracket."""
    depth = 0
    for token in _PART.finditer(pattern):
        if token[0] == ")":
            depth -= 1
            continue
        if depth == 0:
            yield token.start(), token[0]
        depth += token[0] == "("


def _line_before(text: bytes | bytearray, end: int) -> bytes:
    """The whole line that ends at ``end``."""
    return bytes(text[text.rfind(b"\n", 0, max(end - 1, 0)) + 1 : end])


def _without_line_end(line: bytes) -> bytes:
    return line.rstrip(b"\r\n")


def _is_blank(text: bytes) -> bool:
    return not text.strip(b"\r\n") and text.count(b"\n") <= 1
