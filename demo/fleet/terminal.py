"""The device's end of a channel: keys and lines come in, bytes go out no faster than the client takes them."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from demo.fleet.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    import asyncssh

_PIECE = 32_768  # bytes handed to the channel at once
_RANDOM_PIECE = 300  # bytes, the largest of the random chunks
_BACKSPACES = b"\x08\x7f"
_LINE_ENDS = b"\r\n"
_CTRL_C, _CTRL_D, _CR, _LF = 3, 4, 13, 10
_FIRST_PRINTABLE = 32


class Hangup(Exception):
    """The person at the other end is gone, or said goodbye."""


class Terminal:
    """What a session types and sees."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], faults: frozenset[Fault], *, has_pty: bool) -> None:
        self.has_pty = has_pty
        self._channel = channel
        self._faults = faults
        self._typed = bytearray()
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._is_over = False
        self._after_cr = False
        self._dice = random.Random(7)  # noqa: S311 - where packets are cut is no secret

    def feed(self, data: bytes) -> None:
        """Take what the client sent."""
        self._typed += data
        self._arrived.set()

    def end_input(self) -> None:
        """The client will send no more."""
        self._is_over = True
        self._arrived.set()

    def hold(self) -> None:
        """The client's window is full."""
        self._writable.clear()

    def release(self) -> None:
        """The client takes bytes again."""
        self._writable.set()

    async def silence(self) -> None:
        """Say nothing for ever: only the end of the connection ends it."""
        await asyncio.get_running_loop().create_future()

    async def key(self) -> int:
        """The next byte typed.

        Raises:
            Hangup: there will be none.
        """
        while not self._typed:
            if self._is_over:
                raise Hangup
            self._arrived.clear()
            await self._arrived.wait()
        byte = self._typed[0]
        del self._typed[0]
        skip, self._after_cr = self._after_cr and byte == _LF, byte == _CR
        return await self.key() if skip else byte

    async def line(self, *, echo: bool) -> str:
        """The next line typed, without its end. CR, LF and CR LF each end one.

        Raises:
            Hangup: the input ended, or the line is an empty one ended by Ctrl-D.
        """
        typed, shown = bytearray(), bytearray()
        while (byte := await self.key()) not in _LINE_ENDS:
            if byte == _CTRL_D and not typed:
                raise Hangup
            shown += _edit(typed, byte)
            if echo and not self._typed:
                await self.send(bytes(shown))
                shown.clear()
        if echo and shown:
            await self.send(bytes(shown))
        return typed.decode("utf-8", "replace").strip()

    async def send(self, data: bytes) -> None:
        """Send ``data`` as it is, cut the way this connection's faults want."""
        for piece in self._pieces(data):
            if not self._writable.is_set():
                await self._writable.wait()
            self._channel.write(piece)
            if len(piece) < len(data):
                await asyncio.sleep(0)

    async def send_error(self, data: bytes) -> None:
        """Send ``data`` where errors go: beside the output on an exec channel, in it on a terminal."""
        if self.has_pty:
            await self.send(data)
        else:
            self._channel.write_stderr(data)

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        start = 0
        while start < len(data):
            size = self._piece_size()
            yield data[start : start + size]
            start += size

    def _piece_size(self) -> int:
        if Fault.BYTE_BY_BYTE in self._faults:
            return 1
        if Fault.RANDOM_CHUNKS in self._faults:
            return self._dice.randint(1, _RANDOM_PIECE)
        return _PIECE


def _edit(typed: bytearray, byte: int) -> bytes:
    """Put one typed byte into the line and return what the screen shows for it."""
    if byte in _BACKSPACES:
        if not typed:
            return b""
        del typed[-1]
        return b"\b \b"
    if byte == _CTRL_C:
        typed.clear()
        return b"^C"
    if byte < _FIRST_PRINTABLE:
        return b""
    typed.append(byte)
    return bytes([byte])
