"""The agent's end of the local socket."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from runners.wire.frames import framed, read_frame
from runners.wire.messages import FROM_AGENT, TO_AGENT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from runners.wire.messages import FromAgent, ToAgent

MAX_SOCKET_BUFFER = 4 * 1024 * 1024  # bytes that may wait in the socket before senders wait


class Link:
    """One connection to ``serve``; when it ends, so does the agent: a child never outlives its parent."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._turn = asyncio.Lock()
        writer.transport.set_write_buffer_limits(high=MAX_SOCKET_BUFFER)

    @classmethod
    async def open(cls, socket: Path) -> Link:
        """Connect to the socket that ``serve`` listens on.

        Raises:
            OSError: nobody listens there.
        """
        return cls(*await asyncio.open_unix_connection(str(socket)))

    async def send(self, message: FromAgent) -> None:
        """Hand over one message; waits while ``serve`` is slow to read.

        Raises:
            ConnectionError: ``serve`` is gone.
        """
        content = framed(FROM_AGENT.dump_json(message))
        async with self._turn:
            self._writer.write(content)
            await self._writer.drain()

    async def messages(self) -> AsyncIterator[ToAgent]:
        """What ``serve`` says, until it is gone."""
        while (content := await read_frame(self._reader)) is not None:
            yield TO_AGENT.validate_json(content)

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            return
