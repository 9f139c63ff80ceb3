"""Schedules as people say them. What is clear is understood; of what is not, the wrong word is named."""

from __future__ import annotations

import re
from datetime import time
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from domain.jobs.cron import ScheduleError, normal_cron, read_cron, shown
from domain.jobs.schedules import DAY_NAMES, WEEK, WEEKDAYS, Cron, Daily, Days, OnDemand, Schedule
from domain.times.times_of_day import HALVES, joined, time_of_day

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_SCHEDULE_LENGTH: Final = 1_000  # characters that are read
_ON_DEMAND: Final = frozenset({"on demand", "on-demand", "ondemand", "never", "none", "manual", "manually"})
_FILLERS: Final = frozenset({"every", "each", "at", "on", "and", "the", "&"})
_GROUPS: Final = frozenset({"daily", "day", "days", "everyday", "weekdays", "weekday", "weekends", "weekend"})
_MONTH: Final = frozenset({"month", "monthly", "months"})
_BETWEEN: Final = re.compile(r"[\s,;+]+|(?<=\w)&(?=\w)|(?<=\w)/(?=[a-z])")
_NUMBERED: Final = re.compile(r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)")
_HINT: Final = "Try `daily 02:00`, `weekdays 02:00`, `tue,thu 22:15`, `cron 0 2 * * 1-5` or `on demand`."
_ZONE: Final = "A job runs in its site's time zone, so leave that out."


def parse_schedule(words: str) -> Schedule:
    """Read what a person typed: ``on demand``, ``daily 2 am``, ``weekdays 02:00``, ``tue & thu 22:15``, ``cron …``.

    ``daily`` means every day, ``weekdays`` Monday to Friday. ``hourly``, ``every 6 hours``, ``every 30 minutes``,
    ``monthly on the 1st at noon`` and a bare cron line of five fields are cron lines.

    Raises:
        ScheduleError: it cannot be understood, or its cron line cannot be used.
    """
    text = " ".join(words[:MAX_SCHEDULE_LENGTH].lower().split())
    if not text:
        raise ScheduleError(f"The schedule is missing. {_HINT}")
    if text in _ON_DEMAND:
        return OnDemand()
    zoned = next((word for word in text.split(" ") if word.startswith(("cron_tz=", "tz="))), None)
    if zoned:
        raise ScheduleError(f"`{shown(zoned.upper())}` is not used here. {_ZONE}")
    if text == "cron" or text.startswith(("cron ", "@")):
        return parse_cron(text.removeprefix("cron"))
    if _looks_like_cron(text):
        return parse_cron(text)
    said = joined([word for word in _BETWEEN.split(text) if word])
    return _rhythm(said) or _on_days([word for word in said if word not in _FILLERS], text)


def parse_cron(typed: str) -> Cron:
    """Check a cron line. Raises ``ScheduleError``."""
    text = normal_cron(typed)
    read_cron(text)
    return Cron(text)


def parse_time(typed: str) -> time:
    """A time of day such as ``02:00``, ``7:30`` or ``2 am``. Raises ``ScheduleError``."""
    found = time_of_day(typed)
    if found is not None:
        return found
    if not typed.strip():
        raise ScheduleError("The time is missing. Write it as hours and minutes, such as `02:00`.")
    if re.fullmatch(r"\d{1,2}[:.]\d{2}", typed.strip()):
        raise ScheduleError(f"`{shown(typed)}` is not a time of day. Use `00:00` to `23:59`.")
    raise ScheduleError(f"`{shown(typed)}` is not a time of day. Write it as hours and minutes, such as `02:00`.")


def parse_days(words: Iterable[str]) -> frozenset[int]:
    """Days of the week, such as ``tue``, ``Thursday`` or ``mon-fri``; Monday is 0. Raises ``ScheduleError``."""
    found: set[int] = set()
    for word in words:
        found |= _days(word.strip().lower())
    if not found:
        raise ScheduleError("Choose at least one day of the week.")
    return frozenset(found)


@lru_cache(maxsize=4096)
def from_store(text: str) -> Schedule:
    """The schedule that ``store_form`` wrote."""
    return parse_schedule(text)


def _looks_like_cron(text: str) -> bool:
    fields = text.split(" ")
    return len(fields) >= 5 and all(re.match(r"[\d*]", field) for field in fields[:3])  # noqa: PLR2004 - fields of cron


