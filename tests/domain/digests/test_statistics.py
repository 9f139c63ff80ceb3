"""What runs come to: days that clocks make longer or shorter, shares of good runs, medians."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.digests.statistics import DayCounts, Spread, no_counts, spread, success_rate
from domain.runs.outcomes import Outcome
from domain.times.wall_clock import local_day

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        pytest.param("UTC", date(2026, 3, 2), "2026-03-02T00:00", 24, id="UTC"),
        pytest.param("Europe/Berlin", date(2026, 3, 2), "2026-03-01T23:00", 24, id="an hour before UTC"),
        pytest.param("Europe/Berlin", date(2026, 3, 29), "2026-03-28T23:00", 23, id="an hour is left out"),
        pytest.param("Europe/Berlin", date(2026, 10, 25), "2026-10-24T22:00", 25, id="an hour comes twice"),
        pytest.param("Australia/Lord_Howe", date(2026, 10, 4), "2026-10-03T13:30", 23.5, id="half an hour is left out"),
        pytest.param("America/Los_Angeles", date(2026, 12, 31), "2026-12-31T08:00", 24, id="the last of a year"),
    ],
)
def test_a_local_day_lasts_from_midnight_to_midnight(zone: str, day: date, start: str, hours: float) -> None:
    first, after = local_day(day, ZoneInfo(zone))

    assert first == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert after - first == timedelta(hours=hours)


@given(st.dates(date(2000, 1, 1), date(2037, 1, 1)), st.sampled_from(["UTC", "Europe/Berlin", "America/Santiago"]))
def test_a_day_ends_where_the_next_begins(day: date, zone: str) -> None:
    place = ZoneInfo(zone)

    assert local_day(day, place)[1] == local_day(day + timedelta(days=1), place)[0]


@pytest.mark.parametrize(
    ("counts", "rate"),
    [
        pytest.param({}, None, id="nothing ran"),
        pytest.param({Outcome.PENDING: 3, Outcome.IN_PROGRESS: 2}, None, id="nothing has ended"),
        pytest.param({Outcome.UP_TO_DATE: 7, Outcome.FAILED: 3}, 0.7, id="seven of ten"),
        pytest.param({Outcome.MODIFIED: 1, Outcome.UP_TO_DATE: 1}, 1.0, id="a change is good too"),
        pytest.param({Outcome.TIMED_OUT: 2}, 0.0, id="all bad"),
        pytest.param(
            {Outcome.UP_TO_DATE: 1, Outcome.TIMED_OUT: 3, Outcome.PENDING: 96}, 0.25, id="of those that ended"
        ),
    ],
)
def test_the_share_of_good_runs_is_among_those_that_ended(counts: dict[Outcome, int], rate: float | None) -> None:
    assert success_rate(no_counts() | counts) == rate


def test_no_counts_hold_a_zero_for_every_outcome() -> None:
    assert no_counts() == {outcome: 0 for outcome in Outcome}  # noqa: C420 - written out as what it must be


def test_the_total_of_a_day_counts_every_run_ended_or_not() -> None:
    day = DayCounts(day=date(2026, 3, 2), counts=no_counts() | {Outcome.PENDING: 2, Outcome.FAILED: 5})

    assert day.total == 7


@pytest.mark.parametrize(
    ("seconds", "median", "p95"),
    [
        pytest.param([4.0], 4.0, 4.0, id="one value is both"),
        pytest.param([9.0, 1.0], 1.0, 9.0, id="of two the smaller is the median"),
        pytest.param([3.0, 1.0, 2.0], 2.0, 3.0, id="the middle of three, in whatever order"),
        pytest.param([float(one) for one in range(1, 21)], 10.0, 19.0, id="19 of 20 are not over p95"),
        pytest.param([float(one) for one in range(1, 22)], 11.0, 20.0, id="with 21 it takes 20 of them"),
        pytest.param([float(one) for one in range(100, 0, -1)], 50.0, 95.0, id="a hundred"),
    ],
)
def test_median_and_p95_are_values_that_were_measured(seconds: list[float], median: float, p95: float) -> None:
    assert spread(seconds) == Spread(median=median, p95=p95)


def test_nothing_measured_has_no_median() -> None:
    assert spread([]) is None


@given(st.lists(st.floats(0, 1_000), min_size=1, max_size=60))
def test_at_least_half_and_95_in_100_do_not_exceed_them_and_nothing_smaller_would_do(seconds: list[float]) -> None:
    found = spread(seconds)

    assert found is not None
    for value, percent in ((found.median, 50), (found.p95, 95)):
        assert 100 * sum(one <= value for one in seconds) >= percent * len(seconds)
        assert 100 * sum(one < value for one in seconds) < percent * len(seconds)
