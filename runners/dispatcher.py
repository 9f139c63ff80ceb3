"""From "run this" to an outcome: the face that commands, clock and shell see of all that runs.

Every fact is in the database before anybody hears of it; what is in memory can be lost at any moment.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from domain.errors import NotNow
from runners.agent_listener import Listener
from runners.dispatch.assigning import Assigner
from runners.dispatch.parts import Parts
from runners.dispatch.planning import Planner
from runners.dispatch.starting import RunUnderWay, Starter
from runners.state.agent_registry import AgentRegistry
from runners.state.announcements import Announcements
from runners.state.run_ends import HasEnded, cancelled
from runners.state.run_queue import RunQueue
from runners.state.run_recorder import RunRecorder
from runners.state.timeout_causes import Causes
from runners.supervision.lost_agents import LostAgents
from runners.supervision.recovery import Recovery
from runners.supervision.watchdog import Watchdog
from runners.transport.base import TransportEnded
from runners.wire.messages import Cancel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.clock import Clock
    from domain.configs.platforms import Platform
    from domain.events.alerts import QueueOverrun
    from domain.inventory.declared import Device, Inventory, Site
    from domain.jobs.job import Job
    from domain.jobs.slots import Taken
    from domain.messages.places import Place
    from domain.runs.agent_status import AgentStatus
    from domain.runs.batches import Batch
    from domain.runs.run import Run, Trigger
    from runners.state.announcements import Announce
    from runners.transport.base import Transport
    from storage.archive.archive import Archive

__all__ = ["Dispatcher", "RunUnderWay", "TransportEnded"]

log = logging.getLogger(__name__)

STOP_RUNS_TIMEOUT = timedelta(seconds=10)  # for runs that an agent is at when Lastgood is stopped
INTAKE_INTERVAL = timedelta(milliseconds=100)  # from one batch of results to the next: the database rests
LAST_RESULTS_TIMEOUT = timedelta(seconds=20)  # for what agents have brought and is not stored or announced yet


class Dispatcher:
    """Starts runs, has agents carry them out, and writes down how they end.

    Use as ``async with dispatcher``: entering recovers what a former life left and begins to listen to
    agents; leaving waits a short while for the runs in progress. ``watch`` is to be called every few seconds.
    """

    def __init__(  # noqa: PLR0913 - wired in one place, each by its name
        self,
        *,
        inventory: Inventory,
        platforms: Mapping[str, Platform],
        transport: Transport,
        archive: Archive,
        clock: Clock,
        announce: Announce,
        close_timeout: timedelta = STOP_RUNS_TIMEOUT,
        pace: timedelta = INTAKE_INTERVAL,
    ) -> None:
        self._inventory = inventory
        self._clock = clock
        self._transport = transport
        self._queue = RunQueue(clock)
        self._announcements = Announcements(announce)
        self._recorder = RunRecorder(self._queue, self._announcements)
        self._registry = AgentRegistry(queue=self._queue, inventory=inventory, clock=clock)
        self._assigner = Assigner(
            queue=self._queue, registry=self._registry, inventory=inventory, transport=transport, clock=clock
        )
        causes = Causes(inventory=inventory, queue=self._queue, registry=self._registry)
        self._planner = Planner(inventory=inventory, queue=self._queue, clock=clock, causes=causes)
        parts = Parts(
            inventory=inventory,
            platforms=platforms,
            archive=archive,
            clock=clock,
            queue=self._queue,
            recorder=self._recorder,
            registry=self._registry,
            assigner=self._assigner,
            causes=causes,
        )
        self._starter = Starter(parts, self._planner)
        self._lost_agents = LostAgents(parts)
        self._watchdog = Watchdog(parts)
        self._recovery = Recovery(parts)
        self._listener = Listener(parts, transport=transport, lost_agents=self._lost_agents, pace=pace)
        self._tasks: list[asyncio.Task[None]] = []
        self._close_timeout = close_timeout
        self._is_closing = False

    # For commands

    async def start(
        self,
        device: Device,
        *,
        asked_by: str | None,
        trigger: Trigger,
        place: Place | None,
        accept_smaller: bool = False,
    ) -> Run:
        """Ask for a run of ``device``; ``accept_smaller``: believe it even if it is far smaller than the last one.

        Raises:
            RunUnderWay: it has one that has not ended. A command that is delivered twice ends here too.
        """
        self._refuse_while_closing()
        return await self._starter.start(
            device, asked_by=asked_by, trigger=trigger, place=place, accept_smaller=accept_smaller
        )

    async def start_site(
        self,
        site: Site,
        *,
        asked_by: str | None,
        trigger: Trigger,
        place: Place | None,
        hidden: frozenset[str] = frozenset(),
    ) -> tuple[Batch, list[Run]]:
        """Ask for a run of every device of ``site`` that has none under way, but of ``hidden`` ones.

        Raises:
            NotNow: the site has no devices, or each of them has a run that has not ended.
        """
        self._refuse_while_closing()
        return await self._starter.start_site(site, asked_by=asked_by, trigger=trigger, place=place, hidden=hidden)

    async def start_job(
        self, job: Job, *, asked_by: str | None, place: Place | None, hidden: frozenset[str] = frozenset()
    ) -> Run | tuple[Batch, list[Run]]:
        """Do at once what ``job`` does when it comes due, by its own limits; ``hidden`` devices are left out.

        Raises:
            NotNow: as for ``start`` and ``start_site``, or what it covers is no longer declared.
        """
        self._refuse_while_closing()
        return await self._starter.start_job(job, asked_by=asked_by, place=place, hidden=hidden)

    async def cancel(self, run: Run, *, by: str) -> None:
        """End ``run`` as Failed, cancelled by ``by``: at once if it waits, within seconds if it is in progress.

        Raises:
            HasEnded: there is nothing to cancel, or its result is being stored.
        """
        known = self._queue.find(run.id)
        if known is None or run.id in self._queue.arriving:
            raise HasEnded(run)
        handed = self._queue.handed.find(run.id)
        if handed and handed.has_begun:
            self._queue.wishes.put(run.id, by=by, at=self._clock.steady())
        elif not await self._recorder.end_early([cancelled(known, self._clock.now(), by=by)]):
            raise HasEnded(run)
        if handed:
            await self._assigner.tell(handed.agent, Cancel(run=run.id))
        self._assigner.wake()

    def agents(self, *, hidden: frozenset[str] = frozenset(), sites: frozenset[str] | None = None) -> list[AgentStatus]:
        """Every declared agent, with its runs at ``sites`` (None: at all of them) but those of ``hidden`` devices."""
        return self._registry.statuses(hidden, sites)

    # For the clock

    async def watch(self) -> None:
        """One tick of the watchdog: afterwards no run is unfinished that ought to have ended."""
        await self._watchdog.end_overdue()
        await self._watchdog.end_cancelled()
        await self._lost_agents.take_back_from_disconnected()
        await self._listener.catch_up()
        await self._announcements.catch_up()
        self._assigner.wake()

    async def take_up_due(self) -> Taken:
        """Take up the slots of some of the jobs that are due, and line up what they begin."""
        self._refuse_while_closing()
        return await self._starter.take_up_due()

    def start_waiting(self) -> None:
        """Let runs begin whose time to start has come."""
        start = self._queue.waiting.next_release()
        if start and start <= self._clock.now():
            self._assigner.wake()

    def overruns(self) -> list[QueueOverrun]:
        """Sites whose queue has outlived a slot since this was last asked."""
        return self._planner.overruns()

    def stranded(self, agent: str) -> dict[str, tuple[str, ...]]:
        """The sites that ``agent`` serves, each with the devices whose runs only this agent could carry out now."""
        return self._registry.stranded(agent)

    async def clock_set(self, step: timedelta) -> None:
        """Somebody has set the machine's clock by ``step``: no run waits longer or shorter for that."""
        self._queue.waiting.clock_set(step)
        self._planner.clock_set(step)
        self._assigner.wake()

    # For the shell

    async def recover(self) -> None:
        """Give every run of a former life its true outcome and line up what still waits."""
        await self._recovery.take_in_commits()
        await self._recovery.line_up()
        await self._watchdog.end_undeclared()
        await self._announcements.catch_up(always=True)

    async def __aenter__(self) -> Self:
        """Recover, then begin to work."""
        await self.recover()
        await self._transport.start()
        work = (self._listener.read(), self._listener.handle(), self._assigner.run(), self._announcements.run())
        self._tasks = [asyncio.create_task(one) for one in work]
        self._assigner.wake()
        return self

    async def run(self) -> None:
        """Wait until it is closed.

        Raises:
            Exception: whatever ended one of its parts, which must never happen: without it nothing works.
        """
        await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.result()
        if not self._is_closing:
            raise TransportEnded

    async def __aexit__(self, *_: object) -> None:
        """Stop as ``close`` does."""
        await self.close()

    async def close(self) -> None:
        """Start nothing more, take in what agents bring within a short while, and stop.

        A run that is still in progress then ends as interrupted at the next start; one that waits, waits on.
        """
        self._is_closing = True
        self._listener.close()
        reading, handling, assigning, announcing = self._tasks
        await _stop(assigning)
        await self._call_back_waiting()
        await self._wait_for_running()
        await self._transport.close()
        try:
            async with asyncio.timeout(LAST_RESULTS_TIMEOUT.total_seconds()):
                await asyncio.gather(reading, handling, return_exceptions=True)
                await self._announcements.settled()
        except TimeoutError:
            log.warning("stopped before everything was dealt with; the next start takes it up")
        await _stop(announcing)

    async def settled(self) -> None:
        """Wait until everything that has come in is dealt with, sent on and announced. For tests."""
        await self._listener.settled()
        await self._assigner.settled()
        await self._announcements.settled()

    async def _call_back_waiting(self) -> None:
        """What lies ready in the agents' queues is not to be begun any more: it waits for the next start.

        An agent may have begun one while this was on its way; it then stops, and that run waits too.
        """
        for agent in self._inventory.agents:
            for handed in self._queue.handed.of_agent(agent):
                if not handed.has_begun and not await self._assigner.tell(agent, Cancel(run=handed.run)):
                    break

    async def _wait_for_running(self) -> None:
        try:
            async with asyncio.timeout(self._close_timeout.total_seconds()):
                await self._queue.until_none_is_handed()
        except TimeoutError:
            log.warning("stopped with runs in progress", extra={"count": self._queue.handed.running_by_agent().total()})

    def _refuse_while_closing(self) -> None:
        if self._is_closing:
            raise NotNow("closing", advice="Lastgood is being stopped. Please try again in a minute.")


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
