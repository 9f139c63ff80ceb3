"""Events: who hears what of a run, in how many posts, and that a kill in between changes nothing."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from domain.subscriptions.subscriptions import SubscriptionScope
from storage.devices.devices import sync_devices
from storage.events import events
from storage.messages import outbox
from storage.runs import runs as run_store
from tests.notifications.events.eventing import (
    ANNA,
    BEN,
    DAY,
    HOUR,
    SECOND,
    TEAM,
    Town,
    delivery,
    device,
    modified_run,
    routes,
    text,
    town,
)

if TYPE_CHECKING:
    from domain.messages.outbox import Message

__all__ = ["town"]

pytestmark = pytest.mark.usefixtures("outbox_database")


@pytest.mark.parametrize(
    ("chosen", "hears"),
    [
        pytest.param({"failed": True, "modified": False}, {Outcome.FAILED, Outcome.TIMED_OUT}, id="failed"),
        pytest.param({"failed": False, "modified": True}, {Outcome.MODIFIED}, id="modified"),
        pytest.param({"modified": True}, {Outcome.FAILED, Outcome.TIMED_OUT, Outcome.MODIFIED}, id="both"),
        pytest.param({"failed": False}, set(), id="neither"),
    ],
)
@pytest.mark.parametrize("outcome", Outcome)
async def test_n2_six_outcomes_by_what_a_person_chose(
    outcome: Outcome, chosen: dict[str, Any], hears: set[Outcome], town: Town
) -> None:
    await town.subscription(**chosen)

    await town.tell(await town.ended(outcome))

    assert len(await town.posts(ANNA)) == (1 if outcome in hears else 0)


@pytest.mark.parametrize("reason", [FailureKind.CANCELLED, FailureKind.INTERRUPTED])
async def test_n2_an_interrupted_run_has_failed_and_a_cancelled_one_has_not(reason: FailureKind, town: Town) -> None:
    await town.subscription(modified=True)

    await town.tell(await town.ended(Outcome.FAILED, reason=reason))

    assert len(await town.posts(ANNA)) == (0 if reason is FailureKind.CANCELLED else 1)


async def test_n1_two_people_with_different_choices_hear_different_things_of_the_same_runs(town: Town) -> None:
    await town.subscription(ANNA, failed=False, modified=True)
    await town.subscription(BEN, failed=True, modified=False)

    await town.tell(await town.ended(Outcome.FAILED, "sw1"), await town.ended(Outcome.MODIFIED, "sw2"))

    [annas], [bens] = await town.posts(ANNA), await town.posts(BEN)
    assert ("sw2" in text([annas]), "sw1" in text([annas])) == (True, False)
    assert ("sw1" in text([bens]), "sw2" in text([bens])) == (True, False)


async def test_n4_the_first_failure_of_a_new_device_is_told_if_new_ones_are_watched(town: Town) -> None:
    await town.subscription(ANNA, and_new=True)
    await town.subscription(BEN, and_new=False)
    await town.clock.advance(HOUR)
    grown = replace(town.inventory, devices=MappingProxyType({**town.inventory.devices, "new-sw1": device("new-sw1")}))
    await sync_devices(grown, now=town.clock.now())

    await town.tell(await town.ended(Outcome.FAILED, "new-sw1"))
    new = (len(await town.posts(ANNA)), len(await town.posts(BEN)))
    await town.clock.advance(HOUR)
    await town.tell(await town.ended(Outcome.FAILED, "sw1"))

    assert new == (1, 0)
    assert len(await town.posts(BEN)) == 1


async def test_n4_a_device_that_nobody_subscriptions_stays_silent(town: Town) -> None:
    await town.subscription(ANNA, SubscriptionScope.DEVICE, target="sw1")

    await town.tell(await town.ended(Outcome.FAILED, "sw2"))

    assert await town.posts(ANNA) == []


async def test_n7_five_failures_and_a_good_run_are_two_posts(town: Town) -> None:
    await town.route()

    for outcome in [*[Outcome.FAILED] * 5, Outcome.UP_TO_DATE]:
        await town.tell(await town.ended(outcome))
        await town.pass_time(HOUR)

    failed, recovered = await town.posts(TEAM)
    assert "Failed" in text([failed])
    assert "Its backup succeeded again" in text([recovered])


async def test_n7_a_failure_that_goes_on_is_told_again_after_the_reminder_of_its_site(town: Town) -> None:
    await town.route()

    told: dict[str, Message] = {}
    for _ in range(3):
        await town.tell(await town.ended(Outcome.FAILED))
        told |= {one.key: one for one in await town.posts(TEAM)}
        await town.pass_time(DAY)

    first, *reminders = told.values()
    assert "It has been failing since" not in text([first])
    assert ["It has been failing since" in text([one]) for one in reminders] == [True, True]


async def test_n8_a_change_is_one_post_with_its_diff_in_the_thread(town: Town) -> None:
    await town.route()

    await town.tell(await town.ended(Outcome.MODIFIED))

    post, *more = await town.posts(TEAM)
    assert more == []
    diff = await outbox.delivery_of(f"{post.key}:{(await modified_run()).id}:diff")
    assert diff is not None
    assert (diff.message.thread_key, diff.message.shows_config) == (post.key, True)


async def test_n8_eighty_failures_in_two_minutes_are_one_post_with_all_of_them_in_its_thread(town: Town) -> None:
    await town.route()
    await town.subscription(ANNA)

    for number in range(80):
        await town.tell(await town.ended(Outcome.FAILED, f"sw{number}"))
        await town.pass_time(1.5 * SECOND)
    await town.pass_time(5 * SECOND)

    for recipient in (TEAM, ANNA):
        [post] = await town.posts(recipient)
        [listing] = [one for one in await town.messages(recipient) if one.thread_key == post.key]
        assert "80 devices could not be backed up" in text([post])
        assert all(f"sw{number}" in text([listing]) for number in range(80))


async def test_n8_the_first_of_a_storm_is_told_at_once_and_the_rest_at_most_every_few_seconds(town: Town) -> None:
    await town.route()
    told = []

    for number in range(9):
        await town.tell(await town.ended(Outcome.FAILED, f"sw{number}"))
        [post] = await town.posts(TEAM)
        told.append((await delivery(post)).revision)
        await town.clock.advance(SECOND)

    assert told == [1, 1, 1, 2, 2, 2, 3, 3, 3]


async def test_runs_that_are_told_again_after_a_kill_change_nothing(town: Town) -> None:
    await town.route()
    await town.subscription(ANNA, modified=True)
    runs = [await town.ended(Outcome.FAILED, f"sw{number}") for number in range(5)]
    runs += [await town.ended(Outcome.MODIFIED, "sw7"), await town.ended(Outcome.UP_TO_DATE, "sw0")]
    await town.tell(*runs)
    await town.pass_time(5 * SECOND)
    before = {one.key: one for recipient in (TEAM, ANNA) for one in await town.messages(recipient)}

    town.revive()
    await town.tell(*runs)
    await town.tell(*reversed(runs))
    await town.pass_time(5 * SECOND)

    after = {one.key: one for recipient in (TEAM, ANNA) for one in await town.messages(recipient)}
    assert {key: one.content for key, one in after.items()} == {key: one.content for key, one in before.items()}


async def test_what_was_taken_in_before_a_kill_is_told_after_it(town: Town) -> None:
    await town.route()
    run = await town.ended(Outcome.FAILED)
    await events.take_in([events.Ended(run=run, at=town.clock.now())])  # and then it was killed

    town.revive()
    await town.publishing.publisher.tick()
    await town.tell(run)

    assert len(await town.posts(TEAM)) == 1
    assert await run_store.unannounced_runs() == []
    assert await events.untold_groups() == []


async def test_n10_a_test_of_a_route_is_a_message_in_its_channel(town: Town) -> None:
    await town.route()
    [route] = await routes()

    await town.publishing.publisher.test_route(route)
    await town.clock.advance(SECOND)
    await town.publishing.publisher.test_route(route)

    first, second = await town.posts(TEAM)
    assert first.key != second.key
    assert "This is a test" in text([first])
