"""What changed within a long line: ``[-removed-]{+added+}`` with a little of what stands around it."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LONG_LINE: Final = 100  # characters: in longer lines a reader does not see what changed
MAX_LONG_LINE: Final = 20_000  # characters of a line whose words are compared
MAX_WORDS: Final = 150  # words of the changed part of a line that are compared one by one
MAX_SHOWN_CHANGE: Final = 600  # characters of what is shown of one line
MAX_AROUND: Final = 6  # words of what stayed, on both sides of what changed

# With what parts it from the word before it, so that few words are alike. A tag is one word: half of it says nothing.
_WORD: Final = re.compile(r"[\s,;=]*(?:<secret [0-9a-f]{4,8}>|[^\s,;=])+|[\s,;=]+")


def pairs(removed: Sequence[str], added: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Which added lines are long removed ones with a change in them: the place of each, and its older form.

    Of as many removed as added lines each is the other's older form; else those that begin with the same words.
    """
    if len(removed) == len(added):
        yield from ((place, old) for place, old in enumerate(removed) if _are_long(old, added[place]))
        return
    known: dict[tuple[str, ...], str | None] = {}
    for line in removed:
        known[_key(line)] = None if _key(line) in known else line
    for place, line in enumerate(added):
        if (old := known.pop(_key(line), None)) and _are_long(old, line):
            yield place, old


def changed_words(before: str, after: str) -> str:
    """What differs between two forms of a line, both masked already; empty: most of it does, or it has no end."""
    if max(len(before), len(after)) > MAX_LONG_LINE:
        return ""
    old, new = _WORD.findall(before), _WORD.findall(after)
    start = _same(old, new)
    end = _same(old[start:][::-1], new[start:][::-1])
    changed = old[start : len(old) - end], new[start : len(new) - end]
    if 2 * max(map(_size, changed)) > max(len(before), len(after)):
        return ""
    shown = "".join([*_tail(new[:start]), *_marked(*changed), *_head(new[len(new) - end :])])
    return shown if len(shown) <= MAX_SHOWN_CHANGE else shown[: MAX_SHOWN_CHANGE - 1] + "…"


def _are_long(before: str, after: str) -> bool:
    return before != after and min(len(before), len(after)) > LONG_LINE


def _key(line: str) -> tuple[str, ...]:
    return tuple(line[:LONG_LINE].split()[:2])


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))


def _size(words: Sequence[str]) -> int:
    return sum(map(len, words))


def _marked(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """The changed part; of what stayed within it the ends of each stretch."""
    if max(len(old), len(new)) > MAX_WORDS:
        yield _replaced(old, new)
        return
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    yield _replaced(old[: blocks[0].a], new[: blocks[0].b])
    for block, following in pairwise(blocks):
        yield from _middle(new[block.b : block.b + block.size])
        left, right = block.a + block.size, block.b + block.size
        yield _replaced(old[left : following.a], new[right : following.b])


def _replaced(old: Sequence[str], new: Sequence[str]) -> str:
    removed = f"[-{''.join(old)}-]" if old else ""
    return removed + (f"{{+{''.join(new)}+}}" if new else "")


def _head(words: Sequence[str]) -> Sequence[str]:
    return [*words[:MAX_AROUND], "…"] if len(words) > MAX_AROUND else words


def _tail(words: Sequence[str]) -> Sequence[str]:
    return ["…", *words[-MAX_AROUND:]] if len(words) > MAX_AROUND else words


def _middle(words: Sequence[str]) -> Sequence[str]:
    return [*words[:MAX_AROUND], "…", *words[-MAX_AROUND:]] if len(words) > 2 * MAX_AROUND else words
