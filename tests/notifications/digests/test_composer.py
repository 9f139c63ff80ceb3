"""Composing digests: once for many recipients, again when it was withheld, and never at the cost of the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from domain.access.access import Access
from domain.access.people import Person
from domain.digests.digests import DigestFields, DigestPeriod
from domain.errors import SlackTrouble
from domain.inventory.declared import Device, Endpoint, Inventory, Site
from domain.jobs.schedules import parse_schedule
from domain.roles import Role
from domain.runs.outcomes import Outcome
from domain.runs.run import Trigger
from domain.subscriptions.subscriptions import Profile, SubscriptionFields, SubscriptionScope
from notifications.digests import composer, facts
from notifications.digests.composer import Digester
from notifications.rendering.renderer import Renderer
from storage.database.opening import database
from storage.database.statements import insert
from storage.messages import outbox
from storage.subscriptions import digests
from storage.subscriptions.profiles import put_profile
from storage.subscriptions.subscriptions import put_subscription
from storage.tables.core import RunRow
from tests.support.clock import MovedClock
from tests.support.database_fixtures import BOTH, migrated_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from domain.messages.outbox import Delivery

BERLIN = ZoneInfo("Europe/Berlin")
SEVEN = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)  # 07:00 in Berlin
DAY = timedelta(days=1)


@pytest.fixture(params=BOTH)
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """An open database with nothing in its tables, of each kind in turn."""
    async with migrated_database(request.param, tmp_path) as url, database(url):
        yield url


@dataclass
class Everybody:
    """Slack, as far as people are concerned."""

    away: bool = False
    asked: int = 0

    async def person(self, user: str) -> Person:
        """The person with this id."""
        self.asked += 1
        if self.away:
            raise SlackTrouble("users.info was not answered")
        return Person(id=user, team="T1", timezone="Europe/Berlin")


@dataclass
class TaskPool:
    """A digester with its surroundings."""

    viewers: dict[str, frozenset[str]]
    people: Everybody = field(default_factory=Everybody)
    clock: MovedClock = field(default_factory=lambda: MovedClock(SEVEN - timedelta(hours=12)))
    digester: Digester = field(init=False)

    def __post_init__(self) -> None:
        """Open it with the access of the moment."""
        self.open()

    def open(self) -> None:
        """Begin anew, as after a start, or after app.yaml has changed."""
        self.digester = Digester(
            Renderer(),
            access=Access(_inventory(self.viewers), frozenset()),
            people=self.people,
            agents=lambda _: (),
            clock=self.clock,
            wake=lambda: None,
        )

    async def subscriptions(self, person: str, *sites: str) -> None:
        """``person`` subscriptions these sites and has a digest on all of it every morning."""
        for site in sites:
            await put_subscription(
                SubscriptionFields(person=person, scope=SubscriptionScope.SITE, target=site, site=site), now=SEVEN - DAY
            )
        await self.digest(person)

    async def digest(self, recipient: str, **rest: Any) -> None:  # noqa: ANN401 - any field of a digest
        """``recipient`` has a digest every morning."""
        values: dict[str, Any] = {
            "site": None,
            "period": DigestPeriod.DAY,
            "schedule": parse_schedule("daily 07:00"),
            "zone": "Europe/Berlin",
        }
        await digests.put_digest(DigestFields(recipient=recipient, **values | rest), now=self.clock.now())

    async def morning(self) -> None:
        """It is 07:00."""
        await self.clock.advance(SEVEN - self.clock.now())
        await self.digester.tick()


def _inventory(viewers: dict[str, frozenset[str]]) -> Inventory:
    sites = {
        key: Site(key=key, name=key.title(), timezone=BERLIN, channel=None, access=MappingProxyType({Role.VIEWER: ids}))
        for key, ids in viewers.items()
    }
    devices = {
        f"{key}-sw1": Device(name=f"{key}-sw1", site=key, platform="cisco_ios", endpoint=Endpoint(host="192.0.2.1"))
        for key in sites
    }
    return Inventory(sites, devices, {})


def task_pool() -> TaskPool:
    everybody = frozenset({"U02ANNA", "U03VERA"})
    return TaskPool({"plant-a": everybody, "plant-b": everybody})


async def put(recipient: str) -> Delivery | None:
    """The message of the digest that ``recipient`` gets on that morning."""
    [digest] = await digests.digests_of(recipient)
    return await outbox.delivery_of(f"digest:{digest.id}:2026-03-03T06:00")


def title(delivery: Delivery | None) -> str:
    assert delivery is not None
    return str(delivery.message.content["text"])


async def sent(delivery: Delivery | None) -> None:
    assert delivery is not None
    await outbox.done(delivery.id, revision=delivery.revision, ts="1.1", posted_channel="D1")


@pytest.mark.usefixtures("storage")
async def test_n3_a_digest_is_put_once_and_closed_when_it_stands_in_slack() -> None:
    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a")
    await here.morning()
    first = await put("U02ANNA")

    for _ in range(3):
        await here.digester.tick()
    assert len(await digests.open_digests()) == 1
    await sent(first)
    await here.digester.tick()

    again = await put("U02ANNA")
    assert first is not None
    assert again is not None
    assert (first.message.person, first.message.sites) == ("U02ANNA", ("plant-a",))
    assert again.revision == first.revision == 1
    assert await digests.open_digests() == []


@pytest.mark.usefixtures("storage")
async def test_n3_what_a_kill_left_behind_is_brought_after_the_start_under_the_same_name() -> None:
    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a")
    await here.clock.advance(SEVEN - here.clock.now())
    await digests.claim_due(here.clock.now())  # killed here: begun, and nothing was put

    here.open()
    await here.digester.tick()
    here.open()  # and killed again, after it was put
    await here.digester.tick()

    delivery = await put("U02ANNA")
    assert delivery is not None
    assert delivery.revision == 1
    assert await outbox.waiting() == 1


@pytest.mark.usefixtures("storage")
async def test_p3_a_withheld_digest_is_composed_anew_without_what_was_lost() -> None:
    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a", "plant-b")
    await here.morning()
    first = await put("U02ANNA")
    assert first is not None
    await outbox.refuse(first.id, "U02ANNA may not see plant-b")

    here.viewers["plant-b"] = frozenset()
    here.open()
    await here.digester.tick()

    second = await put("U02ANNA")
    assert second is not None
    assert title(first).startswith("2 sites")
    assert title(second).startswith("Plant-A")
    assert (second.message.sites, await outbox.waiting()) == (("plant-a",), 1)


@pytest.mark.usefixtures("storage")
async def test_a_digest_that_would_be_refused_again_is_given_up() -> None:
    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a")
    await here.morning()
    first = await put("U02ANNA")
    assert first is not None
    await outbox.refuse(first.id, "chat.postMessage: user_not_found")

    await here.digester.tick()

    assert await outbox.waiting() == 0
    assert await digests.open_digests() == []


@pytest.mark.usefixtures("storage")
async def test_p3_nobody_without_access_gets_one() -> None:
    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a")
    here.viewers |= {"plant-a": frozenset(), "plant-b": frozenset()}
    here.open()

    await here.morning()

    assert await put("U02ANNA") is None
    assert await digests.open_digests() == []


@pytest.mark.usefixtures("storage")
async def test_one_that_cannot_be_composed_stops_no_other_and_is_tried_again() -> None:
    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a")
    await here.digest("C0PLANTA", site="plant-a")
    here.people.away = True

    await here.morning()
    here.people.away = False
    await here.digester.tick()  # too soon

    assert await put("C0PLANTA") is not None
    assert await put("U02ANNA") is None
    await here.clock.advance(timedelta(minutes=1))
    await here.digester.tick()
    assert await put("U02ANNA") is not None


@pytest.mark.usefixtures("storage")
async def test_one_that_never_works_is_given_up_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a")
    monkeypatch.setattr(composer, "gather", broken)
    await here.morning()

    for _ in range(20):
        await here.clock.advance(timedelta(hours=1))
        await here.digester.tick()

    assert await digests.open_digests() == []


@pytest.mark.usefixtures("storage")
async def test_a_digest_waits_for_slack_however_long_it_is_away_and_comes_soon_after() -> None:
    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a")
    here.people.away = True
    await here.morning()
    for _ in range(120):
        await here.clock.advance(timedelta(minutes=1))
        await here.digester.tick()
    during = await put("U02ANNA")

    here.people.away = False
    await here.clock.advance(timedelta(minutes=1))
    await here.digester.tick()

    assert during is None
    assert "0 runs" in title(await put("U02ANNA"))


@pytest.mark.usefixtures("storage")
async def test_two_hundred_readers_of_one_site_cost_one_look_at_its_history(monkeypatch: pytest.MonkeyPatch) -> None:
    recipients = [f"U{number:04}" for number in range(200)]
    here = TaskPool({"plant-a": frozenset(recipients)})
    gathered = []
    real = facts.gather

    async def counted(*args: Any, **rest: Any) -> Any:  # noqa: ANN401 - as the real one
        gathered.append(args)
        return await real(*args, **rest)

    monkeypatch.setattr(composer, "gather", counted)
    for recipient in recipients:
        await here.subscriptions(recipient, "plant-a")

    await here.morning()

    assert await outbox.waiting() == 200
    assert len(gathered) == 1


@pytest.mark.usefixtures("storage")
async def test_somebody_whose_subscriptions_lead_nowhere_is_told_that() -> None:
    here = task_pool()
    await here.digest("U02ANNA")

    await here.morning()

    assert title(await put("U02ANNA")) == "Your digest is empty"


@pytest.mark.usefixtures("storage")
async def test_n11_runs_of_a_mute_are_counted_for_whoever_had_muted() -> None:
    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a")
    muted = Profile(person="U02ANNA", muted_at=SEVEN - DAY, muted_until=SEVEN - DAY + timedelta(hours=2))
    await put_profile(muted.unmuted(SEVEN - DAY + timedelta(hours=1)))
    await insert(RunRow, [failed_at(SEVEN - DAY + timedelta(minutes=minutes)) for minutes in (30, 50, 90)])

    await here.morning()

    delivery = await put("U02ANNA")
    assert delivery is not None
    said = str(delivery.message.content["blocks"])
    assert "3 failed" in title(delivery)
    assert "While you had messages muted: 🔴 2 failed" in said


def failed_at(moment: datetime) -> dict[str, object]:
    return {
        "device": "plant-a-sw1",
        "site": "plant-a",
        "trigger": Trigger.SCHEDULE,
        "outcome": Outcome.FAILED,
        "created_at": moment,
        "finished_at": moment,
        "waiting_limit": timedelta(minutes=30),
        "running_limit": timedelta(minutes=5),
        "attempts": 1,
        "facts": "",
        "added": 0,
        "removed": 0,
        "secrets_changed": 0,
        "announced": True,
        "accept_smaller": False,
    }


@pytest.mark.usefixtures("storage")
async def test_n3_one_watched_device_is_named_however_many_others_of_its_site_fail_after_it() -> None:
    here = task_pool()
    subscription = SubscriptionFields(
        person="U02ANNA", scope=SubscriptionScope.DEVICE, target="plant-a-sw1", site="plant-a"
    )
    await put_subscription(subscription, now=SEVEN - DAY)
    await here.digest("U02ANNA")
    own = failed_at(SEVEN - timedelta(hours=20))
    await insert(RunRow, [own, *({**own, "device": f"other-sw{number}"} for number in range(400))])

    await here.morning()

    delivery = await put("U02ANNA")
    shown = str(delivery.message.content) if delivery else ""
    assert "1 failed" in title(delivery)
    assert "plant-a-sw1" in shown
    assert "at least" not in shown
    assert "other-sw" not in shown
