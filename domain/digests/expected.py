"""How many runs the schedules of some jobs ask for within a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from domain.jobs.cron import read_cron
from domain.jobs.schedules import Cron, Daily, Days, next_time
from domain.times.wall_clock import local_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from domain.jobs.schedules import Schedule

_SATURDAY: Final = 5
_DAY: Final = timedelta(days=1)
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
    """How often it comes due. Whole days on which no clock changes are counted by the calendar alone."""
    count, at = 0, since
    while at < until:
        day = at.astimezone(zone).date()
        start, end = local_day(day, zone)
        is_plain = at == start and end <= until and end - start == _DAY
        count += _on_plain_day(schedule, day) if is_plain else _one_by_one(schedule, zone, at, min(end, until))
        at = end
    return count


def _on_plain_day(schedule: Schedule, day: date) -> int:
    match schedule:
        case Daily(weekends=weekends):
            return int(weekends or day.weekday() < _SATURDAY)
        case Days(days=days):
            return int(day.weekday() in days)
        case Cron(text):
            fields = read_cron(text)
            comes = day.month in fields.months and day.day in fields.days and day.weekday() in fields.weekdays
            return len(fields.hours) * len(fields.minutes) if comes else 0
    return 0


def _one_by_one(schedule: Schedule, zone: ZoneInfo, since: datetime, until: datetime) -> int:
    count, at = 0, next_time(schedule, zone, since - _ANY)
    while at is not None and at < until:
        count, at = count + 1, next_time(schedule, zone, at)
    return count
