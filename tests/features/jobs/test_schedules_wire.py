"""Rows S1, S3 and S5 through Slack: jobs typed there, a moved clock, real sessions, and what people then read."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from demo.fleet import Fault
from domain.jobs.schedules import next_time
from domain.jobs.spoken import parse_schedule
from domain.runs.outcomes import Outcome
from storage.jobs.jobs import jobs_called
from storage.jobs.slots import slots_of
from tests.features.asking import runs_of
from tests.features.jobs.test_jobs import answer
from tests.features.jobs.timing import OUTCOME, WHEN, all_ended, history_of, reach, start_by_hand, until_state

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.jobs.slots import Slot
    from tests.support.serve_fixtures import Town

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
SOON = timedelta(seconds=5)
CLOSE = timedelta(minutes=5)  # from a slot to the end of its run, by the moved clock


async def slots_called(name: str, sites: Iterable[str] = ("plant-a",)) -> list[Slot]:
    """What became of the slots of a job, the earliest first."""
    [job] = await jobs_called(name, sites)
    return (await slots_of(job.id, limit=100))[::-1]


async def live_until(town: Town, end: datetime, zone: ZoneInfo, schedules: Iterable[str]) -> None:
    """Step from one time of ``schedules`` to the next, with a look shortly before each, and let all runs end."""
    parsed = [parse_schedule(one) for one in schedules]
    while True:
        due = min(found for one in parsed if (found := next_time(one, zone, town.clock.now())))
        if due > end:
            await reach(town, end)
            return
        await reach(town, max(due - SOON, town.clock.now()))
        await reach(town, due + SOON)
        await all_ended(town)


def moments(rows: Iterable[list[str]]) -> list[datetime]:
    """When the runs of a page of history ended, the earliest first."""
    return sorted(datetime.fromtimestamp(int(row[WHEN]), UTC) for row in rows)


SCHEDULES = {  # what is typed, and how often it fires in fourteen days
    "weekdays 02:00": 10,
    "daily 02:00": 14,
    "tue,thu 22:15": 4,
    "cron 0 2 * * 1-5": 10,
}


async def test_s1_fourteen_days_fire_as_often_as_each_schedule_says(town: Town) -> None:
    names = {schedule: f"job {number}" for number, schedule in enumerate(SCHEDULES, start=1)}
    for number in range(1, len(SCHEDULES) + 1):
        await town.add_device(f"core-sw{number}")
    await start_by_hand(town)
    noon = next_time(parse_schedule("daily 12:00"), BERLIN, town.clock.now())
    assert noon
    await reach(town, noon)
    for number, (schedule, name) in enumerate(names.items(), start=1):
        await answer(town, f"/backup add core-sw{number} {schedule} as {name}", "The job is added")
    there = noon.astimezone(BERLIN)

    await live_until(town, (there + 14 * DAY).astimezone(UTC), BERLIN, SCHEDULES)

    for schedule, name in names.items():
        seen = await history_of(town, name)
        card = await answer(town, f"/backup job {name}", "Past starts")
        due = [slot.due_at for slot in await slots_called(name)]
        assert len(seen) == SCHEDULES[schedule], schedule
        assert {row[OUTCOME] for row in seen} == {"🟢 Up to Date"}
        assert all(timedelta(0) < at - slot < CLOSE for at, slot in zip(moments(seen), due, strict=True))
        assert {slot.astimezone(BERLIN).time() for slot in due} == {time(22, 15) if "22:15" in schedule else time(2)}
        assert town.slack.plain(card).count(": ran") == min(5, SCHEDULES[schedule])
    assert {moment.astimezone(BERLIN).weekday() for moment in moments(await history_of(town, "job 3"))} == {1, 3}
    assert town.slack.refused == []


async def test_s3_the_same_time_at_three_plants_is_each_plants_own_morning(town: Town) -> None:
    zones = {"plant-a": "Europe/Berlin", "plant-k": "Asia/Kolkata", "plant-s": "America/Santiago"}
    for site, zone in zones.items():
        access = {"operator": [town.anna.id]}
        town.settings["sites"][site] = {"name": site.title(), "timezone": zone, "access": access}
        await town.add_device(f"sw-{site}", site=site)
    await start_by_hand(town)
    begin = town.clock.now()
    for site in zones:
        await answer(town, f"/backup add sw-{site} daily 06:00 as morning of {site}", "The job is added")

    for zone in sorted(zones.values(), key=lambda one: next_morning(one, begin)):
        await reach(town, next_morning(zone, begin) + SOON)
        await all_ended(town)

    for site, zone in zones.items():
        [row] = await history_of(town, f"sw-{site}")
        [slot] = await slots_called(f"morning of {site}", [site])
        [moment] = moments([row])
        assert slot.due_at.astimezone(ZoneInfo(zone)).time() == time(6, 0)
        assert timedelta(0) < moment - slot.due_at < CLOSE


def next_morning(zone: str, after: datetime) -> datetime:
    """06:00 there."""
    found = next_time(parse_schedule("daily 06:00"), ZoneInfo(zone), after)
    assert found
    return found


class Turn(NamedTuple):
    """A change of the clocks: the moment, and what it does to a wall clock."""

    at: datetime
    before: timedelta
    after: timedelta

    @property
    def odd(self) -> datetime:
        """A time of the wall clock that is skipped, or that comes twice: half way through."""
        start = self.at + min(self.before, self.after)
        return (start + abs(self.after - self.before) / 2).replace(tzinfo=None)

    @property
    def due(self) -> datetime:
        """When a job of that time is due: at the first moment after the gap, or the first of the two times."""
        is_gap = self.after > self.before
        return self.at if is_gap else self.at - (self.before - self.after) / 2


def next_turn(zone: ZoneInfo, after: datetime) -> Turn:
    """The next change of the clocks."""
    hour = after.replace(minute=0, second=0, microsecond=0)
    quarter = timedelta(minutes=15)
    while _offset(zone, hour) == _offset(zone, hour + DAY):
        hour += DAY
    while _offset(zone, hour) == _offset(zone, hour + quarter):
        hour += quarter
    return Turn(hour + quarter, _offset(zone, hour), _offset(zone, hour + quarter))


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "America/Santiago"])
async def test_s3_when_clocks_change_each_local_day_has_one_run(zone: str, town: Town) -> None:
    there = ZoneInfo(zone)
    town.settings["sites"]["plant-a"]["timezone"] = zone
    await town.add_device("core-sw1")
    await town.add_device("core-sw2")
    await start_by_hand(town)

    for name in ("first change", "second change"):
        turn = next_turn(there, town.clock.now() + 3 * DAY)
        days = [turn.odd.date(), turn.odd.date() + DAY]
        await reach(town, midnight(days[0], there) - 2 * CLOSE)
        schedules = {
            f"{name} {device}": at for device, at in (("core-sw1", f"{turn.odd:%H:%M}"), ("core-sw2", "06:00"))
        }
        for job, at in schedules.items():
            await answer(town, f"/backup add {job.split()[-1]} daily {at} as {job}", "The job is added")

        times = [f"daily {at}" for at in schedules.values()]
        await live_until(town, midnight(days[-1] + DAY, there), there, times)

        for job in schedules:
            seen = moments(await history_of(town, job))
            due = [slot.due_at for slot in await slots_called(job)]
            assert [moment.astimezone(there).date() for moment in seen] == days
            assert all(timedelta(0) < at - slot < CLOSE for at, slot in zip(seen, due, strict=True))
        odd, early = [[slot.due_at for slot in await slots_called(job)] for job in schedules]
        assert odd[0] == turn.due
        assert {slot.astimezone(there).time() for slot in early} == {time(6, 0)}
        for job in schedules:
            await answer(town, f"/backup delete {job} yes", "is deleted")


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When ``day`` begins there."""
    return datetime.combine(day, time(0, 0), zone).astimezone(UTC)


