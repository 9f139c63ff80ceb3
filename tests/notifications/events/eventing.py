"""A plant with people and channels, in which events are told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from domain.access.access import Access
from domain.failures import FailureKind
from domain.inventory.declared import Device, Endpoint, Inventory
from domain.roles import Role
from domain.runs.outcomes import Outcome
from domain.runs.queries import RunQuery
from domain.runs.run import Trigger
from domain.runs.steps import RunEnd, StoredVersion
from domain.subscriptions.kinds import EVERYTHING, EventKind
from domain.subscriptions.routes import RouteFields
from domain.subscriptions.subscriptions import SubscriptionFields, SubscriptionScope
from storage.devices.devices import sync_devices
from storage.messages import outbox
from storage.runs import runs as run_store
from storage.subscriptions.routes import change_route, routes_of, sync_routes
from storage.subscriptions.subscriptions import put_subscription
from tests.notifications.notifiers import SITE, FixedPreviews
from tests.notifications.publishing import publishing_of
from tests.storage.values import new_run
from tests.support.clock import MovedClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.messages.outbox import Message
    from domain.runs.run import Run
    from domain.subscriptions.routes import Route

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


async def routes() -> list[Route]:
    return await routes_of("plant-a")


async def switch_off() -> None:
    [route] = await routes()
    await change_route(
        route.id, events=route.events, active=False, expected_revision=route.revision, by=OLGA, now=MovedClock().now()
    )


async def modified_run() -> Run:
    query = RunQuery(sites=frozenset({"plant-a"}), outcomes=frozenset({Outcome.MODIFIED}))
    [run] = await run_store.runs_page(query)
    return run


async def delivery(message: Message) -> Any:  # noqa: ANN401 - a delivery that is there
    found = await outbox.delivery_of(message.key)
    assert found is not None
    return found
