"""Schedules that can be trusted, row by row of what was promised: a moved clock, a real database, played agents."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from domain.events.alerts import AgentBack, AgentDisconnected, QueueOverrun
from domain.failures import FailureKind
from domain.jobs.job import MissedPolicy
from domain.jobs.slots import SlotFate
from domain.jobs.spoken import parse_schedule
from domain.runs.causes import TimeoutCause
from domain.runs.outcomes import Outcome
from storage.jobs import jobs as job_store
from tests.runners.jobbing import ANNA, MINUTE, clock_shop
from tests.runners.workshop import make_device, make_inventory, make_site
from tests.support.clock import MovedClock

if TYPE_CHECKING:
    from pathlib import Path

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "expected", "at"),
    [
        pytest.param("weekdays 02:00", 10, time(2, 0), id="Monday to Friday"),
        pytest.param("daily 02:00", 14, time(2, 0), id="with weekends"),
        pytest.param("tue,thu 22:15", 4, time(22, 15), id="Tuesday and Thursday"),
        pytest.param("cron 30 4 * * 1-5", 10, time(4, 30), id="cron"),
    ],
)
async def test_s1_fourteen_days_hold_as_many_runs_as_the_schedule_says(
    schedule: str, expected: int, at: time, tmp_path: Path
) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(MONDAY)) as here:
        job = await here.add(schedule)

        await here.pass_time(14 * DAY, step=HOUR / 4)

        runs = await here.runs(job=job)
        slots = await here.slots(job)
        assert len(runs) == expected
        assert {run.slot.astimezone(BERLIN).time() for run in runs if run.slot} == {at}
        assert {run.outcome for run in runs} == {Outcome.UP_TO_DATE}
        assert [slot.fate for slot in slots] == [SlotFate.RAN] * expected
        assert [slot.run for slot in slots] == [run.id for run in reversed(runs)]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata"])
@pytest.mark.parametrize("half", [1, 7], ids=["first half of the year", "second half"])
async def test_s3_each_local_day_has_one_run_when_clocks_change(zone: str, half: int, tmp_path: Path) -> None:
    site = replace(make_site("plant-a"), timezone=ZoneInfo(zone))
    start = datetime(2026, half, 1, 12, 0, tzinfo=UTC)
    changes = [
        start + day * DAY
        for day in range(184)
        if (start + day * DAY).astimezone(site.timezone).utcoffset()
        != (start + (day + 1) * DAY).astimezone(site.timezone).utcoffset()
    ]
    begin = (changes[0] if changes else start) - 2 * DAY

    async with clock_shop(tmp_path, make_inventory(sites=[site]), clock=MovedClock(begin)) as here:
        jobs = [
            await here.add(f"daily {at}", name=f"at {at}", device=device)
            for at, device in (("02:15", "core-sw1"), ("06:00", "edge-sw2"))
        ]
        await here.pass_time(5 * DAY, step=HOUR / 4)

        for job in jobs:
            days = Counter(slot.due_at.astimezone(site.timezone).date() for slot in await here.slots(job))
            assert len(days) == 5
            assert set(days.values()) == {1}
        late = await here.slots(jobs[1])
        assert {slot.due_at.astimezone(site.timezone).time() for slot in late} == {time(6, 0)}


@pytest.mark.parametrize(
    ("policy", "fate", "runs"),
    [
        pytest.param(MissedPolicy.MAKE_UP, SlotFate.MADE_UP, 1, id="made up once"),
        pytest.param(MissedPolicy.NOTE, SlotFate.MISSED, 0, id="noted once"),
    ],
)
async def test_s4_three_slots_in_a_stop_make_one_run_or_one_entry(
    policy: MissedPolicy, fate: SlotFate, runs: int, tmp_path: Path
) -> None:
    clock = MovedClock(MONDAY)
    async with clock_shop(tmp_path, clock=clock) as here:
        job = await here.add("daily 02:00", missed=policy)
        await here.pass_time(DAY)
    await clock.advance(3 * DAY)

    async with clock_shop(tmp_path, clock=clock) as here:
        await here.pass_time(HOUR)

        *_, before, last = await here.slots(job)
        assert (before.fate, last.fate) == (SlotFate.RAN, fate)
        assert last.note == "2 earlier starts were missed too."
        assert last.due_at == datetime(2026, 3, 6, 1, 0, tzinfo=UTC)
        assert len(await here.runs(job=job)) == 1 + runs
        assert (await here.job(job)).next_run_at == datetime(2026, 3, 7, 1, 0, tzinfo=UTC)


async def test_s4_a_short_stop_within_the_minute_misses_nothing(tmp_path: Path) -> None:
    clock = MovedClock(datetime(2026, 3, 3, 0, 59, 30, tzinfo=UTC))
    async with clock_shop(tmp_path, clock=clock) as here:
        job = await here.add("daily 02:00", missed=MissedPolicy.NOTE)
    await clock.advance(MINUTE)

    async with clock_shop(tmp_path, clock=clock) as here:
        await here.tick()

        assert [slot.fate for slot in await here.slots(job)] == [SlotFate.RAN]


async def test_s5_a_slot_during_a_run_starts_no_second_one(tmp_path: Path) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(MONDAY)) as here:
        job = await here.add("cron 0 * * * *", running_limit=3 * HOUR)
        await here.pass_time(HOUR, answer=False)
        [run] = await here.unfinished()
        await here.shop.begin(run)

        await here.pass_time(HOUR, answer=False)

        assert [slot.fate for slot in await here.slots(job)] == [SlotFate.RAN, SlotFate.SKIPPED_RUNNING]
        assert [one.id for one in await here.runs()] == [run.id]


async def test_s5_a_site_slot_leaves_out_the_devices_that_are_still_at_it(tmp_path: Path) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(MONDAY)) as here:
        job = await here.add("cron 0 * * * *", device=None, running_limit=3 * HOUR)
        await here.pass_time(HOUR, answer=False)
        slow, quick = await here.unfinished()
        await here.shop.begin(slow)
        await here.shop.begin(quick)
        await here.shop.say(here.shop.captured(quick))

        await here.pass_time(HOUR, answer=False)

        first, second = await here.slots(job)
        assert (first.fate, second.fate) == (SlotFate.RAN, SlotFate.RAN)
        assert second.note == "1 of 2 devices were left out: their runs had not finished."
        assert [run.device for run in await here.unfinished()] == [slow.device, quick.device]


async def test_s6_a_queue_that_outlives_the_next_slot_is_told_once_with_count_and_names(tmp_path: Path) -> None:
    devices = [make_device(f"sw{number}") for number in range(1, 9)]
    site = make_site("plant-a", concurrency=2)
    async with clock_shop(tmp_path, make_inventory(devices, sites=[site]), clock=MovedClock(MONDAY)) as here:
        job = await here.add("cron 0 * * * *", device=None, waiting_limit=5 * HOUR, running_limit=4 * HOUR)
        await here.pass_time(HOUR + MINUTE, step=MINUTE, answer=False)
        begun = (await here.unfinished())[:2]
        for run in begun:
            await here.shop.begin(run)

        await here.pass_time(HOUR, step=MINUTE, answer=False)

        [alert] = here.alerts
        assert alert == QueueOverrun(
            site="plant-a",
            day=MONDAY.date(),
            jobs=(job.name,),
            devices=tuple(f"sw{number}" for number in range(3, 9)),
        )
        ended = [run for run in await here.runs() if run.outcome.is_final]
        assert {run.outcome for run in ended} == {Outcome.TIMED_OUT}
        assert {(run.reason, run.cause) for run in ended} == {(FailureKind.NEVER_STARTED, TimeoutCause.QUEUE)}
        assert "It was still waiting when its job was due again. It waited 59 min behind" in ended[0].facts
        assert len(await here.unfinished()) == 8


async def test_a2_a_disconnected_agent_is_told_once_with_its_waiting_runs_and_once_when_it_is_back(
    tmp_path: Path,
) -> None:
    devices = [make_device(f"sw{number}") for number in range(1, 6)]
    async with clock_shop(tmp_path, make_inventory(devices), clock=MovedClock(MONDAY)) as here:
        await here.add("cron 5 * * * *", device=None, waiting_limit=5 * HOUR)
        since = here.shop.clock.now()
        await here.shop.disconnect()

        for _ in range(60):
            await here.shop.clock.advance(10 * MINUTE / 60)
            await here.tick()
        told = list(here.alerts)
        await here.shop.connect()
        await here.tick()
        await here.tick()

        [silent] = told
        assert silent == AgentDisconnected(agent="local", since=since, waiting={"plant-a": ()})
        assert here.alerts[1:] == [
            AgentBack(agent="local", since=since, back_at=here.shop.clock.now(), sites=("plant-a",))
        ]


async def test_a2_the_alert_names_the_runs_that_only_this_agent_could_start(tmp_path: Path) -> None:
    devices = [make_device(f"sw{number}") for number in range(1, 6)]
    async with clock_shop(tmp_path, make_inventory(devices), clock=MovedClock(MONDAY)) as here:
        await here.shop.start_site()

        for _ in range(8):
            await here.shop.clock.advance(MINUTE / 4)
            await here.tick()

        [silent] = here.alerts
        assert isinstance(silent, AgentDisconnected)
        assert silent.waiting == {"plant-a": ("sw1", "sw2", "sw3", "sw4", "sw5")}


async def test_j2_a_changed_time_is_the_time_from_then_on(tmp_path: Path) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(MONDAY)) as here:
        job = await here.add("daily 02:00")
        changed = replace(job, schedule=parse_schedule("daily 03:00"))
        await job_store.update_job(
            job.id, changed, expected_revision=1, zone=BERLIN, by=ANNA, now=here.shop.clock.now()
        )

        await here.pass_time(2 * DAY)

        assert [slot.due_at.astimezone(BERLIN).time() for slot in await here.slots(job)] == [time(3, 0)] * 2


async def test_j3_a_job_on_demand_never_comes_due_and_can_be_run_by_hand(tmp_path: Path) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(MONDAY)) as here:
        job = await here.add("on demand", running_limit=9 * MINUTE)
        await here.pass_time(7 * DAY, step=HOUR)
        by_itself = await here.runs()

        run = await here.shop.dispatcher.start_job(job, asked_by=ANNA, place=None)
        await here.shop.settle()

        assert by_itself == []
        assert await here.slots(job) == []
        assert not isinstance(run, tuple)
        assert (run.job, run.asked_by, run.running_limit) == (job.id, ANNA, 9 * MINUTE)
        assert (await here.job(job)).last_run == run.id
        assert here.shop.captures()[-1].run == run.id


async def test_j5_a_device_added_to_a_site_is_backed_up_at_the_next_slot(tmp_path: Path) -> None:
    clock = MovedClock(MONDAY)
    async with clock_shop(tmp_path, clock=clock) as here:
        job = await here.add("daily 02:00", device=None)
        await here.pass_time(DAY)
        first = {run.device for run in await here.runs()}
    grown = make_inventory([make_device(name) for name in ("core-sw1", "edge-sw2", "new-sw3")])

    async with clock_shop(tmp_path, grown, clock=clock) as here:
        await here.pass_time(DAY)

        runs = await here.runs(job=job)
        assert first == {"core-sw1", "edge-sw2"}
        assert [run.device for run in reversed(runs)][2:] == ["core-sw1", "edge-sw2", "new-sw3"]
        assert len({run.batch for run in runs}) == 2
        assert {run.outcome for run in runs} == {Outcome.UP_TO_DATE}


async def test_j6_a_paused_slot_names_who_paused_and_resuming_brings_the_next_one(tmp_path: Path) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(MONDAY)) as here:
        job = await here.add("daily 02:00")
        await job_store.pause_job(job.id, by="U03OLGA", now=here.shop.clock.now())
        await here.pass_time(DAY)
        await job_store.resume_job(job.id)

        await here.pass_time(DAY)

        skipped, ran = await here.slots(job)
        assert (skipped.fate, skipped.by, skipped.run) == (SlotFate.SKIPPED_PAUSED, "U03OLGA", None)
        assert (ran.fate, ran.by) == (SlotFate.RAN, None)


async def test_j6_a_pause_with_an_end_is_over_by_itself(tmp_path: Path) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(MONDAY)) as here:
        job = await here.add("daily 02:00")
        now = here.shop.clock.now()
        await job_store.pause_job(job.id, by=ANNA, now=now, until=now + 36 * HOUR)

        await here.pass_time(3 * DAY)

        assert [slot.fate for slot in await here.slots(job)] == [
            SlotFate.SKIPPED_PAUSED,
            SlotFate.RAN,
            SlotFate.RAN,
        ]
        assert (await here.job(job)).paused_by is None


async def test_j6_a_deleted_job_comes_due_no_more_and_keeps_its_runs(tmp_path: Path) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(MONDAY)) as here:
        job = await here.add("daily 02:00")
        await here.pass_time(DAY)
        await job_store.delete_job(job.id, by=ANNA, now=here.shop.clock.now())

        await here.pass_time(2 * DAY)

        [run] = await here.runs(job=job)
        assert run.outcome is Outcome.UP_TO_DATE
        assert (await here.job(job)).deleted
