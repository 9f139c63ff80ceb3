"""Frames on a local socket: four bytes of length, then one message as JSON."""

from __future__ import annotations

import asyncio
import struct

_LENGTH = struct.Struct(">I")
MAX_FRAME_BYTES = 96 * 1024 * 1024  # bytes: the largest capture, in base64, with room to spare


def framed(content: bytes) -> bytes:
    """``content`` as it goes over the socket."""
    return _LENGTH.pack(len(content)) + content


async def read_frame(reader: asyncio.StreamReader) -> bytes | None:
    """The content of the next frame; None: the other end is gone, perhaps in the middle of one."""
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        return await reader.readexactly(length) if length <= MAX_FRAME_BYTES else None
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
