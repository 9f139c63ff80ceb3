"""The clock that serve goes by: even in itself, and after the machine's in steps that are announced."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.clock import MIN_CLOCK_STEP, FollowingClock, SteadyClock
from tests.support.clock import MovedClock

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("step", [timedelta(hours=1), timedelta(days=-400), MIN_CLOCK_STEP, -MIN_CLOCK_STEP], ids=str)
async def test_a_clock_that_was_set_is_followed_once_everybody_was_told(step: timedelta) -> None:
    machine = MovedClock()
    clock, told = FollowingClock(machine), list[tuple[str, timedelta, datetime]]()

    async def before(by: timedelta) -> None:
        told.append(("before", by, clock.now()))

    async def after(by: timedelta) -> None:
        told.append(("after", by, clock.now()))

    clock.hear(before=before, after=after)
    old = clock.now()
    machine.set_by(step)
    unaware = clock.now()
    await clock.follow()
    await clock.follow()

    assert unaware == old
    assert told == [("before", step, old), ("after", step, old + step)]
    assert clock.now() == machine.now() == old + step


async def test_what_a_time_server_corrects_is_taken_over_without_a_word() -> None:
    machine = MovedClock()
    clock, told = FollowingClock(machine), list[timedelta]()

    async def hear(by: timedelta) -> None:
        told.append(by)

    clock.hear(before=hear, after=hear)
    for _ in range(5):
        machine.set_by(-timedelta(milliseconds=1500))
        await clock.follow()

    assert told == []
    assert clock.now() == machine.now()


async def test_a_step_that_cannot_be_taken_over_yet_is_tried_again_and_time_goes_on_evenly() -> None:
    machine = MovedClock()
    clock, tries = FollowingClock(machine), list[timedelta]()

    async def hear(by: timedelta) -> None:
        tries.append(by)
        if len(tries) == 1:
            raise OSError("the database is away")

    clock.hear(before=hear)
    old = clock.now()
    machine.set_by(timedelta(hours=3))
    with pytest.raises(OSError, match="away"):
        await clock.follow()
    await machine.advance(5 * SECOND)
    meanwhile = clock.now()
    await clock.follow()

    assert meanwhile == old + 5 * SECOND
    assert tries == [timedelta(hours=3)] * 2
    assert clock.now() == machine.now()


async def test_what_measures_durations_alone_never_hears_of_it() -> None:
    machine = MovedClock()
    steady = SteadyClock(FollowingClock(machine))
    began = steady.now()

    machine.set_by(timedelta(days=-2))
    await machine.advance(7 * SECOND)

    assert steady.now() - began == 7 * SECOND
