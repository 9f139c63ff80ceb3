"""Gathering what a digest counts: questions to storage, each a small step, so that many digests hold nobody up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypedDict

from domain.digests.expected import expected_runs
from domain.digests.statistics import no_counts
from domain.jobs.job import JobQuery, JobSort
from domain.runs.health import counted
from domain.runs.outcomes import BAD, Outcome
from domain.runs.queries import RunQuery
from domain.times.wall_clock import local_day
from storage.devices import reviews
from storage.devices.devices import device_states, last_goods
from storage.devices.overdue import aging_devices
from storage.devices.versions import version_of
from storage.jobs.lists import jobs_page
from storage.jobs.planned import planned_jobs
from storage.runs import statistics
from storage.runs.dashboard import health_of_each
from storage.runs.history import runs_page
from storage.runs.runs import latest_runs_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from domain.digests.expected import Planned
    from domain.digests.periods import Period
    from domain.digests.scopes import Scope
    from domain.digests.statistics import Counts
    from domain.events.overdue import Aging
    from domain.inventory.declared import Inventory
    from domain.runs.agent_status import AgentStatus
    from domain.runs.health import Health
    from domain.runs.run import Run

_MODIFIED: Final = frozenset({Outcome.MODIFIED})
MAX_RUNS_READ: Final = 300  # runs of a kind that are looked at
_NAMED: Final = 10  # devices of a kind that are named
_COMING: Final = 3  # jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A device with failed runs in the period."""

    last: Run  # the last of them
    times: int
    good_at: datetime | None  # the last good backup; None: never
    is_good_again: bool
    is_gone: bool = False  # it belongs to another site now: how it stands there is nothing for this one


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered:
    """A device that was modified in the period."""

    last: Run  # the last run that found it so
    times: int
    added: int  # lines
    removed: int  # lines
    secrets: int  # values
    author: str = ""  # text of the device; empty: unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What there is to tell of a period."""

    period: Period
    zone: ZoneInfo
    counts: Counts
    before: Counts  # of the period before, up to the same time
    by_site: Mapping[str, Counts]
    expected: int  # runs, by the schedules
    is_over: bool  # the period
    is_cut: bool = False  # there are more failed or modified runs than were looked at
    failing: tuple[Failing, ...] = ()
    failing_more: int = 0  # devices
    altered: tuple[Altered, ...] = ()
    altered_more: int = 0  # devices
    unreviewed: int = 0
    health: Mapping[Health, int] = field(default_factory=dict)  # of the declared devices, each in one state
    never: tuple[str, ...] = ()  # those of them that were never backed up, by name
    overdue: tuple[Aging, ...] = ()  # others without a good backup for too long, the oldest first, all of them
    disconnected: tuple[AgentStatus, ...] = ()
    coming: tuple[tuple[str, str, datetime], ...] = ()  # job, site, when
    muted: Mapping[Outcome, int] = field(default_factory=no_counts)  # runs while the recipient wanted no messages

    @property
    def devices(self) -> int:
        """How many are declared."""
        return sum(self.health.values())


