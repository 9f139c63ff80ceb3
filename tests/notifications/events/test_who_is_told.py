"""Who is told of an event: by route, by channel, by access; now, or after a mute or quiet hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from types import MappingProxyType

import pytest

from domain.messages.places import Place
from domain.runs.outcomes import Outcome
from domain.runs.run import Trigger
from domain.subscriptions.kinds import EventKind
from domain.subscriptions.routes import RouteFields, RouteHealth
from domain.subscriptions.subscriptions import Profile
from storage.messages import outbox
from storage.subscriptions.profiles import put_profile
from storage.subscriptions.routes import note_health, sync_routes
from tests.notifications.events.eventing import (
    ANNA,
    BEN,
    HOUR,
    OPS,
    SECOND,
    TEAM,
    Town,
    device,
    modified_run,
    switch_off,
    text,
    town,
)

__all__ = ["town"]

pytestmark = pytest.mark.usefixtures("outbox_database")


async def test_whoever_asked_by_hand_has_the_answer_and_others_hear_of_it(town: Town) -> None:
    await town.subscription(ANNA)
    await town.subscription(BEN)
    await sync_routes([RouteFields(site="plant-a", channel=channel) for channel in (TEAM, OPS)])

    run = await town.ended(Outcome.FAILED, trigger=Trigger.MANUAL, asked_by=ANNA, place=Place(channel=TEAM))
    await town.tell(run)

    assert [one.key for one in await town.posts(TEAM)] == [f"run:{run.id}"]  # Ben is in that channel
    assert (await town.posts(ANNA), await town.posts(BEN)) == ([], [])
    assert len(await town.posts(OPS)) == 1


@pytest.mark.parametrize(
    ("profile", "health", "told"),
    [
        pytest.param({}, RouteHealth.GOOD, 0, id="it stands in the channel"),
        pytest.param({"even_if_in_channel": True}, RouteHealth.GOOD, 1, id="wanted beside the channel"),
        pytest.param({}, RouteHealth.BAD, 1, id="messages do not arrive there"),
    ],
)
async def test_a_person_in_the_channel_is_not_told_again(
    profile: dict[str, bool], health: RouteHealth, told: int, town: Town
) -> None:
    await town.route()
    await town.subscription(BEN)
    await put_profile(Profile(person=BEN, **profile))  # type: ignore[arg-type]  # a field of it
    await note_health(TEAM, health, trouble="", now=town.clock.now())

    await town.tell(await town.ended(Outcome.FAILED))

    assert len(await town.posts(BEN)) == told


async def test_n9_a_route_for_failures_alone_hears_no_changes_and_nothing_when_it_is_off(town: Town) -> None:
    await town.subscription(ANNA, modified=True)
    await town.route(OPS, frozenset({EventKind.FAILED}))
    await town.tell(await town.ended(Outcome.FAILED, "sw1"), await town.ended(Outcome.MODIFIED, "sw2"))
    on = await town.posts(OPS)
    await switch_off()

    await town.clock.advance(HOUR)
    await town.tell(await town.ended(Outcome.FAILED, "sw3"))

    assert len(on) == 1
    assert "sw1" in text(on)
    assert await town.posts(OPS) == on
    assert len(await town.posts(ANNA)) == 3  # what people chose is their own affair


async def test_a_restricted_device_is_told_to_those_it_is_there_for_and_never_in_a_channel(town: Town) -> None:
    await town.route()
    await town.subscription(ANNA)
    await town.subscription(BEN)

    await town.tell(await town.ended(Outcome.FAILED, "vault-fw1"))

    [post] = await town.posts(ANNA)
    assert post.devices == ("vault-fw1",)
    assert (await town.posts(TEAM), await town.posts(BEN)) == ([], [])


async def test_whoever_lost_the_role_hears_nothing(town: Town) -> None:
    await town.subscription("U09GONE")

    await town.tell(await town.ended(Outcome.FAILED))

    assert await town.posts("U09GONE") == []


async def test_one_person_about_whom_slack_cannot_be_asked_keeps_nobody_waiting_and_is_told_later(town: Town) -> None:
    await town.subscription(ANNA)
    await town.subscription(BEN)
    town.publishing.directory.away = {ANNA}
    await town.tell(await town.ended(Outcome.FAILED))
    first = (len(await town.posts(ANNA)), len(await town.posts(BEN)))

    town.publishing.directory.away = set()
    await town.pass_time(HOUR)

    assert first == (0, 1)
    assert (len(await town.posts(ANNA)), len(await town.posts(BEN))) == (1, 1)


async def test_n11_a_mute_holds_everything_back_and_its_end_is_told_once_with_the_count(town: Town) -> None:
    await town.subscription(ANNA, modified=True)
    now = town.clock.now()
    await put_profile(Profile(person=ANNA, muted_until=now + 2 * HOUR, muted_at=now))
    await town.tell(await town.ended(Outcome.FAILED, "sw1"), await town.ended(Outcome.MODIFIED, "sw2"))
    muted = await town.posts(ANNA)

    await town.pass_time(2 * HOUR)
    await town.pass_time(HOUR)
    [over] = await town.posts(ANNA)
    await town.tell(await town.ended(Outcome.FAILED, "sw3"))

    assert muted == []
    assert "Your mute has ended: 2 messages were held back (1 failed, 1 modified)" in text([over])
    assert len(await town.posts(ANNA)) == 2


async def test_n11_what_a_mute_held_back_that_was_ended_by_hand_is_not_counted_at_the_end_of_the_next(
    town: Town,
) -> None:
    await town.subscription(ANNA)
    now = town.clock.now()
    await put_profile(Profile(person=ANNA, muted_until=now + 8 * HOUR, muted_at=now))
    await town.tell(await town.ended(Outcome.FAILED, "sw1"))
    await put_profile(Profile(person=ANNA))
    await town.clock.advance(HOUR)
    await put_profile(Profile(person=ANNA, muted_until=now + 2 * HOUR, muted_at=now + HOUR))
    await town.clock.advance(SECOND)
    await town.tell(await town.ended(Outcome.FAILED, "sw2"), await town.ended(Outcome.FAILED, "sw3"))

    await town.pass_time(HOUR)

    [over] = await town.posts(ANNA)
    assert "2 messages were held back (2 failed)" in text([over])


async def test_p3_the_end_of_a_mute_does_not_count_what_this_person_may_not_see_any_more(town: Town) -> None:
    await town.subscription(ANNA)
    now = town.clock.now()
    await put_profile(Profile(person=ANNA, muted_until=now + HOUR, muted_at=now))
    await town.tell(await town.ended(Outcome.FAILED, "sw1"), await town.ended(Outcome.FAILED, "vault-fw1"))
    devices = {**town.inventory.devices, "vault-fw1": device("vault-fw1", only=frozenset({BEN}))}
    town.inventory = replace(town.inventory, devices=MappingProxyType(devices))
    town.revive()

    await town.pass_time(HOUR)

    [over] = await town.posts(ANNA)
    assert "1 message was held back (1 failed)" in text([over])
    assert (over.sites, over.devices) == (("plant-a",), ())


async def test_quiet_hours_end_with_one_message_of_all_that_came(town: Town) -> None:
    await town.subscription(ANNA)
    start = town.clock.now()
    begin = (start - HOUR).time().replace(second=0, microsecond=0, tzinfo=None)
    end = (start + 8 * HOUR).time().replace(second=0, microsecond=0, tzinfo=None)
    await put_profile(Profile(person=ANNA, quiet_from=begin, quiet_to=end, zone="UTC"))
    for number in range(3):
        await town.tell(await town.ended(Outcome.FAILED, f"sw{number}"))
        await town.pass_time(HOUR)
    asleep = await town.posts(ANNA)

    await town.pass_time(6 * HOUR)
    await town.pass_time(HOUR)

    [awake] = await town.posts(ANNA)
    assert asleep == []
    assert "In your quiet hours: 3 failed" in text([awake])
    assert all(f"sw{number}" in text([awake]) for number in range(3))
    assert begin != time(0)


async def test_events_of_a_link_only_site_hold_no_configuration(town: Town) -> None:
    await town.route()
    town.previews.link_only = True

    await town.tell(await town.ended(Outcome.MODIFIED))

    [post] = await town.posts(TEAM)
    diff = await outbox.delivery_of(f"{post.key}:{(await modified_run()).id}:diff")
    assert diff is not None
    assert not diff.message.shows_config
    assert "ntp" not in str(diff.message.content)
