"""How many runs the schedules of some jobs ask for within a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from domain.schedules import next_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from domain.schedules import Schedule

_MOST: Final = 5_000  # times of one schedule that are counted
_ANY: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A job as far as it says how often it comes due."""

    site: str
    device: str | None  # None: every device of the site
    schedule: Schedule
    created_at: datetime
    paused_at: datetime | None = None
    paused_until: datetime | None = None  # None beside paused_at: until somebody resumes it


def expected_runs(
    jobs: Iterable[Planned],
    since: datetime,
    until: datetime,
    *,
    zones: Mapping[str, ZoneInfo],
    covers: Callable[[Planned], int],
) -> int:
    """How many runs ``jobs`` ask for from ``since`` and before ``until``.

    Args:
        jobs: as they are scheduled now.
        since: a job that was made later counts from then on.
        until: the end of the time.
        zones: of the sites; jobs of others never come due.
        covers: to how many devices a job comes.
    """
    total = 0
    for job in jobs:
        zone, devices = zones.get(job.site), covers(job)
        if zone is not None and devices:
            start = max(since, job.created_at)
            total += devices * (_times(job.schedule, zone, start, until) - _paused(job, zone, start, until))
    return total


def _paused(job: Planned, zone: ZoneInfo, since: datetime, until: datetime) -> int:
    """How often it came due while it was paused."""
    if job.paused_at is None:
        return 0
    return _times(job.schedule, zone, max(since, job.paused_at), min(until, job.paused_until or until))


@lru_cache(maxsize=2048)
def _times(schedule: Schedule, zone: ZoneInfo, since: datetime, until: datetime) -> int:
    count, at = 0, next_time(schedule, zone, since - _ANY)
    while at is not None and at < until and count < _MOST:
        count, at = count + 1, next_time(schedule, zone, at)
    return count
