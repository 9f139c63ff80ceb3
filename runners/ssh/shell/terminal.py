"""One shell of a device: feeds the screen, and waits for the end of what the device is printing.

Only the line of the cursor is ever looked at, and only a line that stands still for a moment counts: a line
inside a configuration may look like a prompt, and a packet may end right behind it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncssh

from domain.failures import DeviceError, FailureKind
from runners.ssh.failures import as_device_error
from runners.ssh.screen.pagers import same_words
from runners.ssh.screen.screen import Screen
from runners.ssh.transcript import Transcript

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from runners.ssh.screen.pagers import Question

_MAX_PAGES = 100_000  # turned in one session


@dataclass(frozen=True, slots=True)
class PagerPace:
    """Seconds for which a pager's question must stand still: the first one, and others with the same words."""

    first_page: float
    next_page: float


HASTE = PagerPace(0.01, 0.001)
LEISURE = PagerPace(0.5, 0.5)  # for a text that halts behind words like a pager's


class Terminal(asyncssh.SSHClientSession[bytes]):
    """The session of a shell, as asyncssh's own callbacks: no stream, no search through what was printed."""

    def __init__(self, *, pager: re.Pattern[str] | None, size: int, transcript: Transcript | None = None) -> None:
        self.screen = Screen(pager)
        self.transcript = transcript or Transcript()
        self.pace = HASTE
        self._pages_left = _MAX_PAGES
        self._left = size  # bytes that may still come
        self._loop = asyncio.get_running_loop()
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._judge: Callable[[str], float | None] | None = None
        self._waiter: asyncio.Future[str] | None = None
        self._error: DeviceError | None = None
        self._quiet: asyncio.TimerHandle | None = None
        self._heard = self._loop.time()

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        """Remember the channel that asyncssh opened for this session."""
        self._channel = chan
        self.transcript.open()

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:  # noqa: ARG002 - asyncssh's signature
        """Take in a packet, standard output and standard error alike."""
        self.transcript.seen(data)
        self._left -= len(data)
        if self._left < 0:
            self._fail(DeviceError(FailureKind.TOO_LARGE))
            return
        self._heard = self._loop.time()
        self.screen.feed(data)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is gone: whoever waits learns it at once."""
        known = as_device_error(exc) if exc else None
        self._fail(known or DeviceError(FailureKind.CONNECTION_LOST, "the device closed the session"))

    def write(self, text: str) -> None:
        """Send ``text`` as it is."""
        if self._channel is None or self._error:
            raise self._error or DeviceError(FailureKind.CONNECTION_LOST, "the session is closed")
        self.transcript.sent(text)
        self._channel.write(text.encode())

    async def until(self, judge: Callable[[str], float | None], *, silence: float, kind: FailureKind) -> str:
        """Wait until the line of the cursor satisfies ``judge`` and stands still; that line.

        Args:
            judge: given the line, the seconds of quiet that prove it, or None when it is not what is waited for.
            silence: seconds without a byte after which the wait fails with ``kind``.
            kind: what to call such a silence.

        Raises:
            DeviceError: ``kind``, the session was lost, or the device sent too much.
        """
        if self._error:
            raise self._error
        self._judge = judge
        self._waiter = self._loop.create_future()
        self._heard = self._loop.time()
        watch = self._loop.call_later(silence, self._check_silence, silence, kind)
        self._watch = watch
        try:
            self._look()
            return await self._waiter
        finally:
            self._watch.cancel()
            self._stop_quiet()
            self._waiter = self._judge = None

    def _check_silence(self, silence: float, kind: FailureKind) -> None:
        left = self._heard + silence - self._loop.time()
        if left <= 0:
            self._fail(DeviceError(kind, f"no output for {silence:g} s"))
            return
        self._watch = self._loop.call_later(left, self._check_silence, silence, kind)

    def _look(self) -> None:
        """See whether the line of the cursor is what is waited for, or a pager's question."""
        self._stop_quiet()
        if self._judge is None:
            return
        line = self.screen.tail
        quiet = self._judge(line)
        if quiet is not None:
            self._quiet = self._loop.call_later(quiet, self._found, line)
        elif question := self.screen.question(line):
            is_known = same_words(question.words.cells, self.screen.known_words)
            pause = self.pace.next_page if is_known else self.pace.first_page
            self._quiet = self._loop.call_later(pause, self._turn_page, question)

    def _found(self, line: str) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(line)

    def _turn_page(self, question: Question) -> None:
        """Answer a pager: one blank, and never a newline, which some take for "one more line"."""
        self._pages_left -= 1
        if self._pages_left < 0:
            self._fail(DeviceError(FailureKind.TOO_LARGE, f"more than {_MAX_PAGES:,} pages"))
            return
        self.transcript.paged(self.screen.tail)
        self.screen.answer(question)
        if self._channel and not self._channel.is_closing():
            self._channel.write(b" ")

    def _stop_quiet(self) -> None:
        if self._quiet:
            self._quiet.cancel()
            self._quiet = None

    def _fail(self, error: DeviceError) -> None:
        self._error = self._error or error
        self._stop_quiet()
        if self._waiter and not self._waiter.done():
            self._waiter.set_exception(self._error)
        if self._channel and error.kind is FailureKind.TOO_LARGE:
            self._channel.abort()
