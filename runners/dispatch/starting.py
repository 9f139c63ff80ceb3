"""Beginning runs: by hand, for a job, or because jobs have come due. One at a time, so that no device gets two."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from domain.errors import NotNow
from domain.runs.outcomes import Outcome
from domain.runs.run import Trigger
from runners.dispatch.new_runs import new_run
from storage.jobs import slots as slot_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.inventory.declared import Device, Site
    from domain.jobs.job import Job
    from domain.jobs.slots import Taken
    from domain.messages.places import Place
    from domain.runs.batches import Batch
    from domain.runs.run import Run
    from runners.dispatch.parts import Parts
    from runners.dispatch.planning import Planner

MAX_JOBS_A_CLAIM = 500  # jobs of one claim: enough for a transaction, few enough for others to get a word in


class RunUnderWay(NotNow):
    """The device has a run that has not ended; ``run`` is it."""

    def __init__(self, run: Run) -> None:
        state = "is already pending" if run.outcome is Outcome.PENDING else "is already in progress"
        super().__init__(
            f"run {run.id} of {run.device} is {run.outcome.value}",
            advice=f"Run {run.id} of `{run.device}` {state}, so no second run was started.",
        )
        self.run = run


class Starter:
    """Writes down runs that are asked for and lines them up."""

    def __init__(self, parts: Parts, planner: Planner) -> None:
        self._parts = parts
        self._planner = planner
        self._starting = asyncio.Lock()

    async def start(
        self,
        device: Device,
        *,
        asked_by: str | None,
        trigger: Trigger,
        place: Place | None,
        job: Job | None = None,
        accept_smaller: bool = False,
    ) -> Run:
        """A run of ``device``. Raises ``RunUnderWay``."""
        async with self._starting:
            under_way = self._parts.queue.of_device(device.name)
            if under_way:
                raise RunUnderWay(under_way)
            new = new_run(
                device,
                trigger=trigger,
                at=self._parts.clock.now(),
                asked_by=asked_by,
                place=place,
                job=job,
                accept_smaller=accept_smaller,
            )
            run = await self._parts.recorder.add(new)
        self._parts.assigner.wake()
        return run

    async def start_site(
        self,
        site: Site,
        *,
        asked_by: str | None,
        trigger: Trigger,
        place: Place | None,
        hidden: frozenset[str] = frozenset(),
        job: Job | None = None,
    ) -> tuple[Batch, list[Run]]:
        """A run of every device of ``site`` that has none under way; not of ``hidden`` ones. Raises ``NotNow``."""
        async with self._starting:
            now = self._parts.clock.now()
            new = [
                new_run(device, trigger=trigger, at=now, asked_by=asked_by, job=job)
                for device in self._free_devices(site, hidden)
            ]
            batch, runs = await self._parts.recorder.add_batch(
                site, new, trigger=trigger, asked_by=asked_by, place=place, at=now
            )
        self._parts.assigner.wake()
        return batch, runs

    async def start_job(
        self, job: Job, *, asked_by: str | None, place: Place | None, hidden: frozenset[str] = frozenset()
    ) -> Run | tuple[Batch, list[Run]]:
        """What ``job`` covers but ``hidden`` devices, at once, by its own limits. Raises as ``start``."""
        inventory, now = self._parts.inventory, self._parts.clock.now()
        device = inventory.device_at(job.device or "", job.site)
        site = inventory.sites.get(job.site)
        if device:
            run = await self.start(device, asked_by=asked_by, trigger=Trigger.MANUAL, place=place, job=job)
            await slot_store.note_begun([job.id], at=now, run=run.id)
            return run
        if job.device or site is None:
            gone = job.device or job.site
            raise NotNow(f"{gone} is not declared", advice=f"`{gone}` is no longer declared there in app.yaml.")
        batch, runs = await self.start_site(
            site, asked_by=asked_by, trigger=Trigger.MANUAL, place=place, hidden=hidden, job=job
        )
        await slot_store.note_begun([job.id], at=now, batch=batch.id)
        return batch, runs

    async def take_up_due(self) -> Taken:
        """Take up the slots of some of the jobs that are due; the next call gets the next ones."""
        async with self._starting:
            try:
                taken = await slot_store.claim_due(
                    self._parts.clock.now(), limit=MAX_JOBS_A_CLAIM, plan=self._planner.plan
                )
            except BaseException:
                self._planner.undo()
                raise
            self._parts.recorder.take_up(taken)
        self._parts.assigner.wake()
        return taken

    def _free_devices(self, site: Site, hidden: frozenset[str]) -> Sequence[Device]:
        devices = [device for device in self._parts.inventory.by_site[site.key] if device.name not in hidden]
        if not devices:
            raise NotNow(f"site {site.key} has no devices", advice=f"{site.name} has no devices yet.")
        free = [device for device in devices if self._parts.queue.of_device(device.name) is None]
        if not free:
            raise NotNow(
                f"every device of {site.key} has a run under way",
                advice=f"Every device of {site.name} already has an unfinished run, so nothing was started.",
            )
        return free