class _Ages(TypedDict):
    """What ``Facts`` tells of the devices as they stand now."""

    health: Mapping[Health, int]
    never: tuple[str, ...]
    overdue: tuple[Aging, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRequest:
    """Which digest is wanted."""

    scope: Scope
    period: Period
    zone: ZoneInfo
    mute: tuple[datetime, datetime] | None = None  # of the recipient


async def gather(asked: DigestRequest, inventory: Inventory, agents: Sequence[AgentStatus], *, now: datetime) -> Facts:
    """Everything that a digest about ``asked`` tells, as it is at ``now``."""
    scope, (since, end) = asked.scope, asked.period.span(asked.zone)
    until = min(end, now) if end > now else end
    by_site = await _counts(scope, since, until)
    failed = await _runs(scope, BAD, since, until)
    modified = await _runs(scope, _MODIFIED, since, until)
    failing, failing_more = await _failing(scope, failed)
    altered, altered_more = await _altered(scope, modified)
    return Facts(
        period=asked.period,
        zone=asked.zone,
        counts=_sum(by_site),
        before=_sum(await _counts(scope, *_before(asked, since, until, end))),
        by_site=by_site,
        expected=await _expected(scope, inventory, since, until),
        is_over=end <= now,
        is_cut=max(len(failed), len(modified)) >= MAX_RUNS_READ,
        failing=failing,
        failing_more=failing_more,
        altered=altered,
        altered_more=altered_more,
        unreviewed=await _unreviewed(scope),
        **await _ages(scope, inventory, now),
        disconnected=_disconnected(scope, agents),
        coming=await _coming(scope, now),
        muted=await _muted(asked, since, until),
    )


def _before(asked: DigestRequest, since: datetime, until: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The days before; of a period that goes on only as much of them."""
    first = asked.period.first - timedelta(days=asked.period.days)
    begin = local_day(first, asked.zone)[0]
    return begin, since if until >= end else min(begin + (until - since), since)


async def _counts(scope: Scope, since: datetime, until: datetime) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    if scope.sites:
        found = await statistics.outcome_counts_by_site(scope.sites, hidden=scope.hidden, since=since, until=until)
    if scope.devices:
        found |= await statistics.outcome_counts_by_site(
            scope.elsewhere, hidden=frozenset(), since=since, until=until, devices=scope.devices
        )
    return found


async def _runs(scope: Scope, outcomes: frozenset[Outcome], since: datetime, until: datetime) -> list[Run]:
    """The newest runs of a kind in ``scope``: of its whole sites, and of its single devices."""
    query = RunQuery(
        sites=scope.sites, hidden=scope.hidden, outcomes=outcomes, since=since, until=until, limit=MAX_RUNS_READ
    )
    single = replace(query, sites=scope.elsewhere, hidden=frozenset(), devices=scope.devices)
    found = await runs_page(query)
    found += await runs_page(single) if scope.devices else []
    return sorted(found, key=lambda run: -run.id)[:MAX_RUNS_READ]


async def _failing(scope: Scope, runs: Sequence[Run]) -> tuple[tuple[Failing, ...], int]:
    grouped = _by_device(scope, runs)
    named = list(grouped)[:_NAMED]
    states, latest = await device_states(named), await latest_runs_of({name: grouped[name][0].site for name in named})
    found = [
        Failing(
            last=grouped[name][0],
            times=len(grouped[name]),
            good_at=states[name].last_good_at if name in states else None,
            is_good_again=name in latest and latest[name].outcome.is_good,
            is_gone=name in states and states[name].site != grouped[name][0].site,
        )
        for name in named
    ]
    return tuple(sorted(found, key=lambda one: one.is_good_again)), len(grouped) - len(named)


async def _altered(scope: Scope, runs: Sequence[Run]) -> tuple[tuple[Altered, ...], int]:
    grouped = _by_device(scope, runs)
    named = sorted(grouped, key=lambda name: -len(grouped[name]))[:_NAMED]
    found = [
        Altered(
            last=grouped[name][0],
            times=len(grouped[name]),
            added=sum(run.added for run in grouped[name]),
            removed=sum(run.removed for run in grouped[name]),
            secrets=sum(run.secrets_changed for run in grouped[name]),
            author=await _author(grouped[name][0]),
        )
        for name in named
    ]
    return tuple(found), len(grouped) - len(named)


async def _author(run: Run) -> str:
    version = await version_of(run.device, run.version) if run.version else None
    return (version.author if version else None) or ""


def _by_device(scope: Scope, runs: Sequence[Run]) -> dict[str, list[Run]]:
    grouped: dict[str, list[Run]] = {}
    for run in runs:
        if scope.holds(run.site, run.device):
            grouped.setdefault(run.device, []).append(run)
    return grouped


async def _expected(scope: Scope, inventory: Inventory, since: datetime, until: datetime) -> int:
    jobs = await planned_jobs(scope.every_site)
    declared = scope.declared(inventory.by_site)
    names = {device.name for device in declared}
    per_site = {site: sum(device.site == site for device in declared) for site in scope.every_site}

    def covers(job: Planned) -> int:
        return per_site.get(job.site, 0) if job.device is None else int(job.device in names)

    zones = {key: site.timezone for key, site in inventory.sites.items()}
    return await asyncio.to_thread(expected_runs, jobs, since, until, zones=zones, covers=covers)


async def _unreviewed(scope: Scope) -> int:
    count = await reviews.count_unreviewed(scope.sites, scope.hidden)
    if scope.devices:
        count += await reviews.count_unreviewed_of(scope.devices, scope.elsewhere)
    return count


async def _ages(scope: Scope, inventory: Inventory, now: datetime) -> _Ages:
    """The declared devices by their last good backup: one without any is in no other list."""
    declared = list(scope.declared(inventory.by_site))
    limits = {device.name: inventory.overdue_after(device) for device in declared}
    if not limits:
        return {"health": {}, "never": (), "overdue": ()}
    goods = await last_goods(limits)
    aging = await aging_devices(scope.every_site, before=now - min(limits.values()))
    old = [one for one in aging if one.good_at and one.device in limits and one.is_overdue(now, limits[one.device])]
    return {
        "health": counted((await health_of_each(declared, inventory, now=now)).values()),
        "never": tuple(sorted(name for name, at in goods.items() if at is None)),
        "overdue": tuple(sorted(old, key=lambda one: (one.since or now, one.device))),
    }


def _disconnected(scope: Scope, agents: Sequence[AgentStatus]) -> tuple[AgentStatus, ...]:
    return tuple(
        agent
        for agent in agents
        if agent.disconnected_since is not None and (agent.sites is None or agent.sites & scope.every_site)
    )


async def _coming(scope: Scope, now: datetime) -> tuple[tuple[str, str, datetime], ...]:
    query = JobQuery(sites=scope.every_site, hidden=scope.hidden, sort=JobSort.NEXT, limit=_COMING * 4)
    found = [
        (job.name, job.site, job.next_run_at)
        for job in (await jobs_page(query)).jobs
        if job.next_run_at is not None and not job.is_paused(max(now, job.next_run_at))
        if job.device is None or scope.holds(job.site, job.device)
    ]
    return tuple(found[:_COMING])


async def _muted(asked: DigestRequest, since: datetime, until: datetime) -> Counts:
    """The runs of the period that ended in the time for which the recipient wanted no messages."""
    if asked.mute is None or asked.mute[0] >= until or asked.mute[1] <= since:
        return no_counts()
    return _sum(await _counts(asked.scope, max(since, asked.mute[0]), min(until, asked.mute[1])))


def _sum(by_site: Mapping[str, Counts]) -> Counts:
    total = no_counts()
    for counts in by_site.values():
        for outcome, count in counts.items():
            total[outcome] += count
    return total
