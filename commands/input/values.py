"""Numbers and times as people type them; None wherever a word is something else."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from domain.jobs.schedules import DAY_NAMES
from domain.runs.outcomes import BAD, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

_RUN = re.compile(r"(?:run:)?#?(?P<number>[0-9]{1,18})", re.IGNORECASE)
_VERSION = re.compile(r"v?(?P<number>[0-9]{1,9})", re.IGNORECASE)
_PAIR = re.compile(r"v?(?P<before>[0-9]{1,9})\.{2,3}v?(?P<after>[0-9]{1,9})", re.IGNORECASE)
_AGO = re.compile(r"(?P<count>[0-9]{1,4})(?P<unit>[mhdw])", re.IGNORECASE)
_CLOCK = re.compile(r"(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_YEARS = range(1970, 3000)  # beyond it, moving between time zones can leave the calendar

GOOD = frozenset({Outcome.UP_TO_DATE, Outcome.MODIFIED})
_OUTCOMES = {
    **{outcome.word.casefold(): frozenset({outcome}) for outcome in Outcome},
    "uptodate": frozenset({Outcome.UP_TO_DATE}),
    "unchanged": frozenset({Outcome.UP_TO_DATE}),
    "changed": frozenset({Outcome.MODIFIED}),
    "running": frozenset({Outcome.IN_PROGRESS}),
    "timeout": frozenset({Outcome.TIMED_OUT}),
    "good": GOOD,
    "ok": GOOD,
    "bad": BAD,
}


def run_number(word: str) -> int | None:
    """``123``, ``#123`` or ``run:123``."""
    found = _RUN.fullmatch(word)
    return int(found["number"]) if found else None


def version_number(word: str) -> int | None:
    """``v3`` or ``3``."""
    found = _VERSION.fullmatch(word)
    return int(found["number"]) if found else None


def version_pair(word: str) -> tuple[int, int] | None:
    """``3..5`` or ``v3..v5``."""
    found = _PAIR.fullmatch(word)
    return (int(found["before"]), int(found["after"])) if found else None


def day_of(word: str) -> date | None:
    """``2026-05-03``."""
    try:
        day = date.fromisoformat(word)
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last moment of ``day`` in ``zone``, as UTC."""
    return datetime.combine(day, time.max, zone).astimezone(UTC)


def since(word: str, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """``7d``, ``24h``, ``today``, ``yesterday`` or ``2026-05-01``: from when on, as UTC.

    Days begin at midnight in ``zone``.
    """
    ago = _AGO.fullmatch(word)
    if ago:
        return now - timedelta(**{_UNITS[ago["unit"].lower()]: int(ago["count"])})
    today = now.astimezone(zone).date()
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    day = named.get(word.casefold()) or day_of(word)
    return datetime.combine(day, time.min, zone).astimezone(UTC) if day else None


def until(words: Sequence[str], *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """``friday``, ``tomorrow 06:00``, ``2026-05-08``, ``18:00`` or ``2h``: the moment that is meant, as UTC.

    None: it is none of these, or not in the future.

    A day without a time begins at midnight in ``zone``; a time without a day is the next such time.
    """
    if len(words) == 1 and (ahead := _AGO.fullmatch(words[0])):
        return now + timedelta(**{_UNITS[ahead["unit"].lower()]: int(ahead["count"])})
    here = now.astimezone(zone)
    clock = clock_time(words[-1]) if words else None
    named = words[:-1] if clock else words
    if len(named) > 1 or not words:
        return None
    day = _coming_day(named[0], here.date()) if named else here.date()
    if day is None:
        return None
    moment = datetime.combine(day, clock or time.min, zone)
    if not named and moment <= here:
        moment = datetime.combine(day + timedelta(days=1), clock or time.min, zone)
    return moment.astimezone(UTC) if moment > here else None


def clock_time(word: str) -> time | None:
    """``07:00`` or ``7.30``."""
    found = _CLOCK.fullmatch(word)
    if not found or int(found["hour"]) > 23 or int(found["minute"]) > 59:  # noqa: PLR2004 - the last hour and minute
        return None
    return time(int(found["hour"]), int(found["minute"]))


def _coming_day(word: str, today: date) -> date | None:
    name = word.casefold()
    if name in {"today", "tomorrow"}:
        return today + timedelta(days=name == "tomorrow")
    is_short = len(name) < len("mon")
    weekday = next((at for at, full in enumerate(DAY_NAMES) if full.casefold().startswith(name) and not is_short), None)
    if weekday is not None:
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    return day_of(word)


def leading_outcomes(words: Sequence[str]) -> tuple[frozenset[Outcome], int]:
    """The outcomes that ``words`` begins with (``up to date``, ``Failed``), and how many words that took.

    Nothing found: no outcomes and 0 words.
    """
    for count in (3, 2, 1):
        phrase = " ".join(words[:count]).casefold().replace("-", " ").replace("_", " ")
        if count <= len(words) and phrase in _OUTCOMES:
            return _OUTCOMES[phrase], count
    return frozenset(), 0
