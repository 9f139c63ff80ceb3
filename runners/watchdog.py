"""The tick that leaves no run unfinished beyond its clocks, whatever happened."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC
from typing import TYPE_CHECKING

from domain.failures import FailureKind
from domain.timeouts import CANCEL_PATIENCE, clock_that_ran_out, why_never_started
from runners.ends import cancelled, ended
from runners.messages import Cancel
from storage import runs as run_store

if TYPE_CHECKING:
    from datetime import datetime

    from domain.runs import Run, RunEnd
    from runners.parts import Parts


class Watchdog:
    """Ends what the clocks and unanswered wishes to cancel say is over."""

    def __init__(self, parts: Parts) -> None:
        self._queue = parts.queue
        self._ledger = parts.ledger
        self._attendance = parts.attendance
        self._feeder = parts.feeder
        self._inventory = parts.inventory
        self._clock = parts.clock

    async def end_overdue(self) -> None:
        """End the runs one of whose clocks has run out, and have their sessions closed."""
        now = self._clock.now()
        overdue = {run.id: run for run in await run_store.overdue_runs(now)}
        overdue |= {run.id: run for run in self._queue.unfinished()}
        ends = [self._overdue_end(run, kind, now) for run in overdue.values() if (kind := self._kind(run, now))]
        await self._end(ends)

    async def end_cancelled(self) -> None:
        """End the runs that were to be cancelled and whose agent has not confirmed it in time."""
        now = self._clock.now()
        late = [
            cancelled(run, now, by=wish.by)
            for number, wish in self._queue.wishes().items()
            if now - wish.at >= CANCEL_PATIENCE
            and not self._queue.is_arriving(number)
            and (run := self._queue.find(number))
        ]
        await self._end(late)

    async def end_undeclared(self) -> None:
        """End the waiting runs whose device is no longer declared: nobody knows how to reach it."""
        now = self._clock.now()
        await self._end(
            [
                ended(run, FailureKind.NOT_DECLARED, now, facts=f"{run.device} is not in app.yaml.")
                for run in self._queue.unfinished()
                if run.device not in self._inventory.devices and self._queue.is_waiting(run.id)
            ]
        )

    def _kind(self, run: Run, now: datetime) -> FailureKind | None:
        if self._queue.is_arriving(run.id):  # its result came in time and is being stored
            return None
        return clock_that_ran_out(run, now)

    def _overdue_end(self, run: Run, kind: FailureKind, now: datetime) -> RunEnd:
        return ended(run, kind, now, facts=self._cause(run, now) if kind is FailureKind.NEVER_STARTED else "")

    def _cause(self, run: Run, now: datetime) -> str:
        site = self._inventory.sites.get(run.site)
        serving = self._attendance.serving(run.site)
        names = {agent.name for agent in serving}
        agents = [self._inventory.agents[name] for name in names]
        sites = {key for key in self._inventory.sites if any(agent.serves(key) for agent in agents)}
        return why_never_started(
            run,
            now=now,
            serving=serving,
            ahead=self._queue.ahead_of(run, agents=names, sites=sites),
            timezone=site.timezone if site else UTC,
        )

    async def _end(self, ends: list[RunEnd]) -> None:
        over = await self._ledger.end(ends)
        by_agent: dict[str, list[int]] = defaultdict(list)
        for run in over:
            handed = self._queue.handed(run.id)
            if handed:
                by_agent[handed.agent].append(run.id)
        for agent, runs in by_agent.items():
            await self._close_sessions(agent, runs)

    async def _close_sessions(self, agent: str, runs: list[int]) -> None:
        for run in runs:
            if not await self._feeder.tell(agent, Cancel(run=run)):
                return  # it is away: its sessions end with it, or when it is back and names them
