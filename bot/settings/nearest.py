"""The nearest known word to one that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

if TYPE_CHECKING:
    from collections.abc import Iterable

_CLOSE = 65  # of 100


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The word of ``known`` that was probably meant; None when none comes near."""
    found = process.extractOne(word, tuple(known), scorer=fuzz.ratio, processor=str.lower, score_cutoff=_CLOSE)
    return found[0] if found else None


def unknown(kind: str, word: str, known: Iterable[str]) -> str:
    """``unknown site "plant-b"; did you mean plant-a?``, or what there is when nothing comes near."""
    known = sorted(known)
    guess = nearest(word, known)
    if guess:
        return f'unknown {kind} "{word}"; did you mean {guess}?'
    some = ", ".join(known[:8]) + (", ..." if len(known) > 8 else "")  # noqa: PLR2004 - enough to get the idea
    return f'unknown {kind} "{word}"; known: {some or "none is declared"}'
