"""Bringing something to the bot and waiting for its ack, over whichever transport is in use."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from demo.slack.blocks import limits
from demo.slack.state.values import Json, Traffic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from datetime import timedelta

    from demo.slack.state.workspace import Workspace
    from demo.slack.web.faults import Faults
    from domain.clock import Clock

EnvelopeType = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True)
class Envelope:
    """One thing for the bot. ``retry`` counts deliveries of an event after the first."""

    id: str
    type: EnvelopeType
    payload: Json
    accepts_payload: bool = False
    retry: int = 0
    retry_reason: str = ""


@dataclass(frozen=True)
class Ack:
    """What came back: ``problem`` is empty, ``timeout``, ``no_connection`` or ``http_STATUS``."""

    problem: str = ""
    payload: Json | None = None
    ms: float | None = None
    no_retry: bool = False  # over HTTP the bot may ask for no redelivery


class Transport(Protocol):
    """A way to the bot."""

    async def send(self, envelope: Envelope) -> Ack:
        """Send, and wait for the ack, for at most as long as Slack does."""
        ...


class Deliveries:
    """All deliveries: interactions once, events until acked or given up; each task is kept and ended."""

    def __init__(self, workspace: Workspace, faults: Faults, transport: Transport) -> None:
        self._workspace = workspace
        self._faults = faults
        self.transport = transport
        self._tasks: set[asyncio.Task[None]] = set()

    async def interaction(self, kind: EnvelopeType, payload: Json) -> Ack:
        """Deliver something a person did; a duplicate on demand comes with the same envelope id."""
        envelope = Envelope(self._workspace.new_id("env-"), kind, payload, accepts_payload=True)
        for _ in range(self._faults.takes_duplicate(kind)):
            self._start(self._again(envelope))
        return await self.transport.send(envelope)

    async def _again(self, envelope: Envelope) -> None:
        await self.transport.send(envelope)

    def event(self, payload: Json) -> None:
        """Deliver an event in the background, again and again as Slack would."""
        self._start(self._event(payload))
        for retry in range(1, self._faults.takes_duplicate("events_api") + 1):
            self._start(self._again(self._envelope(payload, retry, "timeout")))

    async def _event(self, payload: Json) -> None:
        ack = await self.transport.send(self._envelope(payload, 0, ""))
        for attempt, pause in enumerate(limits.REDELIVERY, start=1):
            if not ack.problem or ack.no_retry:
                return
            self._workspace.store.changed("redelivery", str(payload["event_id"]), str(attempt))  # heard once it sleeps
            await self._workspace.clock.sleep(pause)
            reason = "timeout" if ack.problem == "timeout" else ack.problem.partition("_")[0] + "_error"
            ack = await self.transport.send(self._envelope(payload, attempt, reason))

    def _envelope(self, payload: Json, retry: int, reason: str) -> Envelope:
        return Envelope(self._workspace.new_id("env-"), "events_api", payload, retry=retry, retry_reason=reason)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Wait until no event is on its way any more."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def close(self) -> None:
        """Give up what is still on its way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def deadline(clock: Clock, limit: timedelta) -> AsyncIterator[asyncio.Task[None]]:
    """A task that ends ``limit`` of the handed clock from now.

    It sleeps already when the block begins: whoever sees what is sent inside may move the clock.
    """
    pause = asyncio.ensure_future(clock.sleep(limit))
    await asyncio.sleep(0)
    try:
        yield pause
    finally:
        pause.cancel()


async def in_time(awaited: asyncio.Future[Any], limit: asyncio.Task[None]) -> bool:
    """Whether ``awaited`` came before the deadline."""
    await asyncio.wait({limit, awaited}, return_when=asyncio.FIRST_COMPLETED)
    return awaited.done()


class Stopwatch:
    """Milliseconds of the wall clock since it was made."""

    def __init__(self) -> None:
        self._started = time.perf_counter()

    @property
    def ms(self) -> float:
        """Since the start."""
        return (time.perf_counter() - self._started) * 1_000


def note(workspace: Workspace, direction: Literal["to_bot", "from_bot"], kind: str, body: Json, **more: object) -> None:
    """Record one frame or request; ``more`` names fields of ``Traffic``."""
    workspace.store.note_traffic(Traffic(direction, kind, body, workspace.clock.now(), **more))  # type: ignore[arg-type]
