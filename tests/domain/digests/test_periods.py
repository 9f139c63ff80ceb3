"""Periods as people name them."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.digests.periods import MAX_PERIOD_DAYS, read_period, short_date

TODAY = date(2026, 3, 4)  # a Wednesday


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("today", date(2026, 3, 4), TODAY),
        ("1d", date(2026, 3, 4), TODAY),
        ("yesterday", date(2026, 3, 3), date(2026, 3, 3)),
        ("7d", date(2026, 2, 26), TODAY),
        ("30 days", date(2026, 2, 3), TODAY),
        ("last 30 days", date(2026, 2, 3), TODAY),
        ("2w", date(2026, 2, 19), TODAY),
        ("This  Week", date(2026, 3, 2), TODAY),
        ("last-week", date(2026, 2, 23), date(2026, 3, 1)),
        ("this month", date(2026, 3, 1), TODAY),
        ("last month", date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_period_has_the_days_that_its_words_mean(typed: str, first: date, last: date) -> None:
    period = read_period(typed, today=TODAY)

    assert period
    assert (period.first, period.last) == (first, last)
    assert period.days == (last - first).days + 1
    again = read_period(period.typed, today=TODAY)
    assert again
    assert (again.first, again.days) == (first, period.days)


@pytest.mark.parametrize("typed", ["", "0d", "7", "d", "next week", "plant-a", "7h", "99999d", "last 0 days"])
def test_other_words_are_no_period(typed: str) -> None:
    assert read_period(typed, today=TODAY) is None


@pytest.mark.parametrize("typed", ["9999d", "400 weeks"])
def test_a_period_that_is_too_long_has_its_last_days(typed: str) -> None:
    period = read_period(typed, today=TODAY)

    assert period
    assert period.days == MAX_PERIOD_DAYS
    assert period.last == TODAY


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 1, 31), date(2025, 12, 1), date(2025, 12, 31)),
        (date(2024, 3, 31), date(2024, 2, 1), date(2024, 2, 29)),
        (date(2026, 12, 1), date(2026, 11, 1), date(2026, 11, 30)),
    ],
)
def test_last_month_is_whole_whatever_its_length(today: date, first: date, last: date) -> None:
    period = read_period("last month", today=today)

    assert period
    assert (period.first, period.last) == (first, last)


def test_a_period_lasts_from_midnight_to_midnight_over_a_change_of_the_clocks() -> None:
    period = read_period("7d", today=date(2026, 3, 30))

    assert period
    since, until = period.span(ZoneInfo("Europe/Berlin"))
    assert until - since == timedelta(days=7) - timedelta(hours=1)


def test_dates_name_the_year_where_it_is_not_plain() -> None:
    across = read_period("30d", today=date(2026, 1, 10))
    single = read_period("yesterday", today=TODAY)

    assert across
    assert across.dates == "12 Dec 2025 - 10 Jan 2026"
    assert single
    assert single.dates == "3 Mar 2026"
    assert short_date(date(2026, 5, 3)) == "3 May"
