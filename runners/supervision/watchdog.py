"""The tick that leaves no run unfinished beyond its clocks, whatever happened."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from domain.failures import FailureKind
from domain.runs.timeouts import CANCEL_TIMEOUT, clock_that_ran_out
from runners.state.run_ends import cancelled, ended
from runners.wire.messages import Cancel
from storage.runs import runs as run_store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.runs.run import Run
    from domain.runs.steps import RunEnd
    from domain.runs.timeouts import Why
    from runners.dispatch.parts import Parts

MAX_ENDED_AT_ONCE = 500  # runs of one transaction


class Watchdog:
    """Ends what the clocks and unanswered wishes to cancel say is over."""

    def __init__(self, parts: Parts) -> None:
        self._queue = parts.queue
        self._recorder = parts.recorder
        self._assigner = parts.assigner
        self._inventory = parts.inventory
        self._clock = parts.clock
        self._causes = parts.causes

    async def end_overdue(self) -> None:
        """End the runs one of whose clocks has run out, and have their sessions closed."""
        now = self._clock.now()
        overdue = {run.id: run for run in await run_store.overdue_runs(now)}
        overdue |= {run.id: run for run in self._queue.unfinished()}
        out = [(run, kind) for run in overdue.values() if (kind := self._kind(run, now))]
        whys = self._causes.never_started([run for run, kind in out if kind is FailureKind.NEVER_STARTED], now)
        whys |= await self._causes.too_long([run for run, kind in out if kind is FailureKind.RUNNING_LIMIT], now)
        await self._end([_explained(ended(run, kind, now), whys.get(run.id)) for run, kind in out])

    async def end_cancelled(self) -> None:
        """End the runs that were to be cancelled and whose agent has not confirmed it in time."""
        now, steady = self._clock.now(), self._clock.steady()
        late = [
            cancelled(run, now, by=wish.by)
            for number, wish in self._queue.wishes.all().items()
            if steady - wish.at >= CANCEL_TIMEOUT
            and number not in self._queue.arriving
            and (run := self._queue.find(number))
        ]
        await self._end(late)

    async def end_undeclared(self) -> None:
        """End the waiting runs whose device is no longer declared at their site.

        Nobody knows how to reach it, or it belongs to others now: its text is none of that site's.
        """
        now = self._clock.now()
        await self._end(
            [
                ended(run, FailureKind.NOT_DECLARED, now, facts=f"{run.device} is not at {run.site} in app.yaml.")
                for run in self._queue.unfinished()
                if self._inventory.device_at(run.device, run.site) is None and self._queue.is_waiting(run.id)
            ]
        )

    def _kind(self, run: Run, now: datetime) -> FailureKind | None:
        if run.id in self._queue.arriving:  # its result came in time and is being stored
            return None
        return clock_that_ran_out(run, self._queue.clocks.now_of(run) if self._queue.find(run.id) else now)

    async def _end(self, ends: Sequence[RunEnd]) -> None:
        for start in range(0, len(ends), MAX_ENDED_AT_ONCE):
            await self._end_some(ends[start : start + MAX_ENDED_AT_ONCE])

    async def _end_some(self, ends: Sequence[RunEnd]) -> None:
        by_agent: dict[str, list[int]] = defaultdict(list)
        for run in await self._recorder.end_early(ends):
            handed = self._queue.handed.find(run.id)
            if handed:
                by_agent[handed.agent].append(run.id)
        for agent, over in by_agent.items():
            await self._close_sessions(agent, over)

    async def _close_sessions(self, agent: str, runs: list[int]) -> None:
        for run in runs:
            if not await self._assigner.tell(agent, Cancel(run=run)):
                return  # it is away: its sessions end with it, or when it is back and names them


def _explained(end: RunEnd, why: Why | None) -> RunEnd:
    return replace(end, facts=why.sentence, cause=why.cause) if why else end
