"""A workshop with a timetable: jobs come due by a clock that the test moves."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.jobs.job import Job, JobFields, JobKind
from domain.jobs.spoken import parse_schedule
from domain.runs.queries import RunQuery
from domain.runs.run import Trigger
from runners.due_jobs import DueJobs
from storage.jobs import jobs as job_store
from storage.jobs.slots import slots_of
from storage.runs.history import runs_page
from tests.runners.workshop import Workshop, workshop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from domain.events.alerts import Alert
    from domain.inventory.declared import Inventory
    from domain.jobs.slots import Slot
    from domain.runs.run import Run
    from tests.support.clock import MovedClock

ANNA = "U02ANNA"
MINUTE = timedelta(minutes=1)


class ClockShop:
    """The timetable under test, the hands of the agents, and what people were told."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop
        self.alerts: list[Alert] = []
        self.telling_fails = False
        self.due_jobs = DueJobs(shop.dispatcher, clock=shop.clock, tell=self._tell)

    async def add(self, schedule: str, *, device: str | None = "core-sw1", name: str = "", **rest: Any) -> Job:  # noqa: ANN401 - any field of a job
        """A job of Anna for a device, or for Plant A if there is none."""
        site = self.shop.inventory.devices[device].site if device else "plant-a"
        fields = JobFields(
            name=name or device or "site nightly",
            kind=JobKind.DEVICE if device else JobKind.SITE,
            site=rest.pop("site", site),
            device=device,
            schedule=parse_schedule(schedule),
            **rest,
        )
        zone = self.shop.inventory.sites[fields.site].timezone
        return await job_store.add_job(fields, zone=zone, by=ANNA, now=self.shop.clock.now())

    @property
    def zone(self) -> ZoneInfo:
        """The clock of Plant A."""
        return self.shop.inventory.sites["plant-a"].timezone

    async def tick(self) -> None:
        """The timetable ticks, and everything comes to rest."""
        await self.due_jobs.tick()
        await self.shop.settle()

    async def pass_time(self, span: timedelta, *, step: timedelta = 5 * MINUTE, answer: bool = True) -> None:
        """Let ``span`` go by in steps with a tick after each; ``answer``: agents bring the same text every time."""
        end = self.shop.clock.now() + span
        while self.shop.clock.now() < end:
            await self.shop.clock.advance(min(step, end - self.shop.clock.now()))
            for agent in self.shop.transport.connected:
                await self.shop.heartbeat(agent=agent)
            await self.tick()
            if answer:
                await self.answer()

    async def answer(self) -> None:
        """The agents carry out all that they were given."""
        while open_runs := [run for run in await self.unfinished() if self.shop.dispatcher._queue.handed.find(run.id)]:  # noqa: SLF001 - what an agent would know
            for run in open_runs:
                agent = run.agent or "local"
                await self.shop.begin(run, agent=agent)
                await self.shop.say(self.shop.captured(run, agent=agent), agent=agent)

    async def unfinished(self) -> list[Run]:
        """Runs that have not ended, the oldest first."""
        return [run for run in reversed(await self.runs()) if not run.outcome.is_final]

    async def runs(self, *, job: Job | None = None) -> list[Run]:
        """Every run that a schedule began, the latest first."""
        sites = frozenset(self.shop.inventory.sites)
        query = RunQuery(sites=sites, trigger=Trigger.SCHEDULE, job=job.id if job else None, limit=10_000)
        return await runs_page(query)

    async def slots(self, job: Job) -> list[Slot]:
        """What became of the job's slots, the earliest first."""
        return (await slots_of(job.id, limit=1_000))[::-1]

    async def job(self, job: Job) -> Job:
        """The job as it now stands."""
        found = await job_store.job_by_id(job.id)
        assert found
        return found

    async def _tell(self, alert: Alert) -> None:
        if self.telling_fails:
            raise RuntimeError("the outbox is away")
        self.alerts.append(alert)


@asynccontextmanager
async def clock_shop(
    folder: Path, inventory: Inventory | None = None, *, clock: MovedClock | None = None, agents: bool = True
) -> AsyncIterator[ClockShop]:
    """A timetable at work in ``folder``; ``agents``: the agent named local is there."""
    async with workshop(folder, inventory, clock=clock) as shop:
        if agents:
            await shop.connect()
        yield ClockShop(shop)
