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


@pytest.mark.parametrize(
    ("typed", "days", "words"),
    [
        ("1d", 1, "today"),
        ("2d", 2, "the last 2 days"),
        ("1w", 7, "the last 7 days"),
        ("91d", 91, "the last 91 days"),
        ("92d", 92, "the last 92 days"),
        ("93d", 92, "the last 92 days"),
        ("13w", 91, "the last 91 days"),
        ("14w", 92, "the last 92 days"),
    ],
)
def test_counted_days_end_with_today_and_are_92_at_most(typed: str, days: int, words: str) -> None:
    period = read_period(typed, today=TODAY)

    assert period
    assert (period.days, period.words, period.typed) == (days, words, f"{days}d")
    assert period.last == TODAY


@pytest.mark.parametrize(
    ("typed", "today", "dates"),
    [
        ("2d", date(2026, 3, 1), "28 Feb - 1 Mar 2026"),
        ("2d", date(2026, 1, 1), "31 Dec 2025 - 1 Jan 2026"),
        ("this week", date(2026, 3, 2), "2 Mar 2026"),
        ("this month", date(2026, 3, 31), "1 Mar - 31 Mar 2026"),
        ("last week", date(2026, 3, 8), "23 Feb - 1 Mar 2026"),
        ("last week", date(2026, 3, 9), "2 Mar - 8 Mar 2026"),
        ("last month", date(2026, 3, 1), "1 Feb - 28 Feb 2026"),
    ],
)
def test_weeks_begin_on_monday_and_months_on_their_first(typed: str, today: date, dates: str) -> None:
    period = read_period(typed, today=today)

    assert period
    assert period.dates == dates


@pytest.mark.parametrize("day", [date(2026, 3, 2), date(2026, 3, 29), date(2026, 10, 25)])
def test_a_period_of_one_day_spans_that_day(day: date) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    period = read_period("today", today=day)

    assert period
    since, until = (moment.astimezone(berlin) for moment in period.span(berlin))
    assert (since.date(), until.date()) == (day, day + timedelta(days=1))
    assert (since.hour, until.hour) == (0, 0)
