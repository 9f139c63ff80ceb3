"""Routes, subscriptions and profiles: kept, changed, synced with what is declared."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from domain.subscriptions.kinds import EVERYTHING, USUAL, EventKind
from domain.subscriptions.routes import RouteFields, RouteHealth
from domain.subscriptions.subscriptions import Profile, SubscriptionFields, SubscriptionScope
from storage.subscriptions import profiles, routes, subscriptions
from tests.storage.values import NOW

pytestmark = pytest.mark.usefixtures("storage")

ANNA, BERT = "U0ANNA", "U0BERT"
FAILED = frozenset({EventKind.FAILED})


def subscription(
    target: str = "core-sw1", *, person: str = ANNA, scope: SubscriptionScope = SubscriptionScope.DEVICE
) -> SubscriptionFields:
    return SubscriptionFields(person=person, scope=scope, target=target, site="plant-a")


async def test_declared_routes_follow_app_yaml_and_keep_their_switch() -> None:
    await routes.sync_routes([RouteFields(site="plant-a", channel="C1"), RouteFields(site="plant-b", channel="C1")])
    [first] = await routes.routes_of("plant-a")
    await routes.change_route(first.id, events=FAILED, active=False, expected_revision=1, by=ANNA, now=NOW)

    await routes.sync_routes([RouteFields(site="plant-a", channel="C1", events=EVERYTHING)])

    [again] = await routes.routes_of("plant-a")
    assert (again.id, again.events, again.active, again.declared) == (first.id, EVERYTHING, False, True)
    assert await routes.routes_of("plant-b") == []


async def test_routes_that_people_made_stay_when_app_yaml_changes() -> None:
    made = await routes.add_route(RouteFields(site="plant-a", channel="C2"), by=ANNA, now=NOW)

    await routes.sync_routes([])

    assert await routes.routes_of("plant-a") == [made]


async def test_a_site_has_one_route_to_a_channel() -> None:
    await routes.add_route(RouteFields(site="plant-a", channel="C1"), by=ANNA, now=NOW)

    with pytest.raises(routes.RouteTaken, match="plant-a has a route to C1"):
        await routes.add_route(RouteFields(site="plant-a", channel="C1"), by=BERT, now=NOW)
    await routes.add_route(RouteFields(site="plant-b", channel="C1"), by=BERT, now=NOW)

    assert [one.site for one in await routes.routes_to("C1")] == ["plant-a", "plant-b"]
    assert [one.site for one in await routes.routes_of_sites(["plant-b", "plant-a"])] == ["plant-a", "plant-b"]


async def test_what_a_declared_route_hears_is_changed_in_app_yaml_alone() -> None:
    await routes.sync_routes([RouteFields(site="plant-a", channel="C1")])
    [route] = await routes.routes_of("plant-a")

    changed = await routes.change_route(route.id, events=FAILED, active=True, expected_revision=1, by=ANNA, now=NOW)

    assert changed
    assert changed.events == USUAL
    assert not await routes.remove_route(route.id)


async def test_of_two_who_change_a_route_the_second_is_told() -> None:
    route = await routes.add_route(RouteFields(site="plant-a", channel="C1"), by=ANNA, now=NOW)
    first = await routes.change_route(route.id, events=FAILED, active=True, expected_revision=1, by=ANNA, now=NOW)

    second = await routes.change_route(route.id, events=USUAL, active=True, expected_revision=1, by=BERT, now=NOW)

    assert first
    assert (first.events, first.revision) == (FAILED, 2)
    assert second is None
    assert await routes.remove_route(route.id)
    assert await routes.route_by_id(route.id) is None


async def test_health_tells_only_what_changed_by_it() -> None:
    route = await routes.add_route(RouteFields(site="plant-a", channel="C1"), by=ANNA, now=NOW)

    [bad] = await routes.note_health("C1", RouteHealth.BAD, trouble="is_archived", now=NOW)
    again = await routes.note_health("C1", RouteHealth.BAD, trouble="is_archived", now=NOW)
    [good] = await routes.note_health("C1", RouteHealth.GOOD, trouble="", now=NOW)

    assert (bad.id, bad.health, bad.trouble) == (route.id, RouteHealth.BAD, "is_archived")
    assert again == []
    assert (good.health, good.trouble) == (RouteHealth.GOOD, "")
    assert await routes.note_health("C9", RouteHealth.BAD, trouble="x", now=NOW) == []


async def test_a_person_has_one_subscription_of_a_thing() -> None:
    first = await subscriptions.put_subscription(subscription(), now=NOW)
    second = await subscriptions.put_subscription(replace(subscription(), modified=True), now=NOW)

    assert second.id == first.id
    assert await subscriptions.subscriptions_of(ANNA) == [second]
    assert second.modified


async def test_subscriptions_are_found_by_person_and_by_site() -> None:
    site = await subscriptions.put_subscription(subscription("plant-a", scope=SubscriptionScope.SITE), now=NOW)
    device = await subscriptions.put_subscription(subscription(), now=NOW)
    other = await subscriptions.put_subscription(subscription(person=BERT), now=NOW)
    await subscriptions.put_subscription(replace(subscription("fw1", person=BERT), site="plant-b"), now=NOW)

    assert await subscriptions.subscriptions_of(ANNA) == [site, device]
    assert set(await subscriptions.subscriptions_at("plant-a")) == {site, device, other}


async def test_nobody_removes_another_persons_watch() -> None:
    mine = await subscriptions.put_subscription(subscription(), now=NOW)

    assert not await subscriptions.remove_subscription(BERT, mine.id)
    assert await subscriptions.remove_subscription(ANNA, mine.id)
    assert await subscriptions.subscriptions_of(ANNA) == []


async def test_profile_is_as_chosen_and_else_the_usual_one() -> None:
    chosen = Profile(person=ANNA, quiet_from=time(22), quiet_to=time(6, 30), zone="Asia/Kolkata", muted_until=NOW)
    await profiles.put_profile(chosen)

    assert await profiles.profile_of(ANNA) == chosen
    assert await profiles.profile_of(BERT) == Profile(person=BERT)
    assert await profiles.profiles_of([ANNA, BERT]) == {ANNA: chosen}


async def test_n11_a_mute_that_is_over_is_found_once() -> None:
    hour = timedelta(hours=1)
    await profiles.put_profile(Profile(person=ANNA, muted_until=NOW, muted_at=NOW - hour))
    await profiles.put_profile(Profile(person=BERT, muted_until=NOW + hour, muted_at=NOW))

    assert [one.person for one in await profiles.mutes_over(NOW)] == [ANNA]
    assert not await profiles.end_mute(ANNA, until=NOW + hour)
    assert await profiles.end_mute(ANNA, until=NOW)
    assert await profiles.mutes_over(NOW) == []
