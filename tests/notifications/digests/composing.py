"""Digests of a small plant, composed and put."""

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
from domain.jobs.spoken import parse_schedule
from domain.roles import Role
from domain.runs.outcomes import Outcome
from domain.runs.run import Trigger
from domain.subscriptions.subscriptions import SubscriptionFields, SubscriptionScope
from notifications.digests.composer import Digester
from notifications.rendering.renderer import Renderer
from storage.database.opening import database
from storage.messages import outbox
from storage.subscriptions import digests
from storage.subscriptions.subscriptions import put_subscription
from tests.support.clock import MovedClock
from tests.support.database_fixtures import BOTH, migrated_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
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

    async def person(self, user: str, sites: Iterable[str] | None = None) -> Person:  # noqa: ARG002 - the same at all
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
            access=Access(inventory(self.viewers), frozenset()),
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


def inventory(viewers: dict[str, frozenset[str]]) -> Inventory:
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
