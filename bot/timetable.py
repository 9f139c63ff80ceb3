"""What serve does by itself from time to time."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from storage import outbox, seen, slots
from storage.archive import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.connection import SocketConnection
    from bot.core import Core
    from bot.engine import Engine

    Work = Callable[[], Awaitable[object]]

log = logging.getLogger(__name__)

_CLOCKWORK = 1  # second
_WATCH = 3  # seconds
_CONNECTION = 10  # seconds
_CLEAN_UP = 3600  # seconds
_KEEP_SEEN = timedelta(days=1)  # Slack's last redelivery comes after some minutes
_KEEP_SLOTS = timedelta(days=400)  # what became of every moment at which a job was due
_KEEP_SENT = timedelta(days=30)  # messages that nobody edits any more


class Timetable:
    """Ticks what has to be ticked. One failure is logged, and the next tick comes in time."""

    def __init__(self, core: Core, engine: Engine, connection: SocketConnection | None) -> None:
        self._core = core
        self._dispatcher = engine.dispatcher
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._every(_CLOCKWORK, engine.clockwork.tick)
        self._every(_WATCH, self._watch)
        self._every(_CLEAN_UP, self.clean_up)
        if connection:
            self._every(_CONNECTION, connection.tick)
        self._add(CronTrigger(hour=3, minute=17, timezone="UTC"), self.repack)

    @property
    def is_running(self) -> bool:
        """Whether it ticks."""
        return bool(self._scheduler.running)

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Start nothing more."""
        if self.is_running:
            self._scheduler.shutdown(wait=False)

    async def clean_up(self) -> None:
        """Forget what nobody asks for any more."""
        now = self._core.clock.now()
        forgotten = await seen.forget_seen(now - _KEEP_SEEN)
        sent = await outbox.forget_before(now - _KEEP_SENT)
        noted = await slots.forget_slots(now - _KEEP_SLOTS)
        log.info("cleaned up", extra={"seen": forgotten, "sent": sent, "slots": noted})

    async def repack(self) -> None:
        """Join what the day has added to each repository, one after the other."""
        for site in self._core.inventory.sites:
            try:
                await self._core.archive.repack(site)
            except ArchiveError:  # one damaged repository must not keep the others from it, night after night
                log.exception("repository could not be repacked", extra={"site": site})

    async def _watch(self) -> None:
        await self._dispatcher.watch()
        agents = self._dispatcher.agents()
        self._core.metrics.agents.set(sum(agent.connected_since is not None for agent in agents))
        self._core.metrics.unfinished.set(sum(agent.running + agent.waiting for agent in agents))
        self._core.metrics.outbox.set(await outbox.waiting())

    def _every(self, seconds: int, work: Work) -> None:
        self._add(IntervalTrigger(seconds=seconds, timezone="UTC"), work)

    def _add(self, trigger: IntervalTrigger | CronTrigger, work: Work) -> None:
        async def guarded() -> None:
            try:
                await work()
            except Exception:  # an edge: the timetable goes on whatever one entry does
                log.exception("scheduled work failed", extra={"work": getattr(work, "__name__", repr(work))})

        self._scheduler.add_job(guarded, trigger, max_instances=1, coalesce=True, misfire_grace_time=None)
