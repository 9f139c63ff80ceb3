"""Numbers and times as people type them; None wherever a word is something else."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from domain.jobs.schedules import DAY_NAMES
from domain.runs.outcomes import BAD, Outcome
from domain.times.times_of_day import joined, time_of_day
from domain.times.wall_clock import day_begins, moment_after

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

_RUN = re.compile(r"(?:run:)?#?(?P<number>[0-9]{1,18})", re.IGNORECASE)
_VERSION = re.compile(r"v?(?P<number>[0-9]{1,9})", re.IGNORECASE)
_PAIR = re.compile(r"v?(?P<before>[0-9]{1,9})\.{2,3}v?(?P<after>[0-9]{1,9})", re.IGNORECASE)
_AGO = re.compile(r"(?P<count>[0-9]{1,4})(?P<unit>[mhdw])", re.IGNORECASE)
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
    return day_begins(day + timedelta(days=1), zone) - timedelta(microseconds=1)


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
    return day_begins(day, zone) if day else None


def until(words: Sequence[str], *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """``friday``, ``tomorrow 6 am``, ``2026-05-08``, ``18:00``, ``noon`` or ``2h``: the moment that is meant, as UTC.

    None: it is none of these, or not in the future.

    A day without a time begins at midnight in ``zone``; a time without a day is the next such time.
    """
    if len(words) == 1 and (ahead := _AGO.fullmatch(words[0])):
        return now + timedelta(**{_UNITS[ahead["unit"].lower()]: int(ahead["count"])})
    said = [word for word in joined([word.casefold() for word in words]) if word not in {"at", "on"}]
    clock = time_of_day(said[-1]) if said else None
    named = said if clock is None else said[:-1]
    if len(named) > 1 or not said:
        return None
    today = now.astimezone(zone).date()
    day = _coming_day(named[0], today) if named else today
    if day is None:
        return None
    days = [day] if named else [day, day + timedelta(days=1)]
    moments = (moment_after(datetime.combine(one, clock or time.min), zone, now) for one in days)
    return next((moment for moment in moments if moment), None)


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
