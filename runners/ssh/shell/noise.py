"""Log lines that fell into an answer: which lines they are, and what came with them."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from runners.ssh.screen.emulation import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

# Of a pattern: an escaped character, a class, a count, or one character.
_ESCAPED = r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|[0-9]{1,3}|.)"
_PART = re.compile(_ESCAPED + r"|\[\^?\]?(?:\\.|[^\]\\])*\]|\{\d*,?\d*\}|.", re.DOTALL)
_PUNCTUATION = re.compile(r"\\[^\w\s]")  # escaped, it stands for itself
_SIGNS = frozenset(".^$*+?")
_OPTIONAL = frozenset({"?", "*", "{"})  # behind a part: it may be missing
_MAX_NOISE_BYTES = 1024  # bytes of a line in which a log line shows itself


class Noise:
    """The log lines of a platform, as its file's pattern says."""

    def __init__(self, pattern: re.Pattern[str] | None) -> None:
        self._pattern = pattern
        self._fast = _behind_line_end(pattern.pattern) if pattern else None
        is_literal = pattern is not None and not pattern.flags & (re.IGNORECASE | re.VERBOSE)
        self._needed = tuple(text.encode() for text in _needed(pattern.pattern)) if pattern and is_literal else ()

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
        """Where each log line begins and ends."""
        starts: Iterable[int]
        if self._fast is None:
            starts = (start for start in self._likely(printed) if self._begins_at(printed, start))
        elif self._needed:
            starts = _matching(self._fast, printed, self._likely(printed))
        else:
            starts = _found(self._fast, printed)
        for start in starts:
            yield start, printed.find(b"\n", start) + 1 or len(printed)

    def _likely(self, printed: bytes) -> list[int]:
        """The beginnings of lines that may be log lines: those that hold what each log line holds."""
        if not self._needed:
            return [0, *(end.end() for end in re.finditer(b"\n", printed))]
        return sorted({start for text in self._needed for start in _lines_with(text, printed)})

    def _begins_at(self, printed: bytes, start: int) -> bool:
        line = printed[start : start + _MAX_NOISE_BYTES].split(b"\n", 1)[0]
        return self.is_shown(_without_line_end(line).decode("utf-8", "replace"))


def _lines_with(text: bytes, printed: bytes) -> Iterator[int]:
    at = printed.find(text)
    while at >= 0:
        yield printed.rfind(b"\n", 0, at) + 1
        end = printed.find(b"\n", at)
        at = printed.find(text, end) if end >= 0 else -1


def _matching(behind_line_end: re.Pattern[bytes], printed: bytes, starts: Sequence[int]) -> Iterator[int]:
    if starts:
        text = b"\n" + printed
        yield from (start for start in starts if behind_line_end.match(text, start))


def _found(behind_line_end: re.Pattern[bytes], printed: bytes) -> Iterator[int]:
    text = b"\n" + printed
    position = 0
    while match := behind_line_end.search(text, position):
        yield match.start()
        position = printed.find(b"\n", match.start()) + 1 or len(printed)


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
def _needed(pattern: str) -> tuple[str, ...]:
    """One of these stands in whatever ``pattern`` matches: a text without any need not be searched. Empty: unknown."""
    found: list[str] = []
    for branch in _branches(_items(pattern.removeprefix("^"))):
        needed = max(_needed_parts(branch), key=_rarity, default=())
        if not needed:
            return ()
        found += needed
    return tuple(found)


def _rarity(texts: tuple[str, ...]) -> tuple[bool, int]:
    """How seldom a configuration holds one of ``texts``: a per cent sign is rare, and so is what is long."""
    return all("%" in text for text in texts) and bool(texts), min(map(len, texts), default=0)


def _needed_parts(branch: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Everything that must stand there: each run of plain characters, and one text of each group."""
    run = ""
    for item, behind in pairwise([*branch, ""]):
        is_optional = behind[:1] in _OPTIONAL
        character = item[-1] if item not in _SIGNS and (len(item) == 1 or _PUNCTUATION.fullmatch(item)) else ""
        if character and not is_optional:
            run += character
            continue
        yield (run,) * bool(run)
        run = ""
        if item.startswith("(?:") and not is_optional:
            yield _needed(item[3:-1])
    yield (run,) * bool(run)


def _branches(items: Sequence[str]) -> list[list[str]]:
    branches: list[list[str]] = [[]]
    for item in items:
        if item == "|":
            branches.append([])
        else:
            branches[-1].append(item)
    return branches


def _items(pattern: str) -> list[str]:
    """``pattern`` taken apart: characters, classes, quantifiers and whole groups."""
    items: list[str] = []
    depth = 0
    for token in _PART.finditer(pattern):
        if depth:
            items[-1] += token[0]
        else:
            items.append(token[0])
        depth += (token[0] == "(") - (token[0] == ")")
    return items


def _line_before(text: bytes | bytearray, end: int) -> bytes:
    """The whole line that ends at ``end``."""
    return bytes(text[text.rfind(b"\n", 0, max(end - 1, 0)) + 1 : end])


def _without_line_end(line: bytes) -> bytes:
    return line.rstrip(b"\r\n")


def _is_blank(text: bytes) -> bool:
    return not text.strip(b"\r\n") and text.count(b"\n") <= 1
