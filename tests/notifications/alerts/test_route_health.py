"""The health of routes: a channel that takes no messages is told of once, to those who can help."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from domain.errors import SlackTrouble
from domain.events.alerts import Alert, RouteBroken
from domain.messages.outbox import Message, MessageKind
from domain.subscriptions.routes import RouteFields, RouteHealth
from notifications.alerts.route_health import RouteWatch
from storage.subscriptions.routes import routes_to, sync_routes
from tests.runners.workshop import make_inventory, make_site
from tests.support.clock import MovedClock

pytestmark = pytest.mark.usefixtures("outbox_database")

CHANNEL = "C0OPS"
LATE = Message(key="events:1:C0OPS", kind=MessageKind.POST, channel=CHANNEL, content={"text": "a device failed"})


@dataclass
class Watched:
    """A watch over the routes of Plant A, and what it told."""

    clock: MovedClock = field(default_factory=MovedClock)
    told: list[Alert] = field(default_factory=list)
    is_away: bool = False  # Slack cannot be asked who is to be told

    def __post_init__(self) -> None:
        self.route_watch = RouteWatch(
            clock=self.clock,
            tell=self._tell,
            is_shared=self._is_shared,
            inventory=make_inventory([], sites=[make_site("plant-a")]),
            wake=lambda: None,
        )

    async def _tell(self, alert: Alert) -> None:
        if self.is_away:
            raise SlackTrouble("usergroups.users.list was not answered")
        self.told.append(alert)

    async def _is_shared(self, channel: str) -> bool | None:  # noqa: ARG002 - the same for all
        return False


async def test_n10_of_sites_that_are_no_longer_declared_nothing_is_told() -> None:
    await sync_routes([RouteFields(site=site, channel=CHANNEL) for site in ("plant-a", "gone")])
    watched = Watched()

    await watched.route_watch.refused(LATE, "is_archived")
    await watched.route_watch.refused(LATE, "is_archived")

    [alert] = watched.told
    assert isinstance(alert, RouteBroken)
    assert alert.sites == ("plant-a",)
    assert {route.health for route in await routes_to(CHANNEL)} == {RouteHealth.BAD}


async def test_n10_what_could_not_be_told_is_told_at_the_next_refusal() -> None:
    await sync_routes([RouteFields(site="plant-a", channel=CHANNEL)])
    watched = Watched(is_away=True)

    await watched.route_watch.refused(LATE, "is_archived")
    watched.is_away = False
    await watched.route_watch.refused(LATE, "is_archived")

    assert len(watched.told) == 1
