"""Events through Slack: each hears what was chosen, once, and a channel that takes no messages loses none."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from demo.fleet import Fault
from domain.runs.outcomes import Outcome
from domain.runs.run import Trigger
from domain.subscriptions.routes import RouteHealth
from domain.subscriptions.subscriptions import SubscriptionFields, SubscriptionScope
from storage.messages import outbox
from storage.runs.runs import unannounced_runs
from storage.subscriptions.routes import routes_of
from storage.subscriptions.subscriptions import put_subscription
from storage.tables.core import RunRow
from tests.features.asking import runs_of, until_reply
from tests.features.jobs.test_jobs import answer
from tests.features.jobs.timing import all_ended

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.slack import Channel, Message, Person
    from tests.support.serve_fixtures import Town

HOUR = timedelta(hours=1)
STORM = 80  # devices


async def subscription(town: Town, person: Person, **chosen: bool) -> None:
    """Let ``person`` watch Plant A."""
    fields = SubscriptionFields(
        person=person.id, scope=SubscriptionScope.SITE, target="plant-a", site="plant-a", **chosen
    )
    await put_subscription(fields, now=town.clock.now())


async def scheduled(town: Town, *devices: str) -> None:
    """Let the schedule back ``devices`` up, and wait until all is told."""
    for device in devices:
        declared = town.serve.core.inventory.devices[device]
        await town.serve.engine.dispatcher.start(declared, asked_by=None, trigger=Trigger.SCHEDULE, place=None)
    await settled(town)


async def settled(town: Town) -> None:
    """Wait until runs have ended and everything is told that can be."""
    await all_ended(town)
    for _ in range(4):
        town.clock.advance(timedelta(seconds=4))
        await town.serve.engine.publisher.tick()
        await town.serve.engine.deferred.tick()
        await town.serve.settled()
    assert await unannounced_runs() == []


def posts(town: Town, where: Channel) -> list[Message]:
    """What the bot has posted there, threads left out."""
    return [one for one in town.slack.messages(where) if one.thread_ts is None and one.ephemeral_for is None]


def texts(town: Town, where: Channel) -> list[str]:
    """The same as people read it."""
    return [town.slack.plain(one) for one in posts(town, where)]


async def test_n1_two_people_with_different_choices_are_told_different_things_of_the_same_runs(town: Town) -> None:
    good, bad = await town.add_device("core-sw1"), await town.add_device("core-sw2", retries=0)
    town.settings["sites"]["plant-a"]["routes"] = []
    await town.start()
    await scheduled(town, "core-sw1", "core-sw2")
    await subscription(town, town.anna, failed=False, modified=True)
    await subscription(town, town.vera, failed=True, modified=False)
    good.change("add vlan 77")
    bad.fault = Fault.WRONG_PASSWORD

    await scheduled(town, "core-sw1", "core-sw2")

    [annas], [veras] = posts(town, town.slack.dm(town.anna)), posts(town, town.slack.dm(town.vera))
    assert "🟠 Modified" in town.slack.plain(annas)
    assert "+vlan 77" in town.slack.plain(await until_reply(town, annas))
    assert "🔴 Failed" in town.slack.plain(veras)
    assert posts(town, town.slack.dm(town.olga)) == []


async def test_n7_a_device_that_fails_on_and_on_is_told_once_and_once_when_it_is_back(town: Town) -> None:
    switch = await town.add_device("core-sw1", retries=0)
    await town.start()
    switch.fault = Fault.WRONG_PASSWORD
    for _ in range(5):
        await scheduled(town, "core-sw1")
        town.clock.advance(HOUR)

    switch.fault = None
    await scheduled(town, "core-sw1")

    failed, recovered = texts(town, town.plant_a)
    assert "🔴 Failed" in failed
    assert "🟢 Recovered" in recovered


async def test_n8_a_change_is_one_post_in_the_channel_of_the_site_with_the_diff_in_its_thread(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    await town.start()
    await subscription(town, town.anna, modified=True)  # who reads the channel already
    await scheduled(town, "core-sw1")
    switch.change("add vlan 77")

    await scheduled(town, "core-sw1")

    [post] = posts(town, town.plant_a)
    assert "🟠 Modified" in town.slack.plain(post)
    assert "+vlan 77" in town.slack.plain(await until_reply(town, post))
    assert posts(town, town.slack.dm(town.anna)) == []


async def test_n8_eighty_failures_at_once_are_one_post_with_all_of_them_in_its_thread(town: Town) -> None:
    gone = await town.add_device("gone-sw1", retries=0)
    gone.fault = Fault.REFUSES
    names = [f"sw{number:02}" for number in range(STORM)]
    for name in names:
        town.declare(name, gone, site="plant-a", platform="cisco_ios", retries=0)
    await town.start()

    await scheduled(town, *names)

    [post] = posts(town, town.plant_a)
    assert f"{STORM} devices could not be backed up" in town.slack.plain(post)
    listing = town.slack.plain(await until_reply(town, post))
    assert all(name in listing for name in names)


async def test_n9_a_route_hears_of_its_own_site_and_what_was_chosen_until_it_is_switched_off(town: Town) -> None:
    good, bad = await town.add_device("a-good"), await town.add_device("a-bad", retries=0)
    other = await town.add_device("b-bad", site="plant-b", retries=0)
    ops = town.slack.add_channel("ops", id="C0OPS", members=[town.olga])
    town.settings["sites"]["plant-a"]["routes"] = [{"channel": ops.id, "events": ["failed"]}]
    town.settings["sites"]["plant-b"] = {"name": "Plant B", "access": {"viewer": [town.vera.id]}}
    await town.start()
    await scheduled(town, "a-good", "a-bad", "b-bad")
    await subscription(town, town.vera, modified=True)
    good.change("add vlan 77")
    bad.fault = other.fault = Fault.WRONG_PASSWORD
    await scheduled(town, "a-good", "a-bad", "b-bad")
    first = texts(town, ops)

    [route] = await routes_of("plant-a")
    await town.command(town.olga, f"/backup routes off {route.id}")
    await town.private(town.olga, "disabled")
    town.clock.advance(HOUR)
    bad.fault = None
    await scheduled(town, "a-bad")
    town.clock.advance(HOUR)
    bad.fault = Fault.WRONG_PASSWORD
    await scheduled(town, "a-bad")

    [told] = first
    assert "a-bad" in told
    assert texts(town, ops) == first
    assert len(posts(town, town.slack.dm(town.vera))) == 4  # modified, failed, recovered, failed
    assert posts(town, town.plant_a) == []


async def test_n10_events_that_slack_asks_to_wait_with_is_delivered_once(town: Town) -> None:
    switch = await town.add_device("core-sw1", retries=0)
    await town.start()
    switch.fault = Fault.WRONG_PASSWORD
    limited = town.slack.faults.rate_limit("chat.postMessage", retry_after=5, where=lambda args: "events" in str(args))

    await scheduled(town, "core-sw1")
    town.clock.advance(timedelta(seconds=10))
    await settled(town)

    assert limited.happened == 1
    assert len(posts(town, town.plant_a)) == 1
    assert [route.health for route in await routes_of("plant-a")] == [RouteHealth.GOOD]


async def test_n10_an_archived_channel_turns_red_its_admins_are_told_once_and_a_test_turns_it_green(
    town: Town,
) -> None:
    first, second = [await town.add_device(name, retries=0) for name in ("core-sw1", "core-sw2")]
    ada = town.slack.add_person("ada", id="U06ADA")
    town.settings["sites"]["plant-a"]["access"]["admin"] = [ada.id]
    await town.start()
    faulty = town.slack.faults.error("chat.postMessage", "is_archived", times=None, where=_into_plant_a)
    first.fault = second.fault = Fault.WRONG_PASSWORD
    await scheduled(town, "core-sw1")
    town.clock.advance(HOUR)
    await scheduled(town, "core-sw2")
    [red] = await routes_of("plant-a")
    [told] = texts(town, town.slack.dm(ada))
    before = posts(town, town.plant_a)

    faulty.times = 0
    await town.command(town.olga, f"/backup routes test {red.id}")
    await town.private(town.olga, "test message is on its way")
    await settled(town)

    [green] = await routes_of("plant-a")
    assert (red.health, red.trouble, green.health) == (RouteHealth.BAD, "is_archived", RouteHealth.GOOD)
    assert "*Messages do not arrive in* #plant-a" in told
    assert "It is archived. Unarchive it" in told
    assert before == []
    assert sorted(_kinds(texts(town, town.plant_a))) == ["core-sw1", "core-sw2", "test"]
    assert len(posts(town, town.slack.dm(ada))) == 1


async def test_n10_what_waits_goes_out_by_itself_when_the_channel_is_unarchived(town: Town) -> None:
    switch = await town.add_device("core-sw1", retries=0)
    await town.start()
    town.slack.happenings.archived("C0PLANTA", town.olga.id)
    switch.fault = Fault.WRONG_PASSWORD
    await scheduled(town, "core-sw1")

    town.slack.happenings.unarchived("C0PLANTA", town.olga.id)

    await town.until(lambda: posts(town, town.plant_a) or None)
    await town.serve.settled()
    assert [route.health for route in await routes_of("plant-a")] == [RouteHealth.GOOD]
    assert await outbox.waiting() == 0


async def test_n10_what_waits_goes_out_by_itself_when_the_bot_is_invited(town: Town) -> None:
    switch = await town.add_device("core-sw1", retries=0)
    outside = town.slack.add_channel("plant-a", id="C0PLANTA", members=[town.anna], bot_is_member=False)
    await town.start()
    switch.fault = Fault.WRONG_PASSWORD
    await scheduled(town, "core-sw1")
    [red] = await routes_of("plant-a")
    before = posts(town, outside)

    town.slack.happenings.joined(town.serve.slack.identity.bot_user, "C0PLANTA")

    [post] = await town.until(lambda: posts(town, outside) or None)
    assert (red.health, red.trouble, before) == (RouteHealth.BAD, "not_in_channel", [])
    assert "🔴 Failed" in town.slack.plain(post)


async def test_n8_a_kill_between_taking_in_and_telling_neither_loses_nor_doubles_it(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    await town.start()
    await scheduled(town, "core-sw1")
    await town.stop()
    switch.change("add vlan 77")
    await town.start(keeps_time=False)
    declared = town.serve.core.inventory.devices["core-sw1"]
    await town.serve.engine.dispatcher.start(declared, asked_by=None, trigger=Trigger.SCHEDULE, place=None)
    await all_ended(town)
    runs = [run for run in await runs_of("core-sw1") if run.outcome is Outcome.MODIFIED]
    await RunRow.filter(id__in=[run.id for run in runs]).update(announced=False)  # killed before it was noted
    await town.stop()

    await town.start()
    await settled(town)

    [post] = posts(town, town.plant_a)
    assert "🟠 Modified" in town.slack.plain(post)
    assert len(town.slack.thread("C0PLANTA", post.ts)) == 1


async def test_n10_what_a_channel_does_not_take_stands_in_the_other_one_that_was_named(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    town.slack.add_channel("spare", id="C0SPARE", members=[town.olga])
    town.settings["sites"]["plant-a"]["fallback"] = "C0SPARE"
    await town.start()
    await scheduled(town, "core-sw1")
    town.slack.happenings.archived("C0PLANTA", town.olga.id)
    switch.change("add vlan 77")

    await scheduled(town, "core-sw1")

    [post] = posts(town, town.slack.channel("C0SPARE"))
    assert "🟠 Modified" in town.slack.plain(post)
    assert "+vlan 77" in town.slack.plain(await until_reply(town, post))


async def test_n10_a_shared_channel_turns_red_and_stays_so_although_other_messages_arrive(town: Town) -> None:
    changing, failing = await town.add_device("core-sw1"), await town.add_device("core-sw2", retries=0)
    await town.start()
    await scheduled(town, "core-sw1", "core-sw2")
    town.slack.happenings.shared("C0PLANTA", "T0OTHER")
    changing.change("add vlan 77")
    failing.fault = Fault.WRONG_PASSWORD

    await scheduled(town, "core-sw1")
    [first] = await routes_of("plant-a")
    await scheduled(town, "core-sw2")

    [second] = await routes_of("plant-a")
    assert [(one.health, one.trouble) for one in (first, second)] == [(RouteHealth.BAD, "shared_with_others")] * 2
    assert len(posts(town, town.plant_a)) == 2
    assert "vlan 77" not in "".join(map(town.slack.plain, town.slack.messages(town.plant_a)))


async def test_n11_a_mute_of_two_hours_holds_back_and_says_when_it_is_over(town: Town) -> None:
    switch = await town.add_device("core-sw1", retries=0)
    town.settings["sites"]["plant-a"]["routes"] = []
    await town.start()
    await subscription(town, town.anna)
    await answer(town, "/backup mute 2h", "Muted until")
    switch.fault = Fault.WRONG_PASSWORD
    await scheduled(town, "core-sw1")
    muted = posts(town, town.slack.dm(town.anna))

    town.clock.advance(2 * HOUR)
    await settled(town)

    [over] = texts(town, town.slack.dm(town.anna))
    assert muted == []
    assert "Your mute has ended: 1 message was held back (1 failed)" in over


def _into_plant_a(args: Mapping[str, object]) -> bool:
    return args.get("channel") == "C0PLANTA"


def _kinds(found: list[str]) -> list[str]:
    """What each post is about."""
    words = ("core-sw1", "core-sw2", "test")
    return [next(word for word in words if word in text) for text in found]
