"""The unfinished runs in memory."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from runners.state.run_queue import RunQueue, WaitingLine
from tests.domain.runs.test_assignment import make_run
from tests.support.clock import MovedClock

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def test_run_that_is_taken_back_stands_at_its_old_place() -> None:
    queue = RunQueue(MovedClock())
    queue.add([make_run(number) for number in (1, 2, 3)])
    for number in (1, 2):
        queue.hand(make_run(number), "local")

    queue.take_back([2, 1])

    assert [run.id for run in queue.waiting.by_site()["a"]] == [1, 2, 3]


async def test_waiting_for_the_last_run_under_way_ends_also_when_that_one_is_taken_back() -> None:
    queue = RunQueue(MovedClock())
    queue.add([make_run(1)])
    queue.hand(make_run(1), "local", has_begun=True)
    waiting = asyncio.create_task(queue.until_none_is_handed())
    await asyncio.sleep(0)

    queue.take_back([1])

    await asyncio.wait_for(waiting, timeout=120)


def test_run_that_has_ended_keeps_its_device_busy_until_the_agent_lets_go() -> None:
    queue = RunQueue(MovedClock())
    queue.add([make_run(1)])
    queue.hand(make_run(1), "local")

    queue.end([make_run(1)])
    while_open = (queue.of_device("sw1"), queue.handed.busy_devices())
    queue.handed.let_go([1])

    assert while_open == (None, {"sw1"})
    assert queue.handed.busy_devices() == set()


def test_run_that_has_ended_does_not_come_back_by_an_old_word_of_it() -> None:
    queue = RunQueue(MovedClock())
    queue.add([make_run(1)])
    queue.end([make_run(1)])

    assert queue.update([make_run(1)]) == []
    assert queue.find(1) is None


def test_first_wish_to_cancel_counts() -> None:
    queue = RunQueue(MovedClock())
    queue.add([make_run(1)])

    queue.wishes.put(1, by="U02ANNA", at=NOW)
    queue.wishes.put(1, by="U03BEN", at=NOW)

    assert {run: wish.by for run, wish in queue.wishes.all().items()} == {1: "U02ANNA"}


def test_those_ahead_are_the_older_ones_and_those_under_way() -> None:
    line = WaitingLine(known=[1, 2, 5, 7, 9], begun=[1, 9])

    assert [line.ahead_of(run) for run in (1, 5, 9)] == [1, 3, 4]
