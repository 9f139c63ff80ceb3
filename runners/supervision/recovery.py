"""After a stop of any kind: every run of the former life gets its true outcome, once."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from domain.failures import FailureKind
from domain.inventory.masking_rules import rules_for
from domain.runs.outcomes import Outcome
from domain.runs.steps import RunEnd, StoredVersion
from runners.dispatch.planning import MAX_START_SPREAD
from runners.results.evaluation import ChangeCount, count_changes
from runners.state.run_ends import ended
from storage.archive.archive import ArchiveError
from storage.devices import versions as version_store
from storage.runs import runs as run_store
from storage.runs.numbering import go_on_behind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.runs.run import Run
    from runners.dispatch.parts import Parts
    from storage.archive.archive import FoundVersion

log = logging.getLogger(__name__)

MAX_KNOWN_COMMITS = 100  # of a site, that its branch must hold
_ALL = 1_000_000  # unfinished runs: at most one a device


@dataclass(frozen=True, slots=True)
class _Base:
    """The version that a found one replaced."""

    number: int
    commit: str


@dataclass(frozen=True, slots=True)
class _Found:
    """A version that git has and the database has not."""

    version: StoredVersion
    base: _Base | None  # None: it is a baseline


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
        """Versions that were archived, but whose run was not written down as ended before the stop.

        A repository that cannot be read keeps no other site from this. Afterwards runs go on behind the highest number
        that is known.
        """
        highest = 0
        for site in self._inventory.sites:
            try:
                highest = max(highest, await self._take_in_site(site))
            except ArchiveError as error:
                log.error("versions not looked for", extra={"site": site, "error": str(error)})  # noqa: TRY400 - its facts are enough
        await go_on_behind(highest)

    async def _take_in_site(self, site: str) -> int:
        """Returns the highest number of a run that was found."""
        await self._archive.expect(site, await version_store.newest_commits(site, limit=MAX_KNOWN_COMMITS))
        found = await self._archive.commits_after(site, next(iter(await version_store.newest_commits(site)), None))
        known = await version_store.versions_numbered([(one.device, one.number) for one in found])
        unknown = {one.commit for one in found} - {one.commit for one in known}
        fresh = [one for one in found if one.commit in unknown]
        if fresh:
            log.warning("versions found that the database did not know", extra={"site": site, "count": len(fresh)})
            await self._take_in(await self._as_stored(site, fresh))
        return max((one.run for one in found), default=0)

    async def line_up(self) -> None:
        """Runs that an agent was at are over: nobody listened to it. Those that waited wait on."""
        unfinished = await run_store.unfinished_runs(limit=_ALL)
        now = self._clock.now()
        self._queue.add(_startable(run, now) for run in unfinished)
        cut_off = [run for run in unfinished if run.outcome is Outcome.IN_PROGRESS]
        await self._recorder.end([ended(run, FailureKind.INTERRUPTED, now) for run in cut_off])

    async def _take_in(self, found: Sequence[_Found]) -> None:
        runs = await run_store.runs_by_id([one.version.run for one in found])
        found = [_named(one, runs.get(one.version.run)) for one in found]
        open_runs = {number for number, run in runs.items() if not run.outcome.is_final}
        await version_store.add_found_versions([one.version for one in found if one.version.run not in open_runs])
        await self._recorder.end([_end_of(one, runs[one.version.run]) for one in found if one.version.run in open_runs])

    async def _as_stored(self, site: str, found: Sequence[FoundVersion]) -> list[_Found]:
        """The found versions with what their commits do not tell: size, and how much changed."""
        stored: list[_Found] = []
        newest: dict[str, _Base] = {}
        for one in found:
            text = await self._archive.read(site, one.commit, one.device)
            base = newest.get(one.device) or await self._known_base(one)
            counted = await self._counts(one, base, text)
            version = StoredVersion(
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
            stored.append(_Found(version, base))
            newest[one.device] = _Base(one.number, one.commit)
        return stored

    async def _known_base(self, found: FoundVersion) -> _Base | None:
        """The version of the same site that was the newest there until then: as at every run, no other is looked at."""
        known = await version_store.newest_version(found.device, sites=[found.site])
        return _Base(known.number, known.commit) if known else None

    async def _counts(self, found: FoundVersion, base: _Base | None, text: bytes) -> ChangeCount:
        platform = rules_for(found.device, self._inventory, self._platforms)
        if base is None or platform is None:  # a baseline, or nobody knows any more how to read it
            return ChangeCount()
        earlier = await self._archive.read(found.site, base.commit, found.device)
        return await asyncio.to_thread(count_changes, earlier, text, platform)


def _startable(run: Run, now: datetime) -> Run:
    """``run``, at once if its start was put off by a clock that has been set back since."""
    is_far = run.not_before is not None and run.not_before > now + MAX_START_SPREAD
    return replace(run, not_before=None) if is_far else run


def _named(found: _Found, run: Run | None) -> _Found:
    """Under the name that its run has: that of a past that was sealed meanwhile is another one."""
    return replace(found, version=replace(found.version, device=run.device)) if run else found


def _end_of(found: _Found, run: Run) -> RunEnd:
    """The end that was about to be written when the stop came."""
    version, base = found.version, found.base
    return RunEnd(
        run=run.id,
        outcome=Outcome.MODIFIED if base else Outcome.UP_TO_DATE,
        at=version.captured_at,
        started_at=run.started_at or version.captured_at,
        base_version=base.number if base else None,
        version=version.number,
        stored=version,
    )
