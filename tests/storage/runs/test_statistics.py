"""Counts over the history equal a direct count of its runs, whatever the days, the hidden devices and the sites."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from domain.digests.statistics import Changed, Spread, Times, no_counts, spread, success_rate
from domain.runs.outcomes import UNFINISHED, Outcome
from domain.runs.queries import RunQuery
from domain.runs.run import Trigger
from domain.times.wall_clock import local_day
from storage.database.statements import insert
from storage.runs import runs, statistics
from storage.runs.history import runs_page
from storage.runs.statistics import daily_counts, most_changed, outcome_counts_by_site, usual_times
from storage.tables.core import RunRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from domain.runs.run import Run

BERLIN = ZoneInfo("Europe/Berlin")
SITES = frozenset({"plant-a", "plant-b"})
NOBODY: frozenset[str] = frozenset()
HIDDEN = frozenset({"sw1", "sw4", "no-such-device"})
WATCHED = frozenset({"sw0", "sw1", "sw3", "sw8", "gone"})
CLOCK_CHANGES = {"spring": date(2026, 3, 27), "autumn": date(2026, 10, 23)}
DAYS = 6
VIEWS: dict[str, tuple[dict[str, Any], Callable[[Run], bool]]] = {
    "all": ({"hidden": NOBODY}, lambda _: True),
    "some are hidden": ({"hidden": HIDDEN}, lambda run: run.device not in HIDDEN),
    "some devices": ({"hidden": NOBODY, "devices": WATCHED}, lambda run: run.device in WATCHED),
    "some devices, some hidden": (
        {"hidden": HIDDEN, "devices": WATCHED},
        lambda run: run.device in WATCHED - HIDDEN,
    ),
    "no device": ({"hidden": NOBODY, "devices": NOBODY}, lambda _: False),
}


@pytest.fixture(params=CLOCK_CHANGES)
async def every(storage: str, request: pytest.FixtureRequest) -> list[Run]:
    """Some hundred runs at random times around a change of the clocks, of three sites; some have not ended."""
    assert storage
    chance = random.Random(request.param)  # noqa: S311 - a choice of times
    start = datetime.combine(CLOCK_CHANGES[request.param], time.min, UTC) - timedelta(hours=12)
    times = sorted(start + timedelta(seconds=chance.uniform(0, (DAYS + 1) * 86_400)) for _ in range(400))
    numbers = await insert(RunRow, [_random_run(chance, at) for at in times])
    found = await runs.runs_by_id(numbers)
    return list(found.values())


def _random_run(chance: random.Random, at: datetime) -> dict[str, object]:
    number, outcome = chance.randrange(9), chance.choice(list(Outcome))
    started = at + timedelta(seconds=chance.uniform(0, 90)) if outcome is not Outcome.PENDING else None
    ended = (started or at) + timedelta(seconds=chance.uniform(1, 300)) if outcome not in UNFINISHED else None
    return {
        "device": f"sw{number}",
        "site": f"plant-{'abc'[number % 3]}",
        "trigger": Trigger.SCHEDULE,
        "outcome": outcome,
        "created_at": at,
        "not_before": at + timedelta(seconds=20) if number % 4 == 1 else None,
        "started_at": None if outcome is Outcome.TIMED_OUT and number % 2 else started,
        "finished_at": ended,
        "waiting_limit": timedelta(minutes=30),
        "running_limit": timedelta(minutes=5),
        "attempts": 1,
        "facts": "",
        "added": chance.randrange(3) if outcome is Outcome.MODIFIED else 0,
        "removed": chance.randrange(3) if outcome is Outcome.MODIFIED else 0,
        "announced": True,
        "accept_smaller": False,
    }


def _count(found: Iterable[Run]) -> dict[Outcome, int]:
    return no_counts() | Counter(run.outcome for run in found)


def _period(every: list[Run]) -> tuple[datetime, datetime]:
    return every[40].created_at, every[360].created_at


@pytest.mark.parametrize("view", VIEWS)
async def test_r1_counts_equal_a_direct_count_of_the_same_runs(view: str, every: list[Run]) -> None:
    wanted, fits = VIEWS[view]
    since, until = _period(every)

    by_site = await outcome_counts_by_site(SITES | {"plant-z"}, since=since, until=until, **wanted)

    expected = [run for run in every if run.site in SITES and since <= run.created_at < until and fits(run)]
    assert by_site == {
        site: _count(run for run in expected if run.site == site) for site in ("plant-a", "plant-b", "plant-z")
    }


async def test_r1_counts_equal_the_pages_of_the_history(every: list[Run]) -> None:
    since, until = _period(every)

    by_site = await outcome_counts_by_site(SITES, hidden=NOBODY, since=since, until=until)

    listed = {
        outcome: len(
            await runs_page(
                RunQuery(sites=SITES, since=since, until=until, outcomes=frozenset({outcome}), limit=len(every))
            )
        )
        for outcome in Outcome
    }
    assert {outcome: sum(counts[outcome] for counts in by_site.values()) for outcome in Outcome} == listed


@pytest.mark.parametrize("view", VIEWS)
async def test_r1_each_local_day_holds_its_runs_also_when_it_has_23_or_25_hours(view: str, every: list[Run]) -> None:
    wanted, fits = VIEWS[view]
    first = CLOCK_CHANGES["spring" if every[0].created_at.month < 6 else "autumn"]

    days = await daily_counts(SITES, zone=BERLIN, first=first, days=DAYS, **wanted)

    assert [one.day for one in days] == [first + timedelta(days=number) for number in range(DAYS)]
    for one in days:
        of_day = [
            run
            for run in every
            if run.site in SITES and run.created_at.astimezone(BERLIN).date() == one.day and fits(run)
        ]
        assert one.counts == _count(of_day)
        assert one.total == len(of_day)
        assert one.running == spread([run.duration.total_seconds() for run in of_day if run.duration])
        assert one.waiting == spread([run.waited.total_seconds() for run in of_day if run.waited is not None])


@pytest.mark.parametrize("view", VIEWS)
async def test_r1_times_of_a_period_are_those_of_its_runs(view: str, every: list[Run]) -> None:
    wanted, fits = VIEWS[view]
    since, until = _period(every)

    found = await usual_times(SITES, since=since, until=until, **wanted)

    counted = [run for run in every if run.site in SITES and since <= run.created_at < until and fits(run)]
    assert found == Times(
        running=spread([run.duration.total_seconds() for run in counted if run.duration]),
        waiting=spread([run.waited.total_seconds() for run in counted if run.waited is not None]),
    )


async def test_r1_times_of_a_big_day_are_measured_on_an_even_choice_of_its_runs(
    every: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "_SAMPLED", 0)
    monkeypatch.setattr(statistics, "_SAMPLED_A_DAY", 20)
    day = every[200].created_at.astimezone(BERLIN).date()

    [one] = await daily_counts(SITES, hidden=NOBODY, zone=BERLIN, first=day, days=1)

    exact = [run for run in every if run.site in SITES and run.created_at.astimezone(BERLIN).date() == day]
    assert one.counts == _count(exact)
    assert one.running
    assert one.running != spread([run.duration.total_seconds() for run in exact if run.duration])
    assert 1 <= one.running.median <= one.running.p95 <= 300


@pytest.mark.parametrize("view", VIEWS)
async def test_r1_what_changed_most_comes_first(view: str, every: list[Run]) -> None:
    wanted, fits = VIEWS[view]
    since, until = _period(every)

    found = await most_changed(SITES, since=since, until=until, limit=3, **wanted)

    modified = [
        run
        for run in every
        if run.site in SITES and since <= run.created_at < until and run.outcome is Outcome.MODIFIED and fits(run)
    ]
    expected = [
        Changed(
            device=device,
            times=times,
            added=sum(run.added for run in modified if run.device == device),
            removed=sum(run.removed for run in modified if run.device == device),
        )
        for device, times in Counter(run.device for run in modified).items()
    ]
    expected.sort(key=lambda one: (-one.times, -one.added - one.removed, one.device))
    assert found == expected[:3]


async def test_r1_who_may_see_no_site_gets_zeros(every: list[Run]) -> None:
    since, until = _period(every)
    sites: frozenset[str] = frozenset()

    assert await outcome_counts_by_site(sites, hidden=NOBODY, since=since, until=until) == {}
    assert await most_changed(sites, hidden=NOBODY, since=since, until=until, limit=9) == []
    [day] = await daily_counts(sites, hidden=NOBODY, zone=BERLIN, first=since.date(), days=1)
    assert day.counts == no_counts()


async def test_more_hidden_devices_than_one_statement_holds_are_left_out(every: list[Run]) -> None:
    since, until = _period(every)
    many = frozenset(f"other{number}" for number in range(1_200)) | {"sw0", "sw1", "sw3", "sw4", "sw6", "sw7"}

    by_site = await outcome_counts_by_site(SITES, hidden=many, since=since, until=until)
    assert sum(sum(counts.values()) for counts in by_site.values()) == 0
    assert await most_changed(SITES, hidden=many, since=since, until=until, limit=9) == []


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Europe/Berlin", date(2026, 6, 1), 24),
        ("Atlantic/Azores", date(2026, 3, 29), 23),
        ("Africa/Cairo", date(2026, 4, 24), 23),
        ("Africa/Cairo", date(2026, 10, 29), 25),
    ],
)
def test_a_local_day_lasts_as_long_as_the_clocks_say(zone: str, day: date, hours: int) -> None:
    start, end = local_day(day, ZoneInfo(zone))

    assert end - start == timedelta(hours=hours)
    assert start.astimezone(ZoneInfo(zone)).date() == day
    assert (start - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date() == day - timedelta(days=1)
    assert end.astimezone(ZoneInfo(zone)).date() == day + timedelta(days=1)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([], None),
        ([7.0], Spread(median=7, p95=7)),
        ([3.0, 1.0, 2.0], Spread(median=2, p95=3)),
        ([float(number) for number in range(100, 0, -1)], Spread(median=50, p95=95)),
    ],
)
def test_a_spread_is_the_middle_and_what_nearly_all_stay_under(seconds: list[float], expected: Spread | None) -> None:
    assert spread(seconds) == expected


def test_the_success_rate_leaves_out_what_has_not_ended() -> None:
    counts = no_counts() | {Outcome.UP_TO_DATE: 2, Outcome.MODIFIED: 1, Outcome.FAILED: 1, Outcome.PENDING: 9}

    assert success_rate(counts) == 0.75
    assert success_rate(no_counts() | {Outcome.IN_PROGRESS: 3}) is None
