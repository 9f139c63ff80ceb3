"""Which days a digest looks back upon, and what becomes of digests that came due while nobody was there."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.digests.digests import Digest, DigestPeriod, DueDigest, overtake
from domain.jobs.schedules import Cron, Daily, Days, OnDemand, next_time

MONDAY = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def make_digest(period: DigestPeriod, **changed: Any) -> Digest:  # noqa: ANN401 - any field of a digest
    usual: dict[str, Any] = {
        "id": 7,
        "recipient": "U02ANNA",
        "site": None,
        "period": period,
        "schedule": Daily(time(7), weekends=True),
        "zone": "UTC",
    }
    return Digest(**usual | changed)


@pytest.mark.parametrize(
    ("period", "zone", "first", "days", "words", "typed"),
    [
        pytest.param(DigestPeriod.DAY, "UTC", date(2026, 3, 1), 1, "the day", "2026-03-01", id="the day before"),
        pytest.param(
            DigestPeriod.WEEK,
            "UTC",
            date(2026, 2, 23),
            7,
            "the week",
            "2026-02-23 until 2026-03-01",
            id="the seven days before: Monday to Sunday",
        ),
        pytest.param(
            DigestPeriod.DAY,
            "America/Los_Angeles",
            date(2026, 2, 28),
            1,
            "the day",
            "2026-02-28",
            id="still Sunday there",
        ),
        pytest.param(
            DigestPeriod.WEEK,
            "America/Los_Angeles",
            date(2026, 2, 22),
            7,
            "the week",
            "2026-02-22 until 2026-02-28",
            id="a week that ends on Saturday",
        ),
    ],
)
def test_a_digest_looks_back_upon_whole_local_days_before_it(
    period: DigestPeriod, zone: str, first: date, days: int, words: str, typed: str
) -> None:
    due = DueDigest(digest=make_digest(period, zone=zone), due_at=MONDAY)

    found = due.span

    assert (found.first, found.days, found.words, found.typed) == (first, days, words, typed)
    assert found.last < due.due_at.astimezone(ZoneInfo(zone)).date()


def test_the_key_of_a_digest_names_it_and_its_time_however_often_it_is_composed() -> None:
    due = DueDigest(digest=make_digest(DigestPeriod.DAY), due_at=MONDAY, missed=2, tries=3)

    assert due.key == "digest:7:2026-03-02T07:00"


@pytest.mark.parametrize(
    ("later", "missed", "due_after", "next_after"),
    [
        pytest.param(timedelta(0), 0, 0 * DAY, DAY, id="just due"),
        pytest.param(DAY - timedelta(seconds=1), 0, 0 * DAY, DAY, id="a second before the next"),
        pytest.param(DAY, 1, DAY, 2 * DAY, id="at the next"),
        pytest.param(3 * DAY + timedelta(hours=5), 3, 3 * DAY, 4 * DAY, id="three days later"),
    ],
)
def test_of_the_times_that_went_by_only_the_last_is_served(
    later: timedelta, missed: int, due_after: timedelta, next_after: timedelta
) -> None:
    found = overtake(make_digest(DigestPeriod.DAY), MONDAY, MONDAY + later)

    assert (found.due_at, found.missed, found.next_at) == (MONDAY + due_after, missed, MONDAY + next_after)


def test_a_weekly_digest_missed_for_a_month_is_sent_once_for_the_last_week() -> None:
    weekly = make_digest(DigestPeriod.WEEK, schedule=Days(frozenset({0}), time(7)))

    found = overtake(weekly, MONDAY, MONDAY + 30 * DAY)

    assert (found.due_at, found.missed) == (MONDAY + 28 * DAY, 4)


def test_a_digest_that_no_longer_comes_by_itself_has_no_next_time() -> None:
    found = overtake(make_digest(DigestPeriod.DAY, schedule=OnDemand()), MONDAY, MONDAY + 9 * DAY)

    assert (found.due_at, found.missed, found.next_at) == (MONDAY, 0, None)


def test_after_a_very_long_time_at_most_400_are_gone_through_at_once() -> None:
    found = overtake(make_digest(DigestPeriod.DAY), MONDAY, MONDAY + 1_000 * DAY)

    assert (found.missed, found.due_at) == (400, MONDAY + 400 * DAY)
    assert found.next_at == MONDAY + 401 * DAY


@given(st.integers(0, 300), st.sampled_from([Daily(time(7)), Cron("30 */6 * * *"), Days(frozenset({2, 6}), time(9))]))
def test_no_time_lies_between_the_served_one_and_now(hours: int, schedule: Any) -> None:  # noqa: ANN401 - of many kinds
    now = MONDAY + timedelta(hours=hours)

    found = overtake(make_digest(DigestPeriod.DAY, schedule=schedule), MONDAY, now)

    assert found.due_at <= now
    assert found.next_at == next_time(schedule, ZoneInfo("UTC"), found.due_at)
    assert found.next_at is not None
    assert found.next_at > now


def test_a_digest_is_on_and_not_declared_unless_said() -> None:
    digest = make_digest(DigestPeriod.DAY)

    assert digest.active
    assert not digest.declared
