"""What serve does by itself from time to time: due jobs, watchdogs, digests, and clean-up after each retention."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from domain.runs.health import counted
from storage.archive.archive import ArchiveError
from storage.events import events
from storage.jobs import slots
from storage.messages import outbox, seen
from storage.runs.dashboard import health_of_each

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.core import Core
    from bot.serving.engine import Engine
    from bot.serving.storage_watch import StorageWatch
    from bot.slack.connection import SocketConnection

    Work = Callable[[], Awaitable[object]]

log = logging.getLogger(__name__)

DUE_JOBS_INTERVAL = 1  # second
WATCHDOG_INTERVAL = 3  # seconds
CONNECTION_INTERVAL = 10  # seconds
STORAGE_INTERVAL = 30  # seconds
CLEAN_UP_INTERVAL = 3600  # seconds
DEVICE_COUNT_INTERVAL = 60  # seconds
DIGESTS_INTERVAL = 5  # seconds
MAX_TICK_AGE = 60  # seconds without a tick of the timetable
MAX_DIGESTS_AGE = 900  # seconds; very many digests take a while
ARCHIVE_INTERVAL = 30  # seconds from one part of the archive to the next
EVENTS_INTERVAL = 1  # second
DEFERRED_INTERVAL = 30  # seconds
SEEN_EVENT_RETENTION = timedelta(days=1)  # Slack's last redelivery comes after some minutes
SLOT_RETENTION = timedelta(days=400)  # what became of every moment at which a job was due
SENT_MESSAGE_RETENTION = timedelta(days=30)  # messages that nobody edits any more
EVENT_RETENTION = timedelta(days=30)  # what was told of, and what is held back


class Timetable:
    """Ticks what has to be ticked. One failure is logged, and the next tick comes in time."""

    def __init__(self, core: Core, engine: Engine, storage: StorageWatch) -> None:
        self._core = core
        self._dispatcher = engine.dispatcher
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._entries: list[tuple[Any, Callable[[], IntervalTrigger | CronTrigger]]] = []  # to count anew
        self._digester = engine.digester
        self._due_jobs = engine.due_jobs
        self._ticked: dict[str, float] = {}  # by work: when it last came to an end, by the loop's clock
        self._every(DUE_JOBS_INTERVAL, self.look_at_schedules)
        self._every(WATCHDOG_INTERVAL, self.watch_runs)
        self._every(DIGESTS_INTERVAL, self.bring_digests)
        self._every(EVENTS_INTERVAL, engine.publisher.tick)
        self._every(DEFERRED_INTERVAL, engine.deferred.tick)
        self._every(CLEAN_UP_INTERVAL, self.clean_up)
        self._every(DEVICE_COUNT_INTERVAL, self.count_devices)
        self._archive_watch = engine.archive_watch
        self._every(ARCHIVE_INTERVAL, self.look_through_archive)
        self._add(
            partial(CronTrigger, minute=7, timezone="UTC"), engine.overdue.tick
        )  # hourly, however often we are restarted
        self._every(STORAGE_INTERVAL, storage.tick)
        self._add(partial(CronTrigger, hour=3, minute=17, timezone="UTC"), self.repack)

    @property
    def is_running(self) -> bool:
        """Whether it ticks, and schedules are looked at."""
        return self._is_fresh(self.look_at_schedules, MAX_TICK_AGE)

    @property
    def brings_digests(self) -> bool:
        """Whether digests are looked after."""
        return self._is_fresh(self.bring_digests, MAX_DIGESTS_AGE)

    def start(self) -> None:
        """Begin to tick."""
        begun = asyncio.get_running_loop().time()
        self._ticked = {_name(work): begun for work in (self.look_at_schedules, self.bring_digests)}
        self._scheduler.start()

    async def clock_set(self, step: timedelta) -> None:
        """The machine's clock has been set by ``step``: what was to tick at a moment of the old one ticks now."""
        log.info("timetable counted anew", extra={"seconds": round(step.total_seconds())})
        for entry, trigger in self._entries:
            entry.reschedule(trigger())

    def stop(self) -> None:
        """Start nothing more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def keep_alive(self, connection: SocketConnection) -> None:
        """Look after this connection too, from now on."""
        self._every(CONNECTION_INTERVAL, connection.tick)

    async def look_at_schedules(self) -> None:
        """Take up the jobs that are due."""
        await self._due_jobs.tick()
        self._core.metrics.last_tick.set(self._core.clock.now().timestamp())

    async def bring_digests(self) -> None:
        """Compose the digests that are due, and look after those under way."""
        await self._digester.tick()
        if self._digester.last_put_at:
            self._core.metrics.last_digest.set(self._digester.last_put_at.timestamp())

    async def count_devices(self) -> None:
        """Let the metrics say how the devices stand."""
        inventory, now = self._core.inventory, self._core.clock.now()
        health = await health_of_each(inventory.devices.values(), inventory, now=now)
        self._core.metrics.count_devices(counted(health.values()))

    async def look_through_archive(self) -> None:
        """Look whether the texts are there that the database names."""
        await self._archive_watch.tick()
        self._core.metrics.missing_versions.set(self._archive_watch.missing)
        self._core.metrics.unusable_repositories.set(len(self._core.archive.set_aside))

    async def clean_up(self) -> None:
        """Forget what nobody asks for any more."""
        now = self._core.clock.now()
        forgotten = await seen.forget_seen(now - SEEN_EVENT_RETENTION)
        sent = await outbox.forget_before(now - SENT_MESSAGE_RETENTION)
        noted = await slots.forget_slots(now - SLOT_RETENTION)
        told = await events.forget_events(now - EVENT_RETENTION)
        log.info("cleaned up", extra={"seen": forgotten, "sent": sent, "slots": noted, "events": told})

    async def repack(self) -> None:
        """Join what the day has added to each repository, one after the other."""
        for site in self._core.inventory.sites:
            try:
                await self._core.archive.repack(site)
            except ArchiveError:  # one damaged repository must not keep the others from it, night after night
                log.exception("repository could not be repacked", extra={"site": site})

    async def watch_runs(self) -> None:
        """End runs whose time limits ran out, and take the figures of the moment."""
        await self._dispatcher.watch()
        agents = self._dispatcher.agents()
        self._core.metrics.agents.set(sum(agent.connected_since is not None for agent in agents))
        self._core.metrics.unfinished.set(sum(agent.running + agent.waiting for agent in agents))
        self._core.metrics.outbox.set(await outbox.waiting())
        now = self._core.clock.now()
        oldest = await outbox.oldest_waiting(now)
        self._core.metrics.outbox_age.set((now - oldest).total_seconds() if oldest else 0)

    def _is_fresh(self, work: Work, limit: float) -> bool:
        last = self._ticked.get(_name(work))
        return self._scheduler.running and last is not None and asyncio.get_running_loop().time() - last < limit

    def _every(self, seconds: int, work: Work) -> None:
        self._add(partial(IntervalTrigger, seconds=seconds, timezone="UTC"), work)

    def _add(self, trigger: Callable[[], IntervalTrigger | CronTrigger], work: Work) -> None:
        async def guarded() -> None:
            try:
                await work()
                self._ticked[_name(work)] = asyncio.get_running_loop().time()
            except asyncio.CancelledError:  # serve stops; APScheduler would call it a failure
                log.info("scheduled work ended with serve", extra={"work": _name(work)})
            except Exception:  # an edge: the timetable goes on whatever one entry does
                log.exception("scheduled work failed", extra={"work": _name(work)})

        entry = self._scheduler.add_job(guarded, trigger(), max_instances=1, coalesce=True, misfire_grace_time=None)
        self._entries.append((entry, trigger))


def _name(work: Work) -> str:
    """``DueJobs.tick``: the name of a method alone is that of several works."""
    return getattr(work, "__qualname__", repr(work))
