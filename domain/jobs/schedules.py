"""When a job comes due: four forms of schedule, counted in the time zone of the site.

Times are times of the wall clock. On the days when clocks change each of them still comes exactly once: one that is
skipped comes at the first moment after the gap, one that comes twice counts the first time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from apscheduler.triggers.cron import CronTrigger

from domain.jobs.cron import read_cron
from domain.times.wall_clock import first_moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, time, tzinfo

DAY_WORDS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # Monday is 0
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

WEEKDAYS = frozenset(range(5))
WEEK = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class OnDemand:
    """Never by itself."""


@dataclass(frozen=True, slots=True)
class Daily:
    """Monday to Friday at one time, or every day."""

    at: time
    weekends: bool = False


@dataclass(frozen=True, slots=True)
class Days:
    """Chosen days of the week at one time."""

    days: frozenset[int]  # Monday is 0; never empty
    at: time


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron line of five fields in its normal form, checked."""

    text: str


Schedule = OnDemand | Daily | Days | Cron


def store_form(schedule: Schedule) -> str:
    """The schedule as the database keeps it; ``parse_schedule`` reads it back."""
    match schedule:
        case OnDemand():
            return "on demand"
        case Daily(at, weekends):
            return f"{'daily' if weekends else 'weekdays'} {at:%H:%M}"
        case Days(days, at):
            return f"{','.join(DAY_WORDS[day] for day in sorted(days))} {at:%H:%M}"
        case Cron(text):
            return f"cron {text}"


@lru_cache(maxsize=4096)
def next_time(schedule: Schedule, zone: tzinfo, after: datetime) -> datetime | None:
    """When it comes due next, later than ``after``, UTC; None: never by itself."""
    trigger = _trigger(schedule)
    if trigger is None:
        return None
    wall = after.astimezone(zone).replace(tzinfo=UTC, fold=0)  # the wall clock, as if it never changed
    while True:
        found = trigger.get_next_fire_time(None, wall)
        moment = first_moment(found.replace(tzinfo=None), zone)
        if moment > after:
            return moment
        wall = found + timedelta(seconds=1)


def next_times(schedule: Schedule, zone: tzinfo, after: datetime, count: int = 3) -> list[datetime]:
    """The next ``count`` times, UTC; none for a job on demand."""
    found: list[datetime] = []
    while len(found) < count:
        moment = next_time(schedule, zone, found[-1] if found else after)
        if moment is None:
            break
        found.append(moment)
    return found


@lru_cache(maxsize=4096)
def _trigger(schedule: Schedule) -> CronTrigger | None:
    """What counts, on a clock that never changes. None for a job on demand."""
    match schedule:
        case Daily(at, weekends):
            days = "*" if weekends else "mon-fri"
            return CronTrigger(day_of_week=days, hour=at.hour, minute=at.minute, timezone=UTC)
        case Days(days, at):
            return CronTrigger(day_of_week=_listed(days), hour=at.hour, minute=at.minute, timezone=UTC)
        case Cron(text):
            fields = read_cron(text)
            return CronTrigger(
                month=_listed(fields.months),
                day=_listed(fields.days),
                day_of_week=_listed(fields.weekdays),
                hour=_listed(fields.hours),
                minute=_listed(fields.minutes),
                timezone=UTC,
            )
    return None


def _listed(values: Iterable[int]) -> str:
    return ",".join(str(value) for value in sorted(values))
