"""When a job comes due: four forms of schedule, read from words, counted in the time zone of the site.

Times are times of the wall clock. On the days when clocks change each of them still comes exactly once: one that is
skipped comes at the first moment after the gap, one that comes twice counts the first time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from apscheduler.triggers.cron import CronTrigger
from cron_descriptor import CasingTypeEnum, ExpressionDescriptor, Options

from domain.jobs.cron import ScheduleError, normal_cron, read_cron, shown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

__all__ = [
    "Cron",
    "Daily",
    "Days",
    "OnDemand",
    "Schedule",
    "ScheduleError",
    "from_store",
    "in_words",
    "next_time",
    "next_times",
    "parse_days",
    "parse_schedule",
    "parse_time",
    "store_form",
]

DAY_WORDS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # Monday is 0
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_WEEKDAYS = frozenset(range(5))
_WEEK = frozenset(range(7))
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})")
_FILLERS = {"every", "each", "at", "on", "and", "the"}
_HINT = "Try `daily 02:00`, `weekdays 02:00`, `tue,thu 22:15`, `cron 0 2 * * 1-5` or `on demand`."


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


def parse_schedule(words: str) -> Schedule:
    """Read what a person typed: ``on demand``, ``daily 02:00``, ``weekdays 02:00``, ``tue,thu 22:15``, ``cron …``.

    ``daily`` means every day, ``weekdays`` Monday to Friday. A bare cron line of five fields is understood too.

    Raises:
        ScheduleError: it cannot be understood, or its cron line cannot be used.
    """
    text = " ".join(words[:1000].lower().split())
    if not text:
        raise ScheduleError(f"The schedule is missing. {_HINT}")
    if text in {"on demand", "on-demand", "ondemand", "never", "none"}:
        return OnDemand()
    if text == "cron" or text.startswith(("cron ", "@")):
        return parse_cron(text.removeprefix("cron"))
    if _looks_like_cron(text):
        return parse_cron(text)
    return _on_days(text)


def parse_cron(typed: str) -> Cron:
    """Check a cron line. Raises ``ScheduleError``."""
    text = normal_cron(typed)
    read_cron(text)
    return Cron(text)


def parse_time(typed: str) -> time:
    """A time of day such as ``02:00`` or ``7:30``. Raises ``ScheduleError``."""
    match = _TIME.fullmatch(typed.strip()[:20])
    if not match:
        guess = "Write it as hours and minutes, such as `02:00`."
        raise ScheduleError(
            f"`{shown(typed)}` is not a time of day. {guess}" if typed.strip() else f"The time is missing. {guess}"
        )
    hour, minute = int(match[1]), int(match[2])
    if hour > 23 or minute > 59:  # noqa: PLR2004 - the last hour and minute of a day
        raise ScheduleError(f"`{shown(typed)}` is not a time of day. Use `00:00` to `23:59`.")
    return time(hour, minute)


def parse_days(words: Iterable[str]) -> frozenset[int]:
    """Days of the week, such as ``tue``, ``Thursday`` or ``mon-fri``; Monday is 0. Raises ``ScheduleError``."""
    found: set[int] = set()
    for word in words:
        first, dash, last = word.strip().lower().partition("-")
        start, end = _day(first), _day(last) if dash else _day(first)
        found |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
    if not found:
        raise ScheduleError("Choose at least one day of the week.")
    return frozenset(found)


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
def from_store(text: str) -> Schedule:
    """The schedule that ``store_form`` wrote."""
    return parse_schedule(text)


@lru_cache(maxsize=4096)
def next_time(schedule: Schedule, zone: tzinfo, after: datetime) -> datetime | None:
    """When it comes due next, later than ``after``, UTC; None: never by itself."""
    trigger = _trigger(schedule)
    if trigger is None:
        return None
    wall = after.astimezone(zone).replace(tzinfo=UTC, fold=0)  # the wall clock, as if it never changed
    while True:
        found = trigger.get_next_fire_time(None, wall)
        moment = _moment(found.replace(tzinfo=None), zone)
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
def in_words(schedule: Schedule) -> str:
    """How a person reads it: ``Weekdays at 02:00``, ``Tuesday and Thursday at 22:15``, ``On demand``."""
    match schedule:
        case OnDemand():
            return "On demand"
        case Daily(at, weekends):
            return f"{'Every day' if weekends else 'Weekdays'} at {at:%H:%M}"
        case Days(days, at):
            return f"{_days_in_words(days)} at {at:%H:%M}"
        case Cron(text):
            return _cron_in_words(text)


def _looks_like_cron(text: str) -> bool:
    fields = text.split(" ")
    return len(fields) >= 5 and all(re.match(r"[\d*]", field) for field in fields[:3])  # noqa: PLR2004 - fields of cron


def _on_days(text: str) -> Schedule:
    words = [word for word in re.split(r"[\s,]+", text) if word and word not in _FILLERS]
    times = [word for word in words if word[0].isdigit()]
    days = [word for word in words if not word[0].isdigit()]
    if len(times) > 1:
        raise ScheduleError("One job has one time of day. Use `cron` for several, such as `cron 0 2,14 * * *`.")
    if not days or not times:
        _understand_days(days)
        raise ScheduleError(f"`{shown(text)}` has no {'time' if days else 'days'}. {_HINT}")
    at = parse_time(times[0])
    return _understand_days(days, at=at)


def _understand_days(words: list[str], *, at: time = time(0)) -> Schedule:
    match words:
        case [] | ["daily" | "day" | "days" | "everyday"]:
            return Daily(at, weekends=True)
        case ["weekdays" | "weekday" | "workdays"]:
            return Daily(at)
        case ["weekends" | "weekend"]:
            return Days(_WEEK - _WEEKDAYS, at)
    return Days(parse_days(words), at)


def _day(word: str) -> int:
    names = [number for number, name in enumerate(DAY_NAMES) if len(word) > 1 and name.lower().startswith(word)]
    if len(names) != 1 and word.removesuffix("s") in {name.lower() for name in DAY_NAMES}:
        return _day(word.removesuffix("s"))
    if len(names) != 1:
        raise ScheduleError(f"`{shown(word)}` is not a schedule. {_HINT}")
    return names[0]


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


def _moment(wall: datetime, zone: tzinfo) -> datetime:
    """When the wall clock of ``zone`` shows ``wall``: the first time, or the end of the gap that swallowed it."""
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return moment
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    before = early.astimezone(zone).utcoffset()
    while moment - early > timedelta(seconds=1):
        middle = early + (moment - early) / 2
        is_before = middle.astimezone(zone).utcoffset() == before
        early, moment = (middle, moment) if is_before else (early, middle)
    return moment.replace(microsecond=0)


def _days_in_words(days: frozenset[int]) -> str:
    if days == _WEEK:
        return "Every day"
    if days == _WEEKDAYS:
        return "Weekdays"
    *first, last = (DAY_NAMES[day] for day in sorted(days))
    return f"{', '.join(first)} and {last}" if first else last


def _cron_in_words(text: str) -> str:
    options = Options()
    options.use_24hour_time_format = True
    options.casing_type = CasingTypeEnum.Sentence
    options.locale_code = "en_US"
    words = str(ExpressionDescriptor(text, options).get_description())
    return f"{words}, every day" if words.startswith("At ") and "," not in words else words
