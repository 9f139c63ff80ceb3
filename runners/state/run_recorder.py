"""Writing down what becomes of runs: the database first, then memory, then whoever wants to hear of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from storage.runs import runs as run_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from domain.inventory.declared import Site
    from domain.jobs.slots import Taken
    from domain.messages.places import Place
    from domain.runs.batches import Batch
    from domain.runs.run import NewRun, Run, Trigger
    from domain.runs.steps import RunEnd, RunStart
    from runners.state.announcements import Announcements
    from runners.state.run_queue import RunQueue

log = logging.getLogger(__name__)


class RunRecorder:
    """The one way in which a run changes, so that database, queue and announcements never disagree for long."""

    def __init__(self, queue: RunQueue, announcements: Announcements) -> None:
        self._queue = queue
        self._announcements = announcements

    async def add(self, new: NewRun) -> Run:
        """A run that is asked for."""
        [run] = await run_store.add_runs([new])
        self._added([run])
        return run

    async def add_batch(
        self,
        site: Site,
        new: Sequence[NewRun],
        *,
        trigger: Trigger,
        asked_by: str | None,
        place: Place | None,
        at: datetime,
    ) -> tuple[Batch, list[Run]]:
        """Runs of one site that are asked for together."""
        batch, runs = await run_store.add_batch(site.key, trigger, asked_by, place, at, new)
        self._added(runs)
        return batch, runs

    def take_up(self, taken: Taken) -> None:
        """Jobs have come due, and the database has what they began and ended. What waits is not worth telling."""
        self._over(taken.ended)
        self._queue.add(taken.runs)

    async def start(self, starts: Sequence[RunStart]) -> None:
        """Agents have begun attempts."""
        if starts:
            self._announcements.put(self._queue.update(await run_store.start_runs(starts)))

    async def requeue(self, runs: Sequence[int]) -> None:
        """Their agent was lost, and they have an attempt left: back to Pending."""
        if runs:
            changed = self._queue.update(await run_store.requeue_runs(runs))
            self._queue.take_back(runs)
            self._announcements.put(changed)

    async def end(self, ends: Sequence[RunEnd]) -> list[Run]:
        """Runs have ended; returns those for which this was the first word about it."""
        if not ends:
            return []
        ended = await run_store.finish_runs(ends)
        self._over(ended)
        return ended

    def _over(self, ended: Sequence[Run]) -> None:
        self._queue.end(ended)
        self._announcements.put(ended)
        for run in ended:
            log.info("run ended", extra=_facts(run))

    async def end_early(self, ends: Sequence[RunEnd]) -> list[Run]:
        """End runs by our own word. A result that is being taken in wins: its version may be in the archive already."""
        claimed = [end for end in ends if self._queue.arriving.claim(end.run)]
        try:
            return await self.end(claimed)
        finally:
            self._queue.arriving.disclaim(end.run for end in claimed)

    def _added(self, runs: Iterable[Run]) -> None:
        self._queue.add(runs)
        self._announcements.put(runs)


def _facts(run: Run) -> dict[str, object]:
    reason = run.reason.value if run.reason else None
    return {"run": run.id, "device": run.device, "outcome": run.outcome.value, "reason": reason, "agent": run.agent}
