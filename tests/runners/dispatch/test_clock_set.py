"""The machine's clock is set while runs wait and go on: nothing times out for that, and nothing waits on for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from domain.failures import FailureKind
from domain.jobs.slots import SlotFate
from domain.runs.outcomes import Outcome
from domain.runs.run import RUNNING_LIMIT_GRACE
from domain.runs.timeouts import CANCEL_TIMEOUT, HEARTBEAT_TIMEOUT
from storage.jobs.slots import slots_of
from tests.runners.jobbing import ClockShop
from tests.runners.workshop import Workshop, make_device, make_inventory, make_site, workshop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

WAITING, RUNNING = timedelta(minutes=30), timedelta(minutes=5)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
STEPS = [timedelta(minutes=31), timedelta(days=1), timedelta(days=-1), timedelta(minutes=-40), timedelta(days=4000)]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    """Two devices; the agent has not come yet."""
    async with workshop(tmp_path, close_timeout=timedelta(0)) as one:
        yield one


async def set_by(shop: Workshop, step: timedelta) -> None:
    """Somebody sets the clock, and serve takes that over."""
    shop.clock.set_by(step)
    await shop.dispatcher.clock_set(step)


@pytest.mark.parametrize("step", STEPS, ids=str)
async def test_a_run_waits_as_long_as_it_may_whatever_the_clock_is_set_to(shop: Workshop, step: timedelta) -> None:
    run = await shop.start()
    await shop.pass_time(WAITING - MINUTE)

    await set_by(shop, step)
    await shop.pass_time(MINUTE - SECOND)
    waiting = await shop.look_up(run)
    await shop.pass_time(2 * SECOND)

    assert waiting.outcome is Outcome.PENDING
    assert (await shop.look_up(run)).reason is FailureKind.NEVER_STARTED


@pytest.mark.parametrize("step", STEPS, ids=str)
async def test_a_run_goes_on_as_long_as_it_may_whatever_the_clock_is_set_to(shop: Workshop, step: timedelta) -> None:
    await shop.connect()
    run = await shop.start()
    await shop.settle()
    await shop.begin(run)
    await shop.pass_time(RUNNING - MINUTE)

    await set_by(shop, step)
    await shop.pass_time(MINUTE)
    going_on = await shop.look_up(run)
    await shop.pass_time(RUNNING_LIMIT_GRACE)

    assert going_on.outcome is Outcome.IN_PROGRESS
    assert (await shop.look_up(run)).reason is FailureKind.RUNNING_LIMIT


@pytest.mark.parametrize("step", STEPS, ids=str)
async def test_how_long_a_run_waited_is_told_by_the_time_that_went_by(tmp_path: Path, step: timedelta) -> None:
    devices = [make_device(f"sw{number}", running_limit=timedelta(hours=9)) for number in range(4)]
    inventory = make_inventory(devices, sites=[make_site("plant-a", concurrency=1)])
    async with workshop(tmp_path, inventory, close_timeout=timedelta(0)) as shop:
        await shop.connect()
        runs = await shop.start_site()
        await shop.settle()
        await shop.begin(shop.captures()[0].run)
        await set_by(shop, step)

        await shop.pass_time(WAITING)

        last = await shop.look_up(runs[-1])
        assert "It waited 30 min behind 3 runs of its site on agent local." in last.facts


@pytest.mark.parametrize("step", STEPS, ids=str)
async def test_no_agent_is_disconnected_or_heard_because_a_clock_was_set(shop: Workshop, step: timedelta) -> None:
    await shop.connect()

    await set_by(shop, step)
    [there] = shop.dispatcher.agents()
    await shop.clock.advance(HEARTBEAT_TIMEOUT)
    [status] = shop.dispatcher.agents()

    assert there.connected_since
    assert status.disconnected_since


async def test_a_cancelled_run_ends_in_time_although_the_clock_was_set_back(shop: Workshop) -> None:
    await shop.connect()
    run = await shop.start()
    await shop.settle()
    await shop.begin(run)
    await shop.dispatcher.cancel(await shop.look_up(run), by="U02ANNA")

    await set_by(shop, timedelta(hours=-3))
    await shop.pass_time(CANCEL_TIMEOUT)

    assert (await shop.look_up(run)).cancelled_by == "U02ANNA"


async def test_a_job_that_comes_due_only_because_the_clock_was_set_blames_no_queue(shop: Workshop) -> None:
    jobs = ClockShop(shop)
    job = await jobs.add("daily 02:00")
    assert job.next_run_at
    await shop.clock.advance(job.next_run_at - shop.clock.now())
    await jobs.tick()
    [run] = await jobs.unfinished()

    await set_by(shop, timedelta(days=1))
    await jobs.tick()
    await shop.dispatcher.watch()

    assert [one.id for one in await jobs.unfinished()] == [run.id]
    assert [slot.fate for slot in await slots_of(job.id)] == [SlotFate.SKIPPED_RUNNING, SlotFate.RAN]
    assert shop.dispatcher.overruns() == []


async def test_starts_that_were_spread_are_not_put_off_by_a_clock_that_is_set_back(tmp_path: Path) -> None:
    inventory = make_inventory([make_device(f"sw{number}") for number in range(9)])
    async with workshop(tmp_path, inventory, close_timeout=timedelta(0)) as shop:
        await shop.connect()
        jobs = ClockShop(shop)
        job = await jobs.add("daily 02:00", device=None)
        assert job.next_run_at
        await shop.clock.advance(job.next_run_at - shop.clock.now())
        await shop.heartbeat()
        await jobs.tick()

        await set_by(shop, timedelta(hours=-5))
        await shop.clock.advance(2 * SECOND)
        await shop.heartbeat()
        await jobs.tick()

        assert len(shop.captures()) == 9


async def test_a_run_whose_time_was_over_while_nothing_ran_blames_nobody_in_the_queue(tmp_path: Path) -> None:
    async with workshop(tmp_path, close_timeout=timedelta(0)) as shop:
        run = await shop.start()
        await shop.crash()
        clock = shop.clock
    await clock.advance(timedelta(hours=9))

    async with workshop(tmp_path, clock=clock, close_timeout=timedelta(0)) as again:
        await again.connect()
        await again.dispatcher.watch()

        assert (await again.look_up(run)).facts == "Lastgood was not running when its waiting time ended."
