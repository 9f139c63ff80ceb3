"""Schedules in words. What is said of a cron line comes from the times at which it comes due, never from its text."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from domain.jobs.cron import read_cron
from domain.jobs.schedules import DAY_NAMES, WEEK, WEEKDAYS, Cron, Daily, Days, OnDemand

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from domain.jobs.cron import CronFields
    from domain.jobs.schedules import Schedule

MAX_TIMES_LISTED: Final = 8  # times of a day that are listed one by one
MAX_EVEN_TIMES_LISTED: Final = 4  # the same where they are a rhythm of minutes
_HOUR, _DAY = 60, 24
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)


@lru_cache(maxsize=4096)
def in_words(schedule: Schedule) -> str:
    """How a person reads it: ``Weekdays at 02:00``, ``Tuesday and Thursday at 22:15``, ``On demand``."""
    match schedule:
        case OnDemand():
            return "On demand"
        case Daily(at, weekends):
            return f"{'Every day' if weekends else 'Weekdays'} at {at:%H:%M}"
        case Days(days, at):
            return f"{_weekdays(days)} at {at:%H:%M}"
        case Cron(text):
            return _of_cron(read_cron(text))


def _of_cron(fields: CronFields) -> str:
    hours, minutes = sorted(fields.hours), sorted(fields.minutes)
    days = _days(fields)
    if _are_listed(hours, minutes):
        times = _and([f"{hour:02}:{minute:02}" for hour in hours for minute in minutes])
        return f"{days or 'Every day'} at {times}"
    return f"{_rhythm(hours, minutes)}, {_within_a_sentence(days)}" if days else _rhythm(hours, minutes)


def _are_listed(hours: Sequence[int], minutes: Sequence[int]) -> bool:
    """Whether the times of a day are few, and no rhythm says them shorter."""
    count, is_even = len(hours) * len(minutes), _step(minutes, _HOUR, least=2)
    return count <= MAX_TIMES_LISTED and not _step(hours, _DAY) and not (is_even and count > MAX_EVEN_TIMES_LISTED)


def _within_a_sentence(days: str) -> str:
    return days if days.startswith(DAY_NAMES) else days[0].lower() + days[1:]


def _rhythm(hours: Sequence[int], minutes: Sequence[int]) -> str:
    """What repeats within a day."""
    if len(minutes) == 1:
        step = _step(hours, _DAY)
        if step:
            every = "hour" if step == 1 else f"{step} hours"
            return f"Every {every} from {hours[0]:02}:{minutes[0]:02}" if step > 1 else _each_hour(minutes)
        return f"{_each_hour(minutes)}{_within(hours)}"
    step = _step(minutes, _HOUR, least=2)
    if step:
        begin = f" from :{minutes[0]:02}" if minutes[0] else ""
        return f"Every {step} minutes{begin}{_within(hours)}"
    return f"{_each_hour(minutes)}{_within(hours)}"


def _each_hour(minutes: Sequence[int]) -> str:
    return f"Every hour at {_and([f':{minute:02}' for minute in minutes])}"


def _within(hours: Sequence[int]) -> str:
    """In which hours, if not in all."""
    if len(hours) == _DAY:
        return ""
    if hours[-1] - hours[0] == len(hours) - 1:
        return f" of {hours[0]:02}:00-{hours[-1]:02}:59"
    return f" of the hours {_and([f'{hour:02}' for hour in hours])}"


def _step(values: Sequence[int], whole: int, *, least: int = 3) -> int | None:
    """How far apart ``values`` are, if that is the same all round and there are so many; None: it is uneven."""
    gaps = {later - earlier for earlier, later in pairwise(values)} | {values[0] + whole - values[-1]}
    return gaps.pop() if len(gaps) == 1 and len(values) >= least else None


def _days(fields: CronFields) -> str:
    """On which days; empty: on all."""
    named = _and(_MONTHS[one - 1] for one in sorted(fields.months))
    months = f"in {named}" if len(fields.months) < len(_MONTHS) else ""
    if len(fields.weekdays) < len(WEEK):
        return f"{_weekdays(fields.weekdays)}{' ' + months if months else ''}"
    if len(fields.days) < 31:  # noqa: PLR2004 - of the longest month
        return f"On day {_and(_spans(fields.days))} {months or 'of each month'}"
    return f"Every day {months}" if months else ""


def _weekdays(days: Collection[int]) -> str:
    if days == WEEK:
        return "Every day"
    return "Weekdays" if days == WEEKDAYS else _and(DAY_NAMES[day] for day in sorted(days))


def _spans(values: Iterable[int]) -> list[str]:
    """``1-7``, ``15``: numbers in a row as one."""
    spans: list[list[int]] = []
    for value in sorted(values):
        if spans and value == spans[-1][-1] + 1:
            spans[-1].append(value)
        else:
            spans.append([value])
    return [str(span[0]) if len(span) == 1 else f"{span[0]}-{span[-1]}" for span in spans]


def _and(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
