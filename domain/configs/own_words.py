"""The words with which an agent logs in, where a device repeats them in its configuration: a banner, a script, a note.

Only the agent knows them. It marks where they stand in the text that it sends; the mark is two numbers, which tell
nothing without the text, and the text has the word in it anyway. Whoever shows the text masks what is marked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.configs.leaks import stands_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Mark = tuple[int, int]  # where a word begins and ends, in bytes

_SHORTEST: Final = 3  # characters: less is in every text by chance
MAX_WORD_LENGTH: Final = 1000  # bytes of a mark


@dataclass(frozen=True, slots=True)
class StoredText:
    """The text of a version, and those of its agent's words that stand in it."""

    raw: bytes
    own_words: tuple[str, ...] = ()


def marks(raw: bytes, words: Iterable[str]) -> tuple[Mark, ...]:
    """One place in ``raw`` for each of ``words`` that stands there: from it the others can be found."""
    found = (_first(raw, word) for word in sorted(set(words)))
    return tuple(mark for mark in found if mark)


def marked(raw: bytes, places: Iterable[Mark]) -> StoredText:
    """``raw`` with the words at ``places``; a place that is not in it is none."""
    within = ((start, end) for start, end in places if 0 <= start < end <= min(len(raw), start + MAX_WORD_LENGTH))
    return StoredText(raw, tuple(dict.fromkeys(_decoded(raw[start:end]) for start, end in within)))


def standing(text: str, words: Iterable[str]) -> Iterator[Mark]:
    """Where ``words`` stand in ``text``, in characters."""
    for word in words:
        yield from (found.span() for found in _expression(word).finditer(text))


def _first(raw: bytes, word: str) -> Mark | None:
    if len(word) < _SHORTEST:
        return None
    for encoding in ("utf-8", "latin-1"):
        try:
            expression = _expression(word).pattern.encode(encoding)
        except UnicodeEncodeError:  # it cannot stand there in this encoding
            continue
        if found := re.search(expression, raw):
            return found.span()
    return None


def _expression(word: str) -> re.Pattern[str]:
    """An ordinary word counts where it stands alone, any other one within longer ones too."""
    whole = re.escape(word)
    return re.compile(whole if stands_out(word) else rf"(?<![0-9A-Za-z]){whole}(?![0-9A-Za-z])")


def _decoded(word: bytes) -> str:
    try:
        return word.decode()
    except UnicodeDecodeError:
        return word.decode("latin-1")
