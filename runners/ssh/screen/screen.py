"""What a device printed: lines ended, byte for byte, and the line that the cursor is in.

Only the line of the cursor is ever drawn, to look for a prompt or a pager's question in it. Of the bytes nothing
is carried out and nothing is left out, but a pager's question that was answered and then wiped off.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runners.ssh.screen.emulation import Drawn, is_plain
from runners.ssh.screen.pagers import Page, question_at
from runners.ssh.screen.wipes import PageReply, Wipe

if TYPE_CHECKING:
    import re

    from runners.ssh.screen.pagers import Question

_TAIL = 512  # cells of the line of the cursor that are looked at
_DRAWN = 2048  # bytes of that line that are drawn, so that hostile text costs no more than its length
_ABOVE = 2048  # bytes of the lines above


class Screen:
    """The bytes since the last ``take``: whole lines, and the line of the cursor."""

    def __init__(self, pager: re.Pattern[str] | None = None) -> None:
        self.pages: list[Page] = []  # turned since the last ``take``
        self._pager = pager
        self._ended = bytearray()
        self._line = bytearray()
        self.known_words = b""  # of the last question that was wiped off
        self._question: Question | None = None  # answered; ``_base`` is where the bytes that it was read from began
        self._base = 0

    def feed(self, data: bytes) -> None:
        """Take in what the device sent."""
        if self._question is not None:
            self._line += data
            self._settle(self._question)
            return
        end = data.rfind(b"\n") + 1
        if end:
            self._ended += self._line
            self._ended += data[:end]
            self._line.clear()
            data = data[end:]
        self._line += data

    @property
    def tail(self) -> str:
        """The end of the line that the cursor is in, as it is shown."""
        if not self._line:
            return ""
        line = bytes(self._line[-_DRAWN:])
        seen = line if is_plain(line) else Drawn(line).text
        return seen[-_TAIL:].decode("utf-8", "replace")

    @property
    def ended_tail(self) -> str:
        """The end of the lines ended, as text."""
        return self._ended[-_ABOVE:].decode("utf-8", "replace")

    @property
    def size(self) -> int:
        """Bytes in the lines ended."""
        return len(self._ended)

    def since(self, size: int) -> bytes:
        """The lines ended since there were ``size`` bytes of them."""
        return bytes(self._ended[size:])

    def take(self, size: int | None = None) -> tuple[bytes, list[Page]]:
        """The lines ended, or the first ``size`` bytes, and the pages turned in them; only the cursor's line stays."""
        text = bytes(self._ended[:size])
        pages = [page for page in self.pages if page.offset <= len(text)]
        self._ended.clear()
        self.pages.clear()
        return text, pages

    def forget_before(self, offset: int) -> None:
        """Drop the first ``offset`` bytes of the lines ended."""
        del self._ended[:offset]
        self.pages = [replace(page, offset=page.offset - offset) for page in self.pages if page.offset >= offset]

    def clear(self) -> None:
        """Drop everything, the line of the cursor too."""
        self._ended.clear()
        self._line.clear()
        self.pages.clear()
        self._question = None

    def question(self, tail: str) -> Question | None:
        """The pager's question in ``tail``, that the cursor stands behind; None: none, or it is answered already."""
        if not tail or self._pager is None or self._question is not None or not self._pager.search(tail):
            return None
        return question_at(bytes(self._line[-_DRAWN:]), self._pager)

    def answer(self, question: Question) -> None:
        """``question`` is being answered: from what comes next is seen whether it was one."""
        self._question = question
        self._base = max(len(self._line) - _DRAWN, 0)

    def _settle(self, question: Question) -> None:
        """Take the question away if it is wiped off; a line that was no question stays as it is."""
        line = bytes(self._line[self._base :])
        reply = question.read(line)
        if reply is PageReply.UNDECIDED:
            return
        self._question = None
        is_wiped = isinstance(reply, Wipe)
        start = question.start_in(line, reply.lead) if isinstance(reply, Wipe) else question.start
        self.pages.append(
            Page(
                offset=len(self._ended) + self._base + start,
                question=line[start : question.end],
                is_wiped=is_wiped,
                is_alone=start == 0,
                is_exact=isinstance(reply, Wipe) and reply.is_exact,
            )
        )
        if isinstance(reply, Wipe):
            self.known_words = question.words.cells
            del self._line[self._base + start : self._base + question.end + reply.size]
        rest = bytes(self._line)
        self._line.clear()
        self.feed(rest)
