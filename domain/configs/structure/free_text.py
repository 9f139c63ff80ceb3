"""Where people write as they like within a text: nothing in it opens or closes a block."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_FREE_LINES: Final = 2_000  # lines of a banner, a remark or a quoted text; what goes on for longer is none
MAX_ENDLESS: Final = 100  # banners and remarks without an end in one text, after which no further end is looked for

BANNER_WORDS: Final = ("banner ", "aaa authentication ", "menu ")  # with one of them each banner begins
_BANNER: Final = re.compile(
    r"(?:banner [\w-]{1,40}|aaa authentication (?:banner|fail-message)|menu \S{1,40} (?:title|prompt))"
    r"(?:[ \t]+(\^C|\S)(.*)|[ \t\r]*)\Z"
)


class FreeTexts:
    """Finds where the free texts of one configuration end."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._left = MAX_ENDLESS

    def last(self, start: int, is_end: Callable[[str], bool]) -> int:
        """The first line behind ``start`` that ends what begins there; ``start`` itself: it has no end."""
        if self._left <= 0:
            return start
        for index in range(start + 1, min(len(self._lines), start + 1 + MAX_FREE_LINES)):
            if is_end(self._lines[index]):
                return index
        self._left -= 1
        return start

    def last_of_banner(self, start: int) -> int:
        """The last line of the banner that begins in line ``start``; ``start`` itself where none does.

        It ends with the mark that opened it or, as EOS does it, with a line ``EOF``.
        """
        found = _BANNER.match(self._lines[start])
        if found is None or (found[1] and found[1] in found[2]):
            return start
        mark = found[1]
        return self.last(start, lambda line: mark in line if mark else line.rstrip() == "EOF")


def is_quote_open(line: str) -> bool:
    """Whether ``line`` opens a quoted text that it does not close, or closes one that it did not open."""
    if '"' not in line:
        return False
    if "\\" in line:
        line = line.replace("\\\\", "").replace('\\"', "")
    return line.count('"') % 2 == 1
