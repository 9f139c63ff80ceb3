"""Events: who hears what of a run, in how many posts, and that a kill in between changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from domain.access.access import Access
from domain.failures import FailureKind
from domain.inventory.declared import Device, Endpoint, Inventory
from domain.messages.places import Place
from domain.roles import Role
from domain.runs.outcomes import Outcome
from domain.runs.queries import RunQuery
from domain.runs.run import Trigger
from domain.runs.steps import RunEnd, StoredVersion
from domain.subscriptions.kinds import EVERYTHING, EventKind
from domain.subscriptions.routes import RouteFields, RouteHealth
from domain.subscriptions.subscriptions import Profile, SubscriptionFields, SubscriptionScope
from notifications.previews import ConfigDiff
from storage.devices.devices import sync_devices
from storage.events import events
from storage.messages import outbox
from storage.runs import runs as run_store
from storage.subscriptions.profiles import put_profile
from storage.subscriptions.routes import change_route, note_health, routes_of, sync_routes
from storage.subscriptions.subscriptions import put_subscription
from tests.notifications.notifiers import SHORT, SITE, FixedPreviews
from tests.notifications.publishing import publishing_of
from tests.storage.values import new_run
from tests.support.clock import MovedClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.messages.outbox import Message
    from domain.runs.run import Run
    from domain.subscriptions.routes import Route

pytestmark = pytest.mark.usefixtures("outbox_database")

ANNA, BEN, OLGA = "U02ANNA", "U04BEN", "U03OLGA"
TEAM, OPS = "C0PLANTA", "C0OPS"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def device(name: str, **facts: Any) -> Device:  # noqa: ANN401 - any field of a device
    return Device(name=name, site="plant-a", platform="cisco_ios", endpoint=Endpoint(host="192.0.2.1"), **facts)


@dataclass
class Town:
    """Plant A with its people and channels, an engine, and whatever stands in the outbox."""

    clock: MovedClock = field(default_factory=MovedClock)

    def __post_init__(self) -> None:
        site = replace(SITE, access=MappingProxyType({Role.VIEWER: frozenset({ANNA, BEN})}), routes=(), reminder=DAY)
        hidden = device("vault-fw1", only=frozenset({ANNA}))
        devices = {one.name: one for one in (*(device(f"sw{number}") for number in range(90)), hidden)}
        self.inventory = Inventory(MappingProxyType({"plant-a": site}), MappingProxyType(devices), MappingProxyType({}))
        self.revive()

    def revive(self) -> None:
        """Start it anew, as after a kill: nothing is left but the database."""
        access = Access(self.inventory, frozenset({OLGA}))
        self.previews = FixedPreviews()
        self.publishing = publishing_of(self.previews, access=access, clock=self.clock)
        self.publishing.directory.rooms = {TEAM: frozenset({BEN})}

    async def route(self, channel: str = TEAM, events: frozenset[EventKind] = EVERYTHING) -> None:
        """Make it the one route of the site."""
        await sync_routes([RouteFields(site="plant-a", channel=channel, events=events)])

    async def subscription(
        self,
        person: str = ANNA,
        scope: SubscriptionScope = SubscriptionScope.SITE,
        **chosen: Any,  # noqa: ANN401 - any field of a subscription
    ) -> None:
        """Let ``person`` subscribe to the site, or whatever is named."""
        wanted = {"person": person, "scope": scope, "target": "plant-a", "site": "plant-a"} | chosen
        await put_subscription(SubscriptionFields(**wanted), now=self.clock.now())

    async def ended(self, outcome: Outcome, name: str = "sw0", **facts: Any) -> Run:  # noqa: ANN401 - any field of a new run or of an end
        """A run of the schedule that has ended, not told yet."""
        asked = {key: facts.pop(key) for key in ("asked_by", "place", "trigger", "job", "batch") if key in facts}
        new = replace(new_run(name), created_at=self.clock.now(), trigger=Trigger.SCHEDULE, asked_by=None, place=None)
        [run] = await run_store.add_runs([replace(new, **asked)])
        if outcome is Outcome.MODIFIED:
            before, after = run.id * 2, run.id * 2 + 1
            [base] = await run_store.add_runs([new])
            stored: dict[str, Any] = {"stored": self._stored(base, before), "version": before}
            good = RunEnd(run=base.id, outcome=Outcome.UP_TO_DATE, at=self.clock.now(), **stored)
            await run_store.finish_runs([good])
            facts |= {"stored": self._stored(run, after), "base_version": before, "version": after}
        if not outcome.is_good and outcome.is_final:
            facts.setdefault("reason", FailureKind.SILENT)
        if outcome.is_final:
            await run_store.finish_runs([RunEnd(run=run.id, outcome=outcome, at=self.clock.now(), **facts)])
        found = await run_store.run_by_id(run.id)
        assert found is not None
        return found

    async def tell(self, *runs: Run) -> None:
        """Tell of ``runs`` as serve does."""
        await self.publishing.announcer.runs_changed(runs)

    async def pass_time(self, step: timedelta) -> None:
        """Let time pass, and let the engine look what is to be done."""
        await self.clock.advance(step)
        await self.publishing.publisher.tick()
        await self.publishing.deferred.tick()

    async def posts(self, recipient: str) -> list[Message]:
        """What stands for ``recipient``, threads left out."""
        return [one for one in await self.messages(recipient) if one.thread_key is None]

    async def messages(self, recipient: str) -> list[Message]:
        """All that stands for ``recipient``."""
        due = await outbox.due(self.clock.now(), limit=1_000)
        under = [one for post in due for one in [await outbox.delivery_of(f"{post.message.key}:list")] if one]
        every = {one.message.key: one.message for one in (*due, *under)}
        return [one for one in every.values() if one.channel == recipient]

    def _stored(self, run: Run, number: int) -> StoredVersion:
        now = self.clock.now()
        return StoredVersion(
            device=run.device,
            site=run.site,
            number=number,
            commit=f"{number:040x}",
            run=run.id,
            captured_at=now,
            size=9,
            digest=f"{number}",
        )


@pytest.fixture
async def town() -> Town:
    town = Town()
    await sync_devices(town.inventory, now=town.clock.now() - DAY)
    return town


def text(messages: Sequence[Message]) -> str:
    return "\n".join(str(one.content) for one in messages)


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
    diff = await outbox.delivery_of(f"{post.key}:{(await _modified_run()).id}:diff")
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
        told.append((await _delivery(post)).revision)
        await town.clock.advance(SECOND)

    assert told == [1, 1, 1, 2, 2, 2, 3, 3, 3]


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
    await _switch_off()

    await town.clock.advance(HOUR)
    await town.tell(await town.ended(Outcome.FAILED, "sw3"))

    assert len(on) == 1
    assert "sw1" in text(on)
    assert await town.posts(OPS) == on
    assert len(await town.posts(ANNA)) == 3  # what people chose is their own affair


async def test_d8_same_change_of_several_devices_is_one_line_with_their_list_in_the_thread(town: Town) -> None:
    await town.route()
    ports = [ConfigDiff.of("", f"interface e{number}\n mtu 9000\n") for number in range(2)]
    town.previews.of_device = {"sw1": ports[0], "sw2": ports[0], "sw4": ports[0], "sw3": ports[1], "sw5": SHORT}

    await town.tell(*[await town.ended(Outcome.MODIFIED, f"sw{number}") for number in range(1, 6)])

    shown, listed = text(await town.posts(TEAM)), text(await town.messages(TEAM))
    assert "The same 2 lines on 3 devices." in shown
    assert "*The same 2 lines on 3 devices*: sw1, sw2, sw4" in listed
    assert "*2 devices*: sw3" in listed


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
    diff = await outbox.delivery_of(f"{post.key}:{(await _modified_run()).id}:diff")
    assert diff is not None
    assert not diff.message.shows_config
    assert "ntp" not in str(diff.message.content)


async def test_n10_a_test_of_a_route_is_a_message_in_its_channel(town: Town) -> None:
    await town.route()
    [route] = await _routes()

    await town.publishing.publisher.test_route(route)
    await town.clock.advance(SECOND)
    await town.publishing.publisher.test_route(route)

    first, second = await town.posts(TEAM)
    assert first.key != second.key
    assert "This is a test" in text([first])


async def _routes() -> list[Route]:
    return await routes_of("plant-a")


async def _switch_off() -> None:
    [route] = await _routes()
    await change_route(
        route.id, events=route.events, active=False, expected_revision=route.revision, by=OLGA, now=MovedClock().now()
    )


async def _modified_run() -> Run:
    query = RunQuery(sites=frozenset({"plant-a"}), outcomes=frozenset({Outcome.MODIFIED}))
    [run] = await run_store.runs_page(query)
    return run


async def _delivery(message: Message) -> Any:  # noqa: ANN401 - a delivery that is there
    found = await outbox.delivery_of(message.key)
    assert found is not None
    return found
