"""What agents said and nobody has dealt with yet: bounded, and taken out in bulk."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from runners.transport.base import Received
from runners.wire.messages import Captured

if TYPE_CHECKING:
    from datetime import datetime

    from runners.transport.base import Event

MAX_INBOX_MESSAGES = 500  # messages of agents that wait to be taken in
MAX_INBOX_BYTES = 64 * 1024 * 1024  # of configurations; one alone may be larger
MAX_RESULTS_AT_ONCE = 200  # results of one transaction


class Inbox:
    """A queue between reading and deciding.

    Under load it fills while a batch is being stored, so the next batch is larger; without load every event
    passes at once. When it is full, reading waits, and so do the agents.
    """

    def __init__(self) -> None:
        self._events: deque[tuple[datetime, Event]] = deque()
        self._bytes = 0
        self._change = asyncio.Condition()
        self._taken = 0  # events that somebody is dealing with
        self._closed = False

    async def put(self, at: datetime, event: Event) -> None:
        """Add what happened ``at``; waits while the inbox is full."""
        async with self._change:
            await self._change.wait_for(self._has_room)
            self._events.append((at, event))
            self._bytes += _size(event)
            self._change.notify_all()

    async def take(self) -> list[tuple[datetime, Event]]:
        """The next events in their order; empty: closed, and nothing is left. Call ``done`` after each."""
        async with self._change:
            await self._change.wait_for(lambda: self._events or self._closed)
            taken = [self._events.popleft() for _ in range(min(MAX_RESULTS_AT_ONCE, len(self._events)))]
            self._bytes -= sum(_size(event) for _, event in taken)
            self._taken = len(taken)
            self._change.notify_all()
            return taken

    async def done(self) -> None:
        """What was taken last has been dealt with."""
        async with self._change:
            self._taken = 0
            self._change.notify_all()

    async def empty(self) -> None:
        """Wait until nothing is left to deal with."""
        async with self._change:
            await self._change.wait_for(lambda: not self._events and not self._taken)

    async def close(self) -> None:
        """Nothing more will come."""
        async with self._change:
            self._closed = True
            self._change.notify_all()

    def _has_room(self) -> bool:
        return not self._events or (len(self._events) < MAX_INBOX_MESSAGES and self._bytes < MAX_INBOX_BYTES)


def _size(event: Event) -> int:
    if isinstance(event, Received) and isinstance(event.message, Captured):
        return len(event.message.text)
    return 0
