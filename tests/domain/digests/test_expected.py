"""How many runs schedules ask for: the quick count by the calendar against the slow one by the clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.digests.expected import Planned, expected_runs
from domain.jobs.schedules import Cron, Daily, Days, OnDemand, next_time

if TYPE_CHECKING:
    from domain.jobs.schedules import Schedule

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)  # 00:00 in Berlin
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def asked_for(schedule: Schedule, since: datetime, until: datetime, *, devices: int = 1, **job: Any) -> int:  # noqa: ANN401 - any field
    usual: dict[str, Any] = {"site": "plant-a", "device": None, "created_at": MONDAY - 99 * DAY}
    planned = Planned(schedule=schedule, **usual | job)
    return expected_runs([planned], since, until, zones={"plant-a": BERLIN}, covers=lambda _: devices)


def counted(schedule: Schedule, since: datetime, until: datetime) -> int:
    """The times one after the other, as the clockwork would meet them."""
    found, at = 0, next_time(schedule, BERLIN, since - timedelta(microseconds=1))
    while at is not None and at < until:
        found, at = found + 1, next_time(schedule, BERLIN, at)
    return found


SCHEDULES: list[Schedule] = [
    OnDemand(),
    Daily(time(0)),
    Daily(time(2, 30), weekends=True),
    Days(frozenset({0, 4, 6}), time(23, 55)),
    Cron("0 */6 * * *"),
    Cron("15,45 8-10 * 3 *"),
    Cron("0 3 1,29 * *"),
    Cron("30 2 * * sat,sun"),
]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=str)
@given(st.integers(-30 * 24, 30 * 24), st.integers(0, 15 * 24), st.integers(0, 59))
@example(0, 24, 0)
@example(0, 14 * 24, 0)
@example(27 * 24, 48, 0)  # over the Sunday on which clocks change
@example(-1, 26, 30)
def test_n5_the_quick_count_is_that_of_the_clock(schedule: Schedule, start: int, hours: int, minutes: int) -> None:
    since = MONDAY + start * HOUR + timedelta(minutes=minutes)
    until = since + hours * HOUR

    assert asked_for(schedule, since, until) == counted(schedule, since, until)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        pytest.param(MONDAY + HOUR, MONDAY + HOUR, 0, id="no time at all"),
        pytest.param(MONDAY + HOUR, MONDAY + 2 * HOUR, 1, id="the first moment counts"),
        pytest.param(MONDAY, MONDAY + HOUR, 0, id="the last does not"),
        pytest.param(MONDAY, MONDAY + DAY, 1, id="a whole day"),
        pytest.param(MONDAY + HOUR + timedelta(microseconds=1), MONDAY + DAY + HOUR, 0, id="just between two"),
        pytest.param(MONDAY + 4 * DAY, MONDAY + 7 * DAY, 1, id="Friday to Sunday"),
        pytest.param(MONDAY, MONDAY + 7 * DAY, 5, id="a week"),
    ],
)
def test_n5_weekdays_at_one_are_counted_from_a_moment_until_before_another(
    since: datetime, until: datetime, expected: int
) -> None:
    assert asked_for(Daily(time(1)), since, until) == expected


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        pytest.param({}, 7, id="never paused"),
        pytest.param({"paused_at": MONDAY - DAY, "paused_until": MONDAY}, 7, id="the pause was over before"),
        pytest.param({"paused_at": MONDAY - DAY}, 0, id="paused all the while"),
        pytest.param({"paused_at": MONDAY - DAY, "paused_until": MONDAY + 2 * DAY}, 5, id="paused at first"),
        pytest.param({"paused_at": MONDAY + 2 * DAY, "paused_until": MONDAY + 3 * DAY}, 6, id="paused for a day"),
        pytest.param({"paused_at": MONDAY + 2 * DAY, "paused_until": MONDAY + 99 * DAY}, 2, id="paused beyond the end"),
        pytest.param({"paused_at": MONDAY + 2 * DAY + HOUR}, 2, id="a time at which it is paused is not asked for"),
        pytest.param({"paused_until": MONDAY + 3 * DAY}, 7, id="an end of a pause that nobody began"),
        pytest.param({"created_at": MONDAY + 6 * DAY + HOUR}, 1, id="made at the last time"),
        pytest.param({"created_at": MONDAY + 9 * DAY}, 0, id="made after the end"),
        pytest.param({"devices": 3}, 21, id="of three devices"),
        pytest.param({"devices": 0}, 0, id="of none"),
        pytest.param(
            {"devices": 3, "paused_at": MONDAY + DAY, "paused_until": MONDAY + 3 * DAY}, 15, id="of three, paused"
        ),
        pytest.param({"site": "gone", "devices": 3}, 0, id="of a site that is not declared"),
    ],
)
def test_n5_pauses_and_devices_count(job: dict[str, Any], expected: int) -> None:
    assert asked_for(Daily(time(1), weekends=True), MONDAY, MONDAY + 7 * DAY, **job) == expected


def test_n5_jobs_add_up_and_no_job_asks_for_nothing() -> None:
    jobs = [
        Planned(site="plant-a", device="sw1", schedule=Daily(time(1), weekends=True), created_at=MONDAY),
        Planned(site="gone", device="sw2", schedule=Daily(time(1), weekends=True), created_at=MONDAY),
        Planned(site="plant-a", device="sw3", schedule=Cron("0 1,13 * * *"), created_at=MONDAY),
    ]

    def found(some: list[Planned]) -> int:
        return expected_runs(some, MONDAY, MONDAY + 2 * DAY, zones={"plant-a": BERLIN}, covers=lambda _: 1)

    assert found(jobs) == 2 + 4
    assert found([]) == 0
