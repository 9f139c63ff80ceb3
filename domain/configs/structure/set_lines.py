"""Texts in which each line holds its whole path: ``set interfaces ethernet eth0 address 192.0.2.7/24``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_PATH: Final = 2_000  # characters at the start of a line in which its path is looked for

_WORD: Final = re.compile(r"""(?:<secret [0-9a-f]{4,8}>|'[^']*'|"[^"]*"|\S)+""")


def path_of(lines: Sequence[str], index: int) -> str:
    """What of the path of line ``index`` encloses more than this line: the part that a neighbour shares.

    The lines of a block stand together, so a block with more than one line in it shows in a neighbour.
    """
    words = _words(lines[index])
    near = (_words(lines[other]) for other in (index - 1, index + 1) if 0 <= other < len(lines))
    return " ".join(words[: max((_shared(words, other) for other in near), default=0)])


def _words(line: str) -> list[str]:
    """The path without the verb before it."""
    return _WORD.findall(line[:MAX_PATH])[1:]


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both begin with; the last of the first is its own."""
    pairs = enumerate(zip(one, other, strict=False))
    most = min(len(other), max(len(one) - 1, 0))
    return next((place for place, (left, right) in pairs if left != right or place == most), most)
