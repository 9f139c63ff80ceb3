"""A span of local days that a person names: ``30d``, ``this month``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from domain.times.wall_clock import local_day

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

MAX_PERIOD_DAYS = 92  # days: a quarter of a year
USUAL = "30d"

_COUNTED = re.compile(r"(?:last )?(?P<count>[0-9]{1,4}) ?(?P<unit>d|days?|w|weeks?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Some days in a row."""

    first: date
    days: int
    words: str  # "the last 30 days"
    typed: str  # what a person types to mean it: "30d"

    @property
    def last(self) -> date:
        """The last day."""
        return self.first + timedelta(days=self.days - 1)

    @property
    def dates(self) -> str:
        """Its first and last day: ``24 Oct - 22 Nov 2026``."""
        if self.days == 1:
            return short_date(self.last, year=True)
        return f"{short_date(self.first, year=self.first.year != self.last.year)} - {short_date(self.last, year=True)}"

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From when and until when it lasts in ``zone``, as UTC."""
        return local_day(self.first, zone)[0], local_day(self.last, zone)[1]


def read_period(words: str, *, today: date) -> Period | None:
    """The period that ``words`` name, seen from ``today``; None: they name none.

    Counted days end with today. One that is longer than ``MAX_PERIOD_DAYS`` has its last days.
    """
    named = " ".join(words.casefold().replace("-", " ").split())
    found = _COUNTED.fullmatch(named)
    if found:
        count = int(found["count"]) * (7 if found["unit"].startswith("w") else 1)
        return _last(min(count, MAX_PERIOD_DAYS), today) if count else None
    return _NAMED[named](today) if named in _NAMED else None


def short_date(day: date, *, year: bool = False) -> str:
    """``3 May``, with the year if wanted."""
    return f"{day.day} {day:%b %Y}" if year else f"{day.day} {day:%b}"


def _last(days: int, today: date) -> Period:
    words = f"the last {days} days" if days > 1 else "today"
    return Period(first=today - timedelta(days=days - 1), days=days, words=words, typed=f"{days}d")


def _from_to(words: str, first: date, last: date) -> Period:
    return Period(first=first, days=(last - first).days + 1, words=words, typed=words)


def _month(words: str, day: date, *, until: date | None = None) -> Period:
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return _from_to(words, first, until or after - timedelta(days=1))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


_NAMED: dict[str, Callable[[date], Period]] = {
    "today": lambda today: _from_to("today", today, today),
    "yesterday": lambda today: _from_to("yesterday", today - timedelta(days=1), today - timedelta(days=1)),
    "this week": lambda today: _from_to("this week", _monday(today), today),
    "last week": lambda today: _from_to(
        "last week", _monday(today) - timedelta(days=7), _monday(today) - timedelta(days=1)
    ),
    "this month": lambda today: _month("this month", today, until=today),
    "last month": lambda today: _month("last month", today.replace(day=1) - timedelta(days=1)),
}