async def test_s5_a_slot_during_a_run_starts_no_second_one_and_says_so(town: Town) -> None:
    slow = await town.add_device("core-sw1", limits={"running": "5h"})
    slow.fault = Fault.HANGS_IN_CONFIG
    await start_by_hand(town)
    await answer(town, "/backup add core-sw1 cron 0 * * * * as hourly", "The job is added")
    due = next_time(parse_schedule("cron 0 * * * *"), BERLIN, town.clock.now())
    assert due
    await reach(town, due + SOON)
    await until_state(town, "core-sw1", Outcome.IN_PROGRESS)

    await reach(town, due + timedelta(hours=1) + SOON)
    card = await answer(town, "/backup job hourly", "Past starts")
    [run] = await runs_of("core-sw1")
    slow.fault = None
    await answer(town, f"/backup cancel {run.id}", "cancelled")
    await all_ended(town)
    await reach(town, due + timedelta(hours=2) + SOON)
    await all_ended(town)
    later = await answer(town, "/backup job hourly", "Past starts")

    assert town.slack.plain(card).count("skipped: still running") == 1
    assert slow.max_sessions_seen == 1
    assert town.slack.plain(later).count(": ran") == 2
    assert [row[OUTCOME] for row in await history_of(town, "hourly")] == ["🟢 Up to Date", "🔴 Failed"]
