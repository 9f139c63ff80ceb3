"""After a stop of any kind: every run of the former life gets its true outcome, once."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from domain.failures import FailureKind
from domain.inventory.masking_rules import rules_for
from domain.runs.outcomes import Outcome
from domain.runs.steps import RunEnd, StoredVersion
from runners.results.evaluation import ChangeCount, count_changes
from runners.state.run_ends import ended
from storage.devices import versions as version_store
from storage.runs import runs as run_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.runs.run import Run
    from runners.dispatch.parts import Parts
    from storage.archive.archive import FoundVersion

log = logging.getLogger(__name__)

_ALL = 1_000_000  # unfinished runs: at most one a device


class Recovery:
    """Makes database, archive and queue agree before anything new begins."""

    def __init__(self, parts: Parts) -> None:
        self._queue = parts.queue
        self._recorder = parts.recorder
        self._inventory = parts.inventory
        self._platforms = parts.platforms
        self._archive = parts.archive
        self._clock = parts.clock

    async def take_in_commits(self) -> None:
        """Versions that were archived, but whose run was not written down as ended before the stop."""
        for site in self._inventory.sites:
            found = await self._archive.commits_after(site, await version_store.newest_commit(site))
            if found:
                log.warning("versions found that the database did not know", extra={"site": site, "count": len(found)})
                await self._take_in(await self._as_stored(site, found))

    async def line_up(self) -> None:
        """Runs that an agent was at are over: nobody listened to it. Those that waited wait on."""
        unfinished = await run_store.unfinished_runs(limit=_ALL)
        self._queue.add(unfinished)
        now = self._clock.now()
        cut_off = [run for run in unfinished if run.outcome is Outcome.IN_PROGRESS]
        await self._recorder.end([ended(run, FailureKind.INTERRUPTED, now) for run in cut_off])

    async def _take_in(self, found: Sequence[StoredVersion]) -> None:
        runs = await run_store.runs_by_id([one.run for one in found])
        open_runs = {number for number, run in runs.items() if not run.outcome.is_final}
        await version_store.add_found_versions([one for one in found if one.run not in open_runs])
        await self._recorder.end([_end_of(one, runs[one.run]) for one in found if one.run in open_runs])

    async def _as_stored(self, site: str, found: Sequence[FoundVersion]) -> list[StoredVersion]:
        """The found versions with what their commits do not tell: size, and how much changed."""
        commits = {(one.device, one.number): one.commit for one in found}
        stored: list[StoredVersion] = []
        for one in found:
            text = await self._archive.read(site, one.commit, one.device)
            before = commits.get((one.device, one.number - 1)) or await self._known_commit(one)
            counted = await self._counts(one, before, text)
            stored.append(
                StoredVersion(
                    device=one.device,
                    site=site,
                    number=one.number,
                    commit=one.commit,
                    run=one.run,
                    captured_at=one.captured_at,
                    size=len(text),
                    digest=one.digest,
                    author=one.author,
                    added=counted.added,
                    removed=counted.removed,
                    secrets_changed=counted.secrets,
                )
            )
        return stored

    async def _known_commit(self, found: FoundVersion) -> str | None:
        before = await version_store.version_of(found.device, found.number - 1)
        return before.commit if before else None

    async def _counts(self, found: FoundVersion, before: str | None, text: bytes) -> ChangeCount:
        platform = rules_for(found.device, self._inventory, self._platforms)
        if before is None or platform is None:  # a baseline, or nobody knows any more how to read it
            return ChangeCount()
        earlier = await self._archive.read(found.site, before, found.device)
        return await asyncio.to_thread(count_changes, earlier, text, platform)


def _end_of(stored: StoredVersion, run: Run) -> RunEnd:
    """The end that was about to be written when the stop came."""
    is_baseline = stored.number == 1
    return RunEnd(
        run=run.id,
        outcome=Outcome.UP_TO_DATE if is_baseline else Outcome.MODIFIED,
        at=stored.captured_at,
        started_at=run.started_at or stored.captured_at,
        base_version=None if is_baseline else stored.number - 1,
        version=stored.number,
        stored=stored,
    )
