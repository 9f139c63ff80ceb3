"""The words with which an agent logs in, where a device repeats them in its configuration: a banner, a script, a note.

Only the agent knows them. It marks where they stand in the text that it sends; the mark is two numbers, which tell
nothing without the text, and the text has the word in it anyway. Whoever shows the text masks what is marked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, AnyStr, Final

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
        yield from _places(text, word, whole=not stands_out(word))


def _first(raw: bytes, word: str) -> Mark | None:
    if len(word) < _SHORTEST:
        return None
    for encoded in _encodings(word):
        if found := next(_places(raw, encoded, whole=not stands_out(word)), None):
            return found
    return None


def _encodings(word: str) -> Iterator[bytes]:
    """``word`` in each way in which a device may write it, once."""
    for encoding in ("utf-8", "latin-1")[: 1 if word.isascii() else 2]:
        try:
            yield word.encode(encoding)
        except UnicodeEncodeError:  # it cannot stand there in this encoding
            continue


def _places(text: AnyStr, word: AnyStr, *, whole: bool) -> Iterator[Mark]:
    """Where ``word`` stands, one place behind the other. ``whole``: not within a longer word.

    By plain search: an expression that first looks at what stands before tries itself at each character.
    """
    at = text.find(word)
    while word and at >= 0:
        end = at + len(word)
        is_there = not (whole and (_is_alnum(text[at - 1 : at]) or _is_alnum(text[end : end + 1])))
        if is_there:
            yield at, end
        at = text.find(word, end if is_there else at + 1)


def _is_alnum(character: str | bytes) -> bool:
    return character.isascii() and character.isalnum()


def _decoded(word: bytes) -> str:
    try:
        return word.decode()
    except UnicodeDecodeError:
        return word.decode("latin-1")
