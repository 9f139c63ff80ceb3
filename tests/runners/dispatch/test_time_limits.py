"""Clocks, cancelling and lost agents: no run is left without its one outcome."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from domain.errors import NotNow
from domain.failures import FailureKind
from domain.inventory.declared import Agent
from domain.runs.outcomes import Outcome
from domain.runs.run import RUNNING_LIMIT_GRACE
from runners.transport.base import Received
from storage.devices.versions import versions_of
from tests.runners.workshop import CHANGED, CONFIG, Workshop, make_device, make_inventory, make_site, workshop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

WAITING = timedelta(minutes=30)
RUNNING = timedelta(minutes=5)
SECOND = timedelta(seconds=1)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    """Two devices, one agent that has not come yet."""
    async with workshop(tmp_path) as one:
        yield one


async def test_a4_run_that_waits_for_a_disconnected_agent_is_timed_out_and_says_so(shop: Workshop) -> None:
    run = await shop.start()

    await shop.pass_time(WAITING - SECOND)
    before = await shop.look_up(run)
    await shop.pass_time(SECOND)

    ended = await shop.look_up(run)
    assert before.outcome is Outcome.PENDING
    assert (ended.outcome, ended.reason) == (Outcome.TIMED_OUT, FailureKind.NEVER_STARTED)
    assert "Agent local has been disconnected since 07:00 CET." in ended.facts


async def test_a4_run_behind_others_is_timed_out_and_says_behind_how_many(tmp_path: Path) -> None:
    devices = [make_device(f"sw{number}", running_limit=timedelta(hours=2)) for number in range(15)]
    inventory = make_inventory(devices, sites=[make_site("plant-a", concurrency=2)])
    async with workshop(tmp_path, inventory, close_timeout=timedelta(0)) as shop:
        await shop.connect()
        runs = await shop.start_site()
        await shop.settle()
        for capture in shop.captures():
            await shop.begin(capture.run)

        await shop.pass_time(WAITING)

        last = await shop.look_up(runs[-1])
        assert last.outcome is Outcome.TIMED_OUT
        assert "It waited 30 min behind 14 runs of its site on agent local." in last.facts


async def test_a4_run_of_a_site_without_an_agent_is_timed_out_and_says_so(tmp_path: Path) -> None:
    inventory = make_inventory(agents=[Agent(name="local", sites=frozenset({"plant-z"}))])
    async with workshop(tmp_path, inventory) as shop:
        await shop.connect()
        run = await shop.start()

        await shop.pass_time(WAITING)

        ended = await shop.look_up(run)
        assert ended.reason is FailureKind.NEVER_STARTED
        assert "No agent serves the site plant-a." in ended.facts


async def test_a3_run_without_a_word_past_its_limit_is_timed_out_and_its_session_closed(shop: Workshop) -> None:
    await shop.connect()
    run = await shop.start()
    await shop.settle()
    await shop.begin(run)

    await shop.pass_time(RUNNING + RUNNING_LIMIT_GRACE - SECOND)
    before = await shop.look_up(run)
    await shop.pass_time(SECOND)

    ended = await shop.look_up(run)
    assert before.outcome is Outcome.IN_PROGRESS
    assert (ended.outcome, ended.reason) == (Outcome.TIMED_OUT, FailureKind.RUNNING_LIMIT)
    assert shop.cancels() == [run.id]


async def test_device_has_no_second_session_while_the_first_may_be_open(shop: Workshop) -> None:
    await shop.connect()
    first = await shop.start()
    await shop.settle()
    await shop.begin(first)
    await shop.pass_time(RUNNING + RUNNING_LIMIT_GRACE)

    second = await shop.start()
    await shop.settle()
    while_open = [capture.run for capture in shop.captures()]
    await shop.say(shop.failed(first, FailureKind.CANCELLED))

    assert while_open == [first.id]
    assert [capture.run for capture in shop.captures()] == [first.id, second.id]
    assert (await shop.look_up(first)).outcome is Outcome.TIMED_OUT


async def test_a3_next_run_starts_when_a_hung_one_has_ended(tmp_path: Path) -> None:
    inventory = make_inventory(sites=[make_site("plant-a", concurrency=1)])
    async with workshop(tmp_path, inventory) as shop:
        await shop.connect()
        hung, following = await shop.start_site()
        await shop.settle()
        await shop.begin(hung)

        await shop.pass_time(RUNNING + RUNNING_LIMIT_GRACE)
        await shop.say(shop.failed(hung, FailureKind.CANCELLED))

        assert [capture.run for capture in shop.captures()] == [hung.id, following.id]


async def test_a7_cancelling_a_waiting_run_ends_it_at_once_and_names_who(shop: Workshop) -> None:
    run = await shop.start()

    await shop.dispatcher.cancel(run, by="U02ANNA")

    ended = await shop.look_up(run)
    assert (ended.outcome, ended.reason, ended.cancelled_by) == (Outcome.FAILED, FailureKind.CANCELLED, "U02ANNA")
    with pytest.raises(NotNow):
        await shop.dispatcher.cancel(run, by="U02ANNA")


async def test_a7_cancelling_a_run_in_progress_closes_its_session_and_names_who(shop: Workshop) -> None:
    await shop.connect()
    run = await shop.start()
    await shop.settle()
    await shop.begin(run)

    await shop.dispatcher.cancel(run, by="U02ANNA")
    told = shop.cancels()
    await shop.say(shop.failed(run, FailureKind.CONNECTION_LOST))

    ended = await shop.look_up(run)
    assert told == [run.id]
    assert (ended.outcome, ended.reason, ended.cancelled_by) == (Outcome.FAILED, FailureKind.CANCELLED, "U02ANNA")


async def test_a7_cancelled_run_ends_within_seconds_even_if_the_agent_does_not_answer(shop: Workshop) -> None:
    await shop.connect()
    run = await shop.start()
    await shop.settle()
    await shop.begin(run)

    await shop.dispatcher.cancel(run, by="U02ANNA")
    await shop.pass_time(timedelta(seconds=5))

    assert (await shop.look_up(run)).cancelled_by == "U02ANNA"


async def test_result_that_overtakes_the_cancel_is_the_true_outcome(shop: Workshop) -> None:
    await shop.connect()
    run = await shop.start()
    await shop.settle()
    await shop.begin(run)

    await shop.dispatcher.cancel(run, by="U02ANNA")
    await shop.say(shop.captured(run))

    assert (await shop.look_up(run)).outcome is Outcome.UP_TO_DATE


async def test_result_after_the_end_stores_nothing(shop: Workshop) -> None:
    await shop.connect()
    run = await shop.start()
    await shop.settle()
    await shop.dispatcher.cancel(run, by="U02ANNA")

    await shop.say(shop.started(run), shop.captured(run))

    assert (await shop.look_up(run)).outcome is Outcome.FAILED
    assert await versions_of("core-sw1") == []
    assert run.id in shop.cancels()


async def test_lost_agent_costs_an_attempt_and_the_run_goes_on_when_it_is_back(shop: Workshop) -> None:
    await shop.connect()
    run = await shop.start()
    await shop.settle()
    await shop.begin(run)

    await shop.disconnect()
    lost = await shop.look_up(run)
    await shop.connect()

    assert lost.outcome is Outcome.PENDING
    assert [(capture.run, capture.attempt) for capture in shop.captures()] == [(run.id, 1), (run.id, 2)]
    await shop.begin(run, attempt=2)
    await shop.say(shop.captured(run, attempts=2))
    assert ((await shop.look_up(run)).outcome, (await shop.look_up(run)).attempts) == (Outcome.UP_TO_DATE, 2)


async def test_agent_that_is_lost_too_often_fails_the_run(shop: Workshop) -> None:
    run = await shop.start()

    for attempt in (1, 2, 3):
        await shop.connect()
        await shop.begin(run, attempt=attempt)
        await shop.disconnect(reason="ended with status 137")

    ended = await shop.look_up(run)
    assert (ended.outcome, ended.reason) == (Outcome.FAILED, FailureKind.AGENT_LOST)
    assert ended.facts == "Agent local: ended with status 137"


async def test_result_received_before_the_agent_went_counts(shop: Workshop) -> None:
    await shop.connect()
    run = await shop.start()
    await shop.settle()
    await shop.begin(run)

    shop.transport.happen(Received("local", shop.captured(run)))
    await shop.disconnect()

    assert (await shop.look_up(run)).outcome is Outcome.UP_TO_DATE


async def test_what_lay_ready_with_a_lost_agent_is_sent_to_another(tmp_path: Path) -> None:
    agents = [Agent(name="near", sites=frozenset({"plant-a"})), Agent(name="far")]
    async with workshop(tmp_path, make_inventory(agents=agents)) as shop:
        await shop.connect("near")
        await shop.connect("far")
        run = await shop.start()
        await shop.settle()

        await shop.disconnect("near")

        assert [capture.run for capture in shop.captures("near")] == [run.id]
        assert [capture.run for capture in shop.captures("far")] == [run.id]


async def test_running_clock_spans_the_attempts_of_a_lost_agent(shop: Workshop) -> None:
    await shop.connect()
    run = await shop.start()
    await shop.settle()
    await shop.begin(run)
    await shop.disconnect()

    await shop.pass_time(RUNNING + RUNNING_LIMIT_GRACE)

    ended = await shop.look_up(run)
    assert (ended.outcome, ended.reason) == (Outcome.TIMED_OUT, FailureKind.RUNNING_LIMIT)


async def test_message_that_the_queue_lost_is_sent_again(shop: Workshop) -> None:
    await shop.connect()
    run = await shop.start()
    await shop.settle()

    for _ in range(3):
        await shop.heartbeat()

    assert [capture.run for capture in shop.captures()] == [run.id, run.id]


async def test_run_that_its_agent_no_longer_knows_is_tried_again(shop: Workshop) -> None:
    await shop.connect()
    run = await shop.start()
    await shop.settle()
    await shop.begin(run)

    for _ in range(3):
        await shop.heartbeat()

    assert [(capture.run, capture.attempt) for capture in shop.captures()] == [(run.id, 1), (run.id, 2)]


async def test_disconnected_agent_is_given_nothing_until_it_is_heard(shop: Workshop) -> None:
    await shop.connect()
    await shop.pass_time(timedelta(seconds=31), heard=False)

    run = await shop.start()
    await shop.settle()
    while_silent = shop.captures()
    status = shop.dispatcher.agents()[0]
    await shop.heartbeat()

    assert while_silent == []
    assert status.disconnected_since == shop.clock.now() - timedelta(seconds=31)
    assert [capture.run for capture in shop.captures()] == [run.id]


async def test_reconnected_agent_keeps_what_it_is_still_at(shop: Workshop) -> None:
    await shop.connect()
    run = await shop.start()
    await shop.settle()
    await shop.begin(run)
    await shop.disconnect()

    await shop.connect(running=[run.id, 999])
    await shop.say(shop.captured(run))

    assert len(shop.captures()) == 1
    assert shop.cancels() == [999]
    assert (await shop.look_up(run)).outcome is Outcome.UP_TO_DATE


async def test_late_attempt_of_a_run_that_another_agent_has_is_cancelled(tmp_path: Path) -> None:
    async with workshop(tmp_path, make_inventory(agents=[Agent(name="one"), Agent(name="two")])) as shop:
        await shop.connect("one")
        run = await shop.start()
        await shop.settle()
        await shop.connect("two")
        await shop.clock.advance(timedelta(seconds=31))
        await shop.heartbeat(agent="two")
        await shop.dispatcher.watch()
        await shop.settle()

        await shop.begin(run, agent="one")

        assert [capture.run for capture in shop.captures("two")] == [run.id]
        assert shop.cancels("one") == [run.id]


async def test_changed_text_after_many_lost_attempts_is_stored_once(shop: Workshop) -> None:
    await shop.connect()
    await shop.back_up(CONFIG)
    run = await shop.start()
    await shop.settle()
    await shop.begin(run)
    await shop.disconnect()
    await shop.connect()
    await shop.begin(run, attempt=2)

    await shop.say(shop.captured(run, CHANGED, attempts=2), shop.captured(run, CHANGED, attempts=2))

    assert (await shop.look_up(run)).outcome is Outcome.MODIFIED
    assert len(await versions_of("core-sw1")) == 2
