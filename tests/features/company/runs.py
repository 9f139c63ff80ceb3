"""Runs of the company, played: asked for and ended in the real database, without an agent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from domain.failures import FailureKind
from domain.messages.places import Place
from domain.runs.outcomes import Outcome
from domain.runs.run import NewRun, Trigger
from domain.runs.steps import RunEnd, StoredVersion
from storage.database.statements import insert
from storage.devices.devices import DeviceMove, move_devices
from storage.devices.versions import insert_versions
from storage.runs import runs as run_store
from storage.tables.core import RunRow
from tests.features.company.script import MINUTE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from domain.runs.run import Run
    from tests.features.company.script import Ended

SECOND = timedelta(seconds=1)
WAITING, RUNNING = timedelta(minutes=30), timedelta(minutes=5)


class PlayedRuns:
    """Ends runs as the script says."""

    def __init__(self) -> None:
        self._versions: dict[str, int] = {}  # by device: the newest

    async def end(self, event: Ended, jobs: Mapping[str, int]) -> list[Run]:
        """Write down what ended; returns the runs of which something is to be said. ``jobs`` are those of sites."""
        await self._quiet(event)
        if not event.results:
            return []
        runs = await self._asked_for(event, jobs[event.site] if event.by_job else None)
        results = {result.device: result.outcome for result in event.results}
        return await run_store.finish_runs([await self._end(run, results[run.device], event.at) for run in runs])

    async def _asked_for(self, event: Ended, job: int | None) -> list[Run]:
        trigger = Trigger.MANUAL if event.asked_by else Trigger.SCHEDULE
        place = Place(channel=event.place) if event.place else None
        new = [
            NewRun(
                device=result.device,
                site=event.site,
                trigger=trigger,
                created_at=event.at - MINUTE,
                waiting_limit=WAITING,
                running_limit=RUNNING,
                asked_by=event.asked_by,
                place=place,
                job=job,
            )
            for result in event.results
        ]
        if job is None:
            return await run_store.add_runs(new)
        _, runs = await run_store.add_batch(event.site, trigger, None, None, event.at - MINUTE, new)
        return runs

    async def _end(self, run: Run, outcome: str, at: datetime) -> RunEnd:
        end = RunEnd(run=run.id, outcome=Outcome.FAILED, at=at, attempts=1, started_at=at - SECOND)
        match outcome:
            case "cancelled":
                return replace(end, reason=FailureKind.CANCELLED, facts="cancelled by U0BOSS")
            case "failed":
                return replace(end, reason=FailureKind.UNREACHABLE)
            case "timed_out":
                return replace(end, outcome=Outcome.TIMED_OUT, reason=FailureKind.RUNNING_LIMIT)
            case "up_to_date":
                base = self._versions.get(run.device) or 1
                return replace(end, outcome=Outcome.UP_TO_DATE, base_version=base, version=base)
        if run.device not in self._versions:
            await insert_versions([_version(run, 1, at - MINUTE)])
        number = self._versions[run.device] = self._versions.get(run.device, 1) + 1
        stored = _version(run, number, at)
        return replace(end, outcome=Outcome.MODIFIED, base_version=number - 1, version=number, stored=stored)

    async def _quiet(self, event: Ended) -> None:
        """Runs of devices that have always been well: rows that nothing follows from."""
        rows = [
            {
                "device": device,
                "site": event.site,
                "trigger": Trigger.SCHEDULE,
                "outcome": Outcome.UP_TO_DATE,
                "created_at": event.at - MINUTE,
                "finished_at": event.at,
                "waiting_limit": WAITING,
                "running_limit": RUNNING,
                "attempts": 1,
                "facts": "",
                "accept_smaller": False,
                "added": 0,
                "removed": 0,
                "announced": True,
            }
            for device in event.quiet
        ]
        if rows:
            numbers = await insert(RunRow, rows)
            await move_devices(
                [
                    DeviceMove(device=device, site=event.site, run=number, good_at=event.at)
                    for device, number in zip(event.quiet, numbers, strict=True)
                ]
            )


def _version(run: Run, number: int, at: datetime) -> StoredVersion:
    return StoredVersion(
        device=run.device,
        site=run.site,
        number=number,
        commit=f"{run.id:036x}{number:04x}",
        run=run.id,
        captured_at=at,
        size=9,
        digest=str(number),
        added=1,
        removed=1,
    )
