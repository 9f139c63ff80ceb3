"""Agents as children of ``serve``, over a Unix socket in a private folder."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING

from pydantic import ValidationError

from runners.transport.base import AgentAway, Connected, Disconnected, Event, Received
from runners.transport.child import Child
from runners.transport.folder import PrivateFolder
from runners.wire.frames import framed, read_frame
from runners.wire.messages import FROM_AGENT, TO_AGENT, Hello

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

    from domain.clock import Clock
    from runners.wire.messages import FromAgent, ToAgent

log = logging.getLogger(__name__)

MAX_BUFFERED_MESSAGES = 256  # then agents are not read from until events are taken
MAX_BUFFERED_BYTES = 4 * 1024 * 1024  # of messages to one agent, before senders wait
GREETING_TIMEOUT = 10  # seconds in which a connection has to say who it is


class LocalTransport:
    """The ``Transport`` of the embedded default.

    Args:
        commands: agent -> given the socket to connect to, the command line that starts it.
        clock: paces the restarts of agents that die.
        environment: of the children; None: the same as this process has.
    """

    def __init__(
        self,
        commands: Mapping[str, Callable[[Path], Sequence[str]]],
        *,
        clock: Clock,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._commands = commands
        self._clock = clock
        self._environment = environment
        self._events: asyncio.Queue[Event | None] = asyncio.Queue(MAX_BUFFERED_MESSAGES)
        self._writers: dict[str, asyncio.StreamWriter] = {}
        self._folder: PrivateFolder | None = None
        self._server: asyncio.Server | None = None
        self._children: list[Child] = []
        self._readers: set[asyncio.Task[None]] = set()
        self._is_closed = False

    @property
    def folder(self) -> Path | None:
        """The private folder that the socket stands in; None before ``start``."""
        return self._folder.path if self._folder else None

    def pids(self) -> tuple[int, ...]:
        """The processes of the agents that are running now."""
        return tuple(child.pid for child in self._children if child.pid is not None)

    async def start(self) -> None:
        """Listen, and start every agent.

        Raises:
            NoFolder: there is no place for the socket.
        """
        self._folder = await asyncio.to_thread(PrivateFolder.make)
        socket = self._folder.path / f"{secrets.token_hex(4)}.sock"
        self._server = await asyncio.start_unix_server(self._meet, str(socket))
        for agent, command in self._commands.items():
            child = Child(agent, command(socket), clock=self._clock, environment=self._environment)
            child.start()
            self._children.append(child)

    async def send(self, agent: str, message: ToAgent) -> None:
        """Hand ``message`` over; see ``Transport``."""
        writer = self._writers.get(agent)
        if writer is None or writer.is_closing():
            raise AgentAway(agent)
        try:
            writer.write(framed(TO_AGENT.dump_json(message)))
            await writer.drain()
        except ConnectionError as error:
            raise AgentAway(agent) from error

    async def events(self) -> AsyncIterator[Event]:
        """What happens, until ``close``."""
        while (event := await self._events.get()) is not None:
            yield event

    async def close(self) -> None:
        """Hang up on the agents, which ends them, and clean up."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._server:
            self._server.close()
        for writer in self._writers.values():
            writer.close()
        for child in self._children:
            await child.stop()
        await self._end_of_events()
        if self._folder:
            await asyncio.to_thread(self._folder.remove)

    async def _end_of_events(self) -> None:
        """End ``events`` even when nobody takes any: what was not taken by now is recovered from the database."""
        for reader in list(self._readers):
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        while self._events.full():
            self._events.get_nowait()
        self._events.put_nowait(None)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection: only someone who may enter the private folder can have made it."""
        task = asyncio.current_task()
        if task is None or self._is_closed:
            writer.close()
            return
        self._readers.add(task)
        try:
            await self._greet(reader, writer)
        except asyncio.CancelledError:
            log.debug("agent connection ended by close")
        finally:
            self._readers.discard(task)
            writer.close()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(GREETING_TIMEOUT):
                hello = await _said(reader)
        except (TimeoutError, ValidationError):
            hello = None
        if not isinstance(hello, Hello) or hello.agent not in self._commands or hello.agent in self._writers:
            log.warning("connection refused: it did not say which agent it is")
            return
        writer.transport.set_write_buffer_limits(high=MAX_BUFFERED_BYTES)
        await self._listen(hello, reader, writer)

    async def _listen(self, hello: Hello, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agent = hello.agent
        self._writers[agent] = writer
        reason = "hung up"
        try:
            await self._events.put(Connected(agent))
            await self._events.put(Received(agent, hello))
            while (message := await _said(reader)) is not None:
                await self._events.put(Received(agent, message))
        except ValidationError as error:
            reason = f"sent something that is no message: {error.error_count()} mistakes"
            log.warning("agent sent something that is no message", extra={"agent": agent})
        finally:
            del self._writers[agent]
        await self._events.put(Disconnected(agent, reason))


async def _said(reader: asyncio.StreamReader) -> FromAgent | None:
    content = await read_frame(reader)
    return None if content is None else FROM_AGENT.validate_json(content)
