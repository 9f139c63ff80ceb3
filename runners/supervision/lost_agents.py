"""What becomes of runs whose agent is gone, came back, or no longer knows of them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from domain.failures import FailureKind
from domain.runs.assignment import may_try_again
from domain.runs.steps import RunStart
from domain.runs.timeouts import MAX_MISSED_HEARTBEATS
from runners.state.database_retry import patiently
from runners.state.run_ends import cancelled, ended
from runners.wire.messages import Cancel

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from domain.runs.run import Run
    from domain.runs.steps import RunEnd
    from runners.dispatch.parts import Parts
    from runners.state.handed_runs import HandedRun

log = logging.getLogger(__name__)


class LostAgents:
    """Sees to it that a lost agent, message or result costs an attempt at most, never a run."""

    def __init__(self, parts: Parts) -> None:
        self._queue = parts.queue
        self._recorder = parts.recorder
        self._registry = parts.registry
        self._assigner = parts.assigner
        self._inventory = parts.inventory
        self._clock = parts.clock

    async def agent_gone(self, agent: str, *, reason: str) -> None:
        """Whatever it was at is lost: tried again while attempts are left."""
        await self._lose(self._queue.handed.of_agent(agent), facts=f"Agent {agent}: {reason}")

    async def agent_back(self, agent: str, running: Sequence[int]) -> None:
        """It said hello and what it is at: whatever waits is adopted, all else it holds is to be cancelled."""
        for run in running:
            if self._queue.is_waiting(run):
                await self.adopt(run, agent)
            elif not self._holds(run, agent):
                await self._assigner.tell(agent, Cancel(run=run))

    async def adopt(self, run: int, agent: str, *, attempt: int | None = None) -> None:
        """An agent is at a run that waits here: that is where it is being carried out."""
        found = self._queue.find(run)
        if found is None:
            return
        self._queue.hand(found, agent, has_begun=True)
        attempts = attempt or max(1, found.attempts)
        await self._recorder.start([RunStart(run=run, agent=agent, attempt=attempts, at=self._clock.now())])

    async def heartbeat(self, agent: str, running: Collection[int]) -> None:
        """Look for runs that the agent ought to be at and is not: the message or the result got lost.

        One that it has not begun may wait in its queue, unless it is at nothing else of that site.
        """
        sites = {run.site for run in map(self._queue.find, running) if run}
        missing: list[HandedRun] = []
        for handed in self._queue.handed.of_agent(agent):
            is_due = handed.has_begun or handed.site not in sites or self._has_ended(handed)
            is_missed = is_due and handed.run not in running
            handed.missed = handed.missed + 1 if is_missed else 0
            if handed.missed >= MAX_MISSED_HEARTBEATS:
                missing.append(handed)
        if missing:
            log.warning("agent lost runs", extra={"agent": agent, "runs": [handed.run for handed in missing]})
            await self._lose(missing, facts=f"Agent {agent} no longer knows of it.")

    async def take_back_from_disconnected(self) -> None:
        """A disconnected agent keeps what it has begun, until the clocks say otherwise, and nothing else."""
        for agent in self._registry.disconnected():
            waiting = [handed.run for handed in self._queue.handed.of_agent(agent) if not handed.has_begun]
            self._queue.take_back(waiting)

    async def _lose(self, lost: Sequence[HandedRun], *, facts: str) -> None:
        begun = [run for handed in lost if handed.has_begun and (run := self._queue.find(handed.run))]
        ids = {run.id for run in begun}
        self._queue.take_back(handed.run for handed in lost if handed.run not in ids)
        again = [run for run in begun if self._may_try_again(run)]
        ends = [self._lost_end(run, facts) for run in begun if run not in again]
        await patiently(lambda: self._recorder.end(ends))
        await patiently(lambda: self._recorder.requeue([run.id for run in again]))
        self._queue.handed.let_go(ids - {run.id for run in again})
        self._assigner.wake()

    def _lost_end(self, run: Run, facts: str) -> RunEnd:
        wish = self._queue.wishes.find(run.id)
        now = self._clock.now()
        return cancelled(run, now, by=wish.by) if wish else ended(run, FailureKind.AGENT_LOST, now, facts=facts)

    def _may_try_again(self, run: Run) -> bool:
        device = self._inventory.devices.get(run.device)
        if device is None or self._queue.wishes.find(run.id):
            return False
        return may_try_again(run, retries=device.retries if run.retries is None else run.retries)

    def _holds(self, run: int, agent: str) -> bool:
        handed = self._queue.handed.find(run)
        return handed is not None and handed.agent == agent and self._queue.find(run) is not None

    def _has_ended(self, handed: HandedRun) -> bool:
        return self._queue.find(handed.run) is None
