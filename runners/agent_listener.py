"""Listening to agents: what they say is taken in order and dealt with in bulk."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from domain.failures import FailureKind
from domain.runs.steps import RunStart
from runners.results.inbox import Inbox
from runners.results.intake import Intake, Result
from runners.state.database_retry import patiently
from runners.transport.base import Connected, Disconnected, Received
from runners.wire.messages import Cancel, Captured, Failed, Heartbeat, Hello, Started

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from datetime import datetime, timedelta

    from runners.dispatch.parts import Parts
    from runners.supervision.lost_agents import LostAgents
    from runners.transport.base import Event, Transport

log = logging.getLogger(__name__)


class Listener:
    """Reads what happens on the transport and has it dealt with.

    ``pace`` is the shortest time from one batch to the next: the first event after a quiet moment is dealt with at
    once, and a site run of a thousand devices costs ten transactions a second instead of a thousand.
    """

    def __init__(self, parts: Parts, *, transport: Transport, lost_agents: LostAgents, pace: timedelta) -> None:
        self._parts = parts
        self._transport = transport
        self._lost_agents = lost_agents
        self._pace = pace.total_seconds()
        self._intake = Intake(parts)
        self._inbox = Inbox()
        self._starts: dict[int, RunStart] = {}
        self._results: list[Result] = []
        self._is_closing = False

    async def read(self) -> None:
        """Read until the transport is closed, no faster than what is read can be dealt with."""
        try:
            async for event in self._transport.events():
                await self._inbox.put(self._parts.clock.now(), event)
        finally:
            await self._inbox.close()

    async def handle(self) -> None:
        """Deal with what was read, until there is nothing left and nothing more will come."""
        while events := await self._inbox.take():
            for at, event in events:
                await self._safely(self._deal(event, at))
            await self._safely(self._flush())
            self._parts.assigner.wake()
            await self._inbox.done()
            await asyncio.sleep(self._pace)

    async def settled(self) -> None:
        """Wait until everything that was read has been dealt with."""
        await self._inbox.empty()

    async def catch_up(self) -> None:
        """Write down what the database would not take before."""
        await self._intake.write_down_owed()

    def close(self) -> None:
        """From now on an agent that goes away was sent away: what it was at is left for the next start."""
        self._is_closing = True

    async def _safely(self, dealing: Awaitable[None]) -> None:
        try:
            await dealing
        except Exception:  # an edge: one event must not take the others with it; the clocks end what it leaves open
            log.exception("an event could not be dealt with")

    async def _deal(self, event: Event, at: datetime) -> None:
        match event:
            case Received(agent, message):
                await self._received(agent, message, at)
            case Connected(agent):
                self._parts.registry.connected(agent)
            case Disconnected(agent, reason):
                await self._flush()
                await self._gone(agent, reason)

    async def _received(self, agent: str, message: object, at: datetime) -> None:
        self._parts.registry.heard(agent)
        match message:
            case Failed(kind=FailureKind.CANCELLED) if self._is_closing and not self._is_wished(message.run):
                await self._called_back(message.run)
            case Captured() | Failed() if self._may_speak(agent, message.run):
                self._parts.queue.arrive(message.run)
                self._starts.pop(message.run, None)
                self._results.append(Result(message, at))
            case Started() if self._may_speak(agent, message.run):
                await self._started(agent, message, at)
            case Hello():
                await self._flush()
                self._parts.registry.greeted(agent, concurrency=message.concurrency)
                await self._lost_agents.agent_back(agent, message.running)
            case Heartbeat():
                await self._lost_agents.heartbeat(agent, message.running)

    def _is_wished(self, run: int) -> bool:
        """Whether somebody wanted it cancelled."""
        return self._parts.queue.wishes.find(run) is not None

    async def _called_back(self, run: int) -> None:
        """It waits for the next start, also if the agent had just begun it."""
        await self._flush()
        await patiently(lambda: self._parts.recorder.requeue([run]))

    async def _started(self, agent: str, message: Started, at: datetime) -> None:
        queue = self._parts.queue
        handed = queue.handed.find(message.run)
        if queue.is_waiting(message.run):
            await self._lost_agents.adopt(message.run, agent, attempt=message.attempt)
        elif handed and handed.agent == agent and queue.find(message.run):
            queue.begin(message.run)
            self._starts[message.run] = RunStart(run=message.run, agent=agent, attempt=message.attempt, at=at)
        elif message.run not in queue.arriving:  # it has ended, or is in another agent's hands
            await self._parts.assigner.tell(agent, Cancel(run=message.run))

    async def _flush(self) -> None:
        """Write down what has come together: beginnings first, then ends."""
        starts, self._starts = list(self._starts.values()), {}
        results, self._results = self._results, []
        try:
            await patiently(lambda: self._parts.recorder.start(starts))
        finally:
            if results:
                await self._intake.take_in(results)

    async def _gone(self, agent: str, reason: str) -> None:
        self._parts.registry.gone(agent, reason=reason, sent_away=self._is_closing)
        if self._is_closing:  # nobody waits for what it had in hand: the next start knows what became of it
            self._parts.queue.handed.let_go([handed.run for handed in self._parts.queue.handed.of_agent(agent)])
        else:
            await self._lost_agents.agent_gone(agent, reason=reason)

    def _may_speak(self, agent: str, run: int) -> bool:
        """Whether the run's site is one that this agent serves: no agent speaks for another's devices."""
        found = self._parts.queue.find(run)
        declared = self._parts.inventory.agents.get(agent)
        if found is None:  # it has ended: the agent is heard, and what it says is dropped
            return declared is not None
        if declared is not None and declared.serves(found.site):
            return True
        log.warning("agent spoke for a site it does not serve", extra={"agent": agent, "run": run})
        return False