def _rhythm(said: list[str]) -> Cron | None:
    """``hourly``, ``every hour``, ``every 6 hours``, ``every 30 minutes``; None: it is nothing of the kind."""
    match said:
        case ["hourly"] | ["every", "hour"]:
            return Cron("0 * * * *")
        case ["every", number, ("hours" | "hour" | "h")]:
            return _every(number, 24, "hours")
        case ["every", number, ("minutes" | "minute" | "min" | "mins" | "m")]:
            return _every(number, 60, "minutes")
    return None


def _every(typed: str, whole: int, unit: str) -> Cron:
    """Only what divides a day or an hour is a rhythm: the rest would be uneven every night."""
    number = int(typed) if typed.isdecimal() and len(typed) <= 2 else 0  # noqa: PLR2004 - digits
    if not 1 <= number <= whole or whole % number:
        even = ", ".join(str(one) for one in range(1, whole) if whole % one == 0 and (unit == "hours" or one >= 5))  # noqa: PLR2004 - minutes
        day = "a day" if unit == "hours" else "an hour"
        raise ScheduleError(f"`{shown(typed)}` {unit} do not divide {day} evenly. Use one of {even}.")
    if unit == "hours":
        return parse_cron("0 0 * * *" if number == whole else f"0 */{number} * * *")
    return parse_cron("0 * * * *" if number == whole else f"*/{number} * * * *")


def _on_days(words: list[str], text: str) -> Schedule:
    times = [word for word in words if time_of_day(word) is not None]
    rest = [word for word in words if time_of_day(word) is None]
    if len(times) > 1:
        raise ScheduleError("One job has one time of day. Use `cron` for several, such as `cron 0 2,14 * * *`.")
    if _MONTH.intersection(rest):
        return _monthly(rest, times, text)
    wrong = next((word for word in rest if word[0].isdigit() or word in HALVES), None)
    if wrong:
        parse_time(wrong)
    schedule = _understand_days(rest, parse_time(times[0]) if times else time(0))
    if not times or not rest:
        raise ScheduleError(f"`{shown(text)}` has no {'time' if rest else 'days'}. {_HINT}")
    return schedule


def _monthly(rest: list[str], times: list[str], text: str) -> Cron:
    """``monthly on the 1st at 02:00``: on the first day of the month unless another one is named."""
    several = next((word for word in rest if word in {"months", "days"}), None)
    if several or re.search(r"\bevery\s+[0-9]", text.lower()):
        raise ScheduleError(f"`{shown(text)}` names no day of a month. Write `monthly 1st 02:00`, or use `cron`.")
    fillers = {"of", "day"}
    named = [word for word in rest if word not in _MONTH | fillers]
    found = [_NUMBERED.fullmatch(word) or re.fullmatch(r"(?P<day>[0-9]{1,2})", word) for word in named]
    wrong = next((word for word, number in zip(named, found, strict=True) if number is None), None)
    if wrong:
        raise ScheduleError(f"`{shown(wrong)}` is not a day of the month. Use `1st` to `31st`: `monthly 1st 02:00`.")
    if not times:
        raise ScheduleError(f"`{shown(text)}` has no time. Write `monthly 1st 02:00`.")
    at, days = parse_time(times[0]), ",".join(str(int(number["day"])) for number in found if number) or "1"
    return parse_cron(f"{at.minute} {at.hour} {days} * *")


def _understand_days(words: list[str], at: time) -> Schedule:
    match words:
        case [] | ["daily" | "day" | "days" | "everyday"]:
            return Daily(at, weekends=True)
        case ["weekdays" | "weekday" | "workdays"]:
            return Daily(at)
        case ["weekends" | "weekend"]:
            return Days(WEEK - WEEKDAYS, at)
    for word in words:
        if word not in _GROUPS:  # the word to name is the one that means nothing
            _days(word)
    return Days(parse_days(words), at)


def _days(word: str) -> frozenset[int]:
    first, dash, last = word.partition("-")
    start, end = _day(first, word), _day(last, word) if dash else _day(first, word)
    return frozenset((start + step) % 7 for step in range((end - start) % 7 + 1))


def _day(name: str, word: str) -> int:
    singular = name.removesuffix("s") if name.endswith("days") else name
    found = [number for number, full in enumerate(DAY_NAMES) if len(name) > 1 and full.lower().startswith(singular)]
    if len(found) != 1:
        raise ScheduleError(f"`{shown(word)}` is not a day or a time. {_HINT}")
    return found[0]
