"""Where the secrets of a text stand: what exact rules find and what the general net catches, each counted once.

All of them are looked for in the text as it was, never in one that is masked already: else the tag of one rule would be
the secret of the next.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from domain.configs.secret_net import caught

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from domain.configs.patterns import Expression, Found

Place = tuple[int, int]  # where a secret begins and ends

_TAG = re.compile(  # not the element of XML with its content
    r"<secret(?: [0-9a-f]{4,8}>|>(?=[\s.,;:)]|\Z)(?![^<]{0,2000}</secret>))"
)
HIDDEN: Final = "\ue000"  # a private letter: to every rule a tag is one word, and no part of another
_OUTSIDE = re.compile(rf"[^{HIDDEN}\s\\](?:[^{HIDDEN}\n]*[^{HIDDEN}\s\\])?")  # what is left beside tags
_QUOTES: Final = ('\\"', '"', "'")


def places(text: str, rules: Sequence[Expression]) -> list[Place]:
    """Where secrets stand in ``text``, in order and apart from each other. Tags are none."""
    hidden = without_tags(text)
    found = [(kept(match), match.end()) for rule in rules for match in rule.finditer(hidden)]
    found = [_unquoted(hidden, *place) for place in united([*found, *caught(hidden)])]
    if hidden is not text:
        found = [part for place in found for part in _outside_tags(hidden, *place)]
    return [(start, end) for start, end in found if start < end]


def kept(match: Found) -> int:
    """Where what stays of a match ends, and the secret begins: behind its group."""
    return match.end(match.lastindex) if match.lastindex else match.start()


def united(found: Iterable[Place]) -> list[Place]:
    """``found`` in order, those that overlap as one."""
    whole: list[Place] = []
    for start, end in sorted(found):
        if whole and start < whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole


def without_tags(text: str) -> str:
    """``text`` in which each tag of an earlier masking is one word without meaning, as long as it was."""
    if "<secret" not in text:
        return text
    return _TAG.sub(lambda tag: HIDDEN * len(tag[0]), text)


def _unquoted(text: str, start: int, end: int) -> Place:
    """The place without the quotes round it: a secret is the same with and without them."""
    for quote in _QUOTES:
        size = len(quote)
        if end - start >= 2 * size and text.startswith(quote, start) and text.endswith(quote, start, end):
            return start + size, end - size
    return start, end


def _outside_tags(text: str, start: int, end: int) -> Iterator[Place]:
    for part in _OUTSIDE.finditer(text, start, end):
        yield part.span()
