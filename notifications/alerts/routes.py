"""Alerts in channels: those of the routes that want to hear of them, and who has read them there."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.errors import SlackTrouble
from domain.events.alerts import AgentBack, AgentDisconnected, DevicesOverdue, QueueOverrun
from domain.subscriptions.kinds import EventKind
from domain.subscriptions.routes import RouteHealth
from storage.subscriptions.profiles import profiles_of
from storage.subscriptions.routes import routes_of_sites

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence

    from domain.access.access import Access
    from domain.events.alerts import Alert

    Recipients = Callable[[str], Awaitable[Collection[str]]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChannelPart:
    """What one channel is told of an alert, and as whose events."""

    channel: str
    sites: tuple[str, ...]
    part: Alert
    arrives: bool  # as far as is known


class AlertRoutes:
    """Finds the channels of an alert. Nothing that is hidden from somebody is ever told there."""

    def __init__(self, access: Access, recipients: Recipients) -> None:
        self._access = access
        self._recipients = recipients  # of a channel, by its id

    async def parts(self, alert: Alert, sites: Iterable[str]) -> list[ChannelPart]:
        """What is told of ``alert``, which concerns ``sites``, and where."""
        kind, part = _kind(alert), self._public(alert)
        if kind is None or part is None:
            return []
        found: dict[str, list[str]] = {}
        broken: set[str] = set()
        for route in await routes_of_sites(sites):
            if route.active and kind in route.events:
                found.setdefault(route.channel, []).append(route.site)
                broken |= {route.channel} if route.health is RouteHealth.BAD else set()
        return [ChannelPart(one, tuple(keys), part, one not in broken) for one, keys in found.items()]

    async def have_read(
        self, parts: Sequence[ChannelPart], told: Mapping[str, tuple[Alert, Iterable[str]]]
    ) -> set[str]:
        """Which of the persons in ``told`` read all of their part, of these sites, in a channel they are in."""
        channels = [one for one in parts if one.arrives]
        if not channels:
            return set()
        members = {one.channel: await self._members(one.channel) for one in channels}
        profiles = await profiles_of(told)
        found: set[str] = set()
        for person, (part, sites) in told.items():
            read = {
                site for one in channels if person in members[one.channel] and one.part == part for site in one.sites
            }
            wants_both = person in profiles and profiles[person].even_if_in_channel
            if read.issuperset(sites) and not wants_both:
                found.add(person)
        return found

    def _public(self, alert: Alert) -> Alert | None:
        if isinstance(alert, AgentDisconnected | QueueOverrun | DevicesOverdue):
            return alert.without(self._access.restricted_devices())
        return alert

    async def _members(self, channel: str) -> Collection[str]:
        try:
            return await self._recipients(channel)
        except SlackTrouble as error:  # hearing it twice is better than not at all
            log.warning("members of a channel are not known", extra={"channel": channel, "error": str(error)})
            return ()


def _kind(alert: Alert) -> EventKind | None:
    match alert:
        case AgentDisconnected() | AgentBack():
            return EventKind.AGENT
        case QueueOverrun():
            return EventKind.QUEUE
        case DevicesOverdue():
            return EventKind.OVERDUE
        case _:
            return None
