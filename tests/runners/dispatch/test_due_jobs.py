"""The timetable beyond its promises: starts spread, limits of jobs, odd jobs, kills, and causes of timeouts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from domain.events.alerts import QueueOverrun
from domain.failures import FailureKind
from domain.inventory.declared import Agent
from domain.jobs.slots import SlotFate
from domain.runs.causes import TimeoutCause
from domain.runs.outcomes import Outcome
from domain.runs.run import RUNNING_LIMIT_GRACE, Trigger
from runners.dispatcher import RunUnderWay
from storage.database.statements import connection
from storage.jobs import jobs as job_store
from storage.runs import runs as run_store
from tests.runners.jobbing import ANNA, MINUTE, clock_shop
from tests.runners.workshop import CHANGED, CONFIG, make_device, make_inventory, make_site
from tests.support.clock import MovedClock

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = datetime(2026, 3, 3, 0, 59, 50, tzinfo=UTC)  # ten seconds before 02:00 in Berlin
SECOND = timedelta(seconds=1)


async def test_s4_starts_of_a_site_job_are_spread_and_limits_hold(tmp_path: Path) -> None:
    devices = [make_device(f"sw{number}") for number in range(100)]
    inventory = make_inventory(devices, sites=[make_site("plant-a", concurrency=40)])
    async with clock_shop(tmp_path, inventory, clock=MovedClock(BEFORE)) as here:
        await here.add("daily 02:00", device=None)
        given = []

        await here.shop.clock.advance(10 * SECOND)
        for _ in range(12):
            await here.tick()
            given.append(len(here.shop.captures()))
            await here.shop.clock.advance(SECOND)

        assert given[:4] == [1, 11, 21, 31]
        assert given[4:] == [40] * 8
        assert [capture.device for capture in here.shop.captures()] == [f"sw{number}" for number in range(40)]


async def test_a_run_by_hand_does_not_wait_behind_starts_that_are_spread(tmp_path: Path) -> None:
    devices = [make_device(f"sw{number}") for number in range(50)]
    inventory = make_inventory([*devices, make_device("b-sw1", site="plant-b")])
    async with clock_shop(tmp_path, inventory, clock=MovedClock(BEFORE)) as here:
        await here.add("daily 02:00", device=None)
        await here.shop.clock.advance(10 * SECOND)
        await here.tick()

        await here.shop.start("b-sw1")
        await here.shop.settle()

        assert [capture.device for capture in here.shop.captures()] == ["sw0", "b-sw1"]
        with pytest.raises(RunUnderWay):
            await here.shop.start("sw49")


async def test_waiting_begins_when_a_run_may_start(tmp_path: Path) -> None:
    devices = [make_device(f"sw{number}") for number in range(2)]
    async with clock_shop(tmp_path, make_inventory(devices), clock=MovedClock(BEFORE), agents=False) as here:
        await here.add("daily 02:00", device=None, waiting_limit=MINUTE)
        await here.shop.clock.advance(10 * SECOND)
        await here.tick()
        first, second = await here.unfinished()

        await here.shop.pass_time(MINUTE)
        one = await here.shop.look_up(second)
        await here.shop.pass_time(SECOND)

        assert second.not_before == first.created_at + timedelta(milliseconds=100)
        assert one.outcome is Outcome.PENDING
        assert (await here.shop.look_up(second)).outcome is Outcome.TIMED_OUT


async def test_spread_starts_survive_a_kill(tmp_path: Path) -> None:
    clock = MovedClock(BEFORE)
    devices = [make_device(f"sw{number}") for number in range(30)]
    async with clock_shop(tmp_path, make_inventory(devices), clock=clock) as here:
        await here.add("daily 02:00", device=None)
        await clock.advance(10 * SECOND)
        await here.tick()
        await here.shop.crash()

    async with clock_shop(tmp_path, make_inventory(devices), clock=clock) as here:
        await here.pass_time(5 * SECOND, step=SECOND)

        runs = await here.runs()
        assert len(runs) == 30
        assert [run.outcome for run in runs if run.slot].count(Outcome.UP_TO_DATE) == 30


async def test_device_jobs_of_one_moment_make_one_batch_for_the_site(tmp_path: Path) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(BEFORE)) as here:
        jobs = [await here.add("daily 02:00", device=name) for name in ("core-sw1", "edge-sw2")]

        await here.pass_time(MINUTE, step=SECOND * 10)

        runs = await here.runs()
        assert len({run.batch for run in runs}) == 1
        assert {run.job for run in runs} == {job.id for job in jobs}
        assert [(await here.job(job)).last_run in {run.id for run in runs} for job in jobs] == [True, True]


async def test_a_jobs_own_limits_and_retries_go_before_the_devices(tmp_path: Path) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(BEFORE)) as here:
        await here.add("daily 02:00", waiting_limit=7 * MINUTE, running_limit=8 * MINUTE, retries=0)

        await here.shop.clock.advance(10 * SECOND)
        await here.tick()
        [run] = await here.unfinished()
        await here.shop.begin(run)
        await here.shop.disconnect()

        assert (run.waiting_limit, run.running_limit, run.retries) == (7 * MINUTE, 8 * MINUTE, 0)
        [capture] = here.shop.captures()
        assert (capture.retries, capture.limits.running) == (0, 8 * MINUTE)
        assert (await here.shop.look_up(run)).reason is FailureKind.AGENT_LOST


async def test_a_job_whose_device_is_no_longer_declared_says_so(tmp_path: Path) -> None:
    clock = MovedClock(BEFORE)
    async with clock_shop(tmp_path, clock=clock) as here:
        job = await here.add("daily 02:00", device="edge-sw2")

    async with clock_shop(tmp_path, make_inventory([make_device("core-sw1")]), clock=clock) as here:
        await here.pass_time(MINUTE)

        [slot] = await here.slots(job)
        assert (slot.fate, slot.run) == (SlotFate.SKIPPED_UNKNOWN, None)
        assert slot.fate.word == "skipped: no longer in app.yaml"
        assert await here.runs() == []


async def test_p3_a_job_of_a_device_that_moved_begins_nothing_at_the_new_site(tmp_path: Path) -> None:
    clock = MovedClock(BEFORE)
    async with clock_shop(tmp_path, clock=clock) as here:
        job = await here.add("daily 02:00", device="edge-sw2")

    moved = make_inventory([make_device("core-sw1"), make_device("edge-sw2", site="plant-b")])
    async with clock_shop(tmp_path, moved, clock=clock) as here:
        await here.pass_time(MINUTE)

        [slot] = await here.slots(job)
        assert (slot.fate, slot.run) == (SlotFate.SKIPPED_UNKNOWN, None)
        assert await here.runs() == []


async def test_a_run_by_hand_that_still_waits_is_the_run_of_that_slot(tmp_path: Path) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(BEFORE), agents=False) as here:
        job = await here.add("daily 02:00")
        run = await here.shop.start("core-sw1")

        await here.pass_time(MINUTE, answer=False)

        [slot] = await here.slots(job)
        assert slot.fate is SlotFate.SKIPPED_RUNNING
        assert (await here.shop.look_up(run)).outcome is Outcome.PENDING
        assert not any(isinstance(alert, QueueOverrun) for alert in here.alerts)


async def test_a_database_that_fails_during_a_tick_leaves_everything_due(tmp_path: Path) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(BEFORE)) as here:
        job = await here.add("daily 02:00")
        await here.shop.clock.advance(MINUTE)
        await connection().execute_script("ALTER TABLE slot RENAME TO away")

        with pytest.raises(Exception, match="slot"):
            await here.tick()
        nothing = await here.runs()
        await connection().execute_script("ALTER TABLE away RENAME TO slot")
        await here.tick()

        assert nothing == []
        assert [slot.fate for slot in await here.slots(job)] == [SlotFate.RAN]
        assert len(await here.runs()) == 1


async def test_an_alert_that_cannot_be_told_stops_nothing_and_is_tried_again(tmp_path: Path) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(BEFORE), agents=False) as here:
        job = await here.add("daily 02:00")
        here.telling_fails = True
        await here.pass_time(2 * MINUTE, step=MINUTE / 4, answer=False)
        here.telling_fails = False

        await here.tick()

        assert len(await here.slots(job)) == 1
        assert [type(alert).__name__ for alert in here.alerts] == ["AgentDisconnected"]


async def test_a_machine_that_slept_gives_its_agents_a_minute_before_it_calls_them_disconnected(tmp_path: Path) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(BEFORE)) as here:
        await here.tick()
        await here.shop.clock.advance(9 * MINUTE)
        await here.tick()
        await here.shop.heartbeat()
        await here.pass_time(MINUTE, step=MINUTE / 4)
        after_a_heartbeat = list(here.alerts)

        await here.shop.clock.advance(9 * MINUTE)
        await here.tick()
        for _ in range(4):
            await here.shop.clock.advance(MINUTE / 4)
            await here.tick()

        assert after_a_heartbeat == []
        assert [type(alert).__name__ for alert in here.alerts] == ["AgentDisconnected"]


async def test_a4_too_short_a_limit_names_the_usual_time(tmp_path: Path) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(BEFORE)) as here:
        for _ in range(3):
            run = await here.shop.start()
            await here.shop.settle()
            await here.shop.begin(run)
            await here.shop.clock.advance(4 * MINUTE)
            await here.shop.say(here.shop.captured(run))
        job = await here.add("on demand", running_limit=2 * MINUTE)
        slow = await here.shop.dispatcher.start_job(job, asked_by=ANNA, place=None)
        assert not isinstance(slow, tuple)
        await here.shop.settle()
        await here.shop.begin(slow)

        await here.shop.pass_time(2 * MINUTE + RUNNING_LIMIT_GRACE)

        ended = await here.shop.look_up(slow)
        assert (ended.outcome, ended.cause) == (Outcome.TIMED_OUT, TimeoutCause.SHORT_LIMIT)
        assert ended.facts == "It usually takes 4 min, but its time limit is 2 min."


async def test_a4_the_agents_own_word_about_the_limit_gets_the_usual_time_too(tmp_path: Path) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(BEFORE)) as here:
        run = await here.shop.start()
        await here.shop.settle()
        await here.shop.begin(run)
        await here.shop.clock.advance(4 * MINUTE)
        await here.shop.say(here.shop.captured(run))
        job = await here.add("on demand", running_limit=2 * MINUTE)
        slow = await here.shop.dispatcher.start_job(job, asked_by=ANNA, place=None)
        assert not isinstance(slow, tuple)
        await here.shop.settle()
        await here.shop.begin(slow)

        await here.shop.say(here.shop.failed(slow, FailureKind.RUNNING_LIMIT))

        assert (await here.shop.look_up(slow)).cause is TimeoutCause.SHORT_LIMIT


async def test_a4_a_disconnected_agent_is_the_cause_of_a_run_that_never_came_back(tmp_path: Path) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(datetime(2026, 3, 3, 9, 2, tzinfo=UTC))) as here:
        run = await here.shop.start()
        await here.shop.settle()
        await here.shop.begin(run)

        await here.shop.pass_time(5 * MINUTE + RUNNING_LIMIT_GRACE, heard=False)

        ended = await here.shop.look_up(run)
        assert (ended.outcome, ended.cause) == (Outcome.TIMED_OUT, TimeoutCause.AGENT)
        assert "Agent local has been disconnected since 10:02 CET." in ended.facts


async def test_a4_a_run_that_nobody_started_names_the_queue(tmp_path: Path) -> None:
    inventory = make_inventory(
        [make_device("core-sw1"), make_device("edge-sw2", waiting_limit=9 * MINUTE)],
        sites=[make_site("plant-a", concurrency=1)],
        agents=[Agent(name="local")],
    )
    async with clock_shop(tmp_path, inventory, clock=MovedClock(BEFORE)) as here:
        first = await here.shop.start("core-sw1")
        second = await here.shop.start("edge-sw2")
        await here.shop.settle()
        await here.shop.begin(first)
        for _ in range(3):
            await here.shop.pass_time(MINUTE)
        await here.shop.say(here.shop.captured(first))

        again = await here.shop.look_up(second)
        await here.shop.begin(again)
        await here.shop.say(here.shop.captured(again))

        assert (await here.shop.look_up(second)).outcome is Outcome.UP_TO_DATE
        assert (await here.shop.look_up(second)).waited == 3 * MINUTE


async def test_a8_a_smaller_configuration_is_stored_once_somebody_vouches_for_it(tmp_path: Path) -> None:
    async with clock_shop(tmp_path, clock=MovedClock(BEFORE)) as here:
        shop = here.shop
        await shop.back_up(CHANGED + b"!\n" * 200 + CONFIG)
        suspect = await shop.back_up(CONFIG)

        device = shop.inventory.devices["core-sw1"]
        run = await shop.dispatcher.start(
            device, asked_by=ANNA, trigger=Trigger.MANUAL, place=None, accept_smaller=True
        )
        await shop.settle()
        capture = shop.captures()[-1]
        await shop.begin(run)
        await shop.say(shop.captured(run, CONFIG))
        stored = await shop.look_up(run)
        after = await shop.back_up(CONFIG)

        assert (suspect.outcome, suspect.reason) == (Outcome.FAILED, FailureKind.SUSPECT)
        assert capture.previous_size is None
        assert (stored.outcome, stored.version, stored.accept_smaller) == (Outcome.MODIFIED, 2, True)
        assert after.outcome is Outcome.UP_TO_DATE


async def test_a_pause_that_ended_while_lastgood_was_stopped_is_over(tmp_path: Path) -> None:
    clock = MovedClock(BEFORE)
    async with clock_shop(tmp_path, clock=clock) as here:
        job = await here.add("daily 02:00")
        now = clock.now()
        await job_store.pause_job(job.id, by=ANNA, now=now, until=now + timedelta(days=2))
    await clock.advance(timedelta(days=3, minutes=30))

    async with clock_shop(tmp_path, clock=clock) as here:
        await here.tick()

        [slot] = await here.slots(job)
        assert (slot.fate, slot.note) == (SlotFate.MADE_UP, "3 earlier starts were missed too.")
        assert (await here.job(job)).paused_by is None
        assert len(await run_store.unfinished_runs()) == 1


async def test_a_tick_takes_up_more_jobs_than_fit_into_one_claim(tmp_path: Path) -> None:
    devices = [make_device(f"sw{number}") for number in range(1_100)]
    async with clock_shop(tmp_path, make_inventory(devices), clock=MovedClock(BEFORE), agents=False) as here:
        template = await here.add("daily 02:00", device="sw0", name="job 0")
        for number in range(1, 1_100):
            fields = replace(template, name=f"job {number}", device=f"sw{number}")
            await job_store.add_job(fields, zone=here.zone, by=ANNA, now=here.shop.clock.now())

        await here.shop.clock.advance(MINUTE)
        await here.tick()

        runs = await here.unfinished()
        assert len({run.device for run in runs}) == 1_100
        assert max(run.not_before or run.created_at for run in runs) <= here.shop.clock.now() + 10 * MINUTE
