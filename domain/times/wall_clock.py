"""Moments by what the clock on the wall shows: it skips hours and even days, and shows others twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo


def first_moment(wall: datetime, zone: tzinfo) -> datetime:
    """When the wall clock of ``zone`` shows ``wall``, UTC: the first time, or the end of the gap that swallowed it."""
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _shows(moment, wall, zone):
        return moment
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    before = early.astimezone(zone).utcoffset()
    while moment - early > timedelta(seconds=1):
        middle = early + (moment - early) / 2
        is_before = middle.astimezone(zone).utcoffset() == before
        early, moment = (middle, moment) if is_before else (early, middle)
    return moment.replace(microsecond=0)


def moment_after(wall: datetime, zone: tzinfo, after: datetime) -> datetime | None:
    """The first moment later than ``after``, UTC, at which the clock shows ``wall``; None: it has all been.

    An hour that comes twice gives a second chance; one that is skipped counts as the end of the gap.
    """
    first, again = first_moment(wall, zone), wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    times = [first, again] if _shows(again, wall, zone) else [first]
    return next((moment for moment in times if moment > after), None)


def day_begins(day: date, zone: tzinfo) -> datetime:
    """The first moment of ``day``, UTC. A day that a zone skips begins and ends with the next one."""
    return first_moment(datetime.combine(day, time.min), zone)


def local_day(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """From when and until when ``day`` lasts in ``zone``, as UTC: 23 or 25 hours where clocks change."""
    return day_begins(day, zone), day_begins(day + timedelta(days=1), zone)


def _shows(moment: datetime, wall: datetime, zone: tzinfo) -> bool:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0) == wall.replace(tzinfo=None, fold=0)
