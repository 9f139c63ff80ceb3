"""Telling those who look after a site what they did not ask for: in their DM, one message for each matter."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from domain.errors import SlackTrouble
from domain.events.alerts import (
    AgentBack,
    AgentDisconnected,
    ArchiveDamaged,
    ChannelShared,
    DevicesOverdue,
    QueueOverrun,
    RouteBroken,
)
from domain.messages.places import Place
from domain.roles import Role
from notifications.alerts import pages
from notifications.alerts.route_words import route_broken
from notifications.alerts.routes import AlertRoutes
from notifications.runs.addresses import Address
from storage.messages import outbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable

    from domain.access.access import Access
    from domain.clock import Clock
    from domain.events.alerts import Alert
    from domain.inventory.declared import Site
    from domain.messages.outbox import Message
    from notifications.rendering.renderer import Context, Renderer

    Members = Callable[[str], Awaitable[Collection[str]]]

log = logging.getLogger(__name__)

ALERT_LIFETIME: Final = timedelta(days=1)  # so long an alert waits for Slack
_NAMELESS: Final = (AgentBack, ArchiveDamaged, ChannelShared, RouteBroken)  # they name no device


class Alerter:
    """Puts alerts into the outbox, for the admins of each site that they concern; owners where a site has none.

    Channels whose routes want to hear of it are told too, and whoever reads it there is not told again.
    """

    def __init__(
        self,
        renderer: Renderer,
        *,
        access: Access,
        clock: Clock,
        wake: Callable[[], None],
        members: Members,
        recipients: Members,
    ) -> None:
        self._renderer = renderer
        self._access = access
        self._clock = clock
        self._wake = wake  # delivery, which sleeps while there is nothing to do
        self._members = members  # of a user group or private channel, by its id
        self._routes = AlertRoutes(access, recipients)

    async def tell(self, alert: Alert) -> None:
        """Put ``alert`` for everybody whom it concerns; the same alert again changes their message."""
        concerned = self._owners(alert) if isinstance(alert, ArchiveDamaged) else await self._concerned(_sites(alert))
        parts = await self._parts(alert, frozenset(concerned))
        own = {person: concerned.get(person) or self._sites_of(alert) for person in parts}
        channels = await self._routes.parts(alert, _sites(alert))
        told = {person: (part, [site.key for site in own[person]]) for person, part in parts.items()}
        read = await self._routes.have_read(channels, told)
        messages = [self._message(part, person, own[person]) for person, part in parts.items() if person not in read]
        sites = self._access.inventory.sites
        messages += [self._message(one.part, one.channel, [sites[key] for key in one.sites]) for one in channels]
        if messages:
            await outbox.put(messages, now=self._clock.now())
            self._wake()

    async def _concerned(self, keys: Iterable[str]) -> dict[str, list[Site]]:
        """Who is told, each with the sites that this person looks after."""
        found: dict[str, list[Site]] = {}
        for key in keys:
            site = self._access.inventory.sites[key]
            for person in await self._admins(site):
                found.setdefault(person, []).append(site)
        return found

    def _owners(self, alert: ArchiveDamaged) -> dict[str, list[Site]]:
        return dict.fromkeys(sorted(self._access.owners), self._sites_of(alert))

    async def _admins(self, site: Site) -> list[str]:
        return sorted(await self._people(self._access.granted(site.key).get(Role.ADMIN, frozenset())))

    async def _people(self, principals: Iterable[str]) -> Collection[str]:
        """Who that is; owners where it is nobody, and also where Slack does not say who is in one of them."""
        found: set[str] = set()
        for principal in sorted(principals):
            try:
                found |= set(await self._members(principal)) if principal.startswith(("S", "C", "G")) else {principal}
            except SlackTrouble as error:
                log.warning("members are not known, owners are told", extra={"of": principal, "error": str(error)})
                found |= self._access.owners
        return found or self._access.owners

    async def _parts(self, alert: Alert, admins: frozenset[str]) -> dict[str, Alert]:
        """What each person is told: of a restricted device whoever it is there for, and owners if nobody else."""
        if isinstance(alert, _NAMELESS):
            return dict.fromkeys(sorted(admins), alert)
        recipients = {one: await self._recipients(one, admins) for one in self._access.restricted_among(alert.named)}
        told = admins if isinstance(alert, AgentDisconnected) else admins.union(*recipients.values())
        parts: dict[str, Alert] = {}
        for person in sorted(told):
            known = {one for one, ids in recipients.items() if person in ids}
            hidden = (recipients.keys() if person in admins else set(alert.named)) - known
            part = alert.without(hidden)
            parts |= {person: part} if part else {}
        return parts

    def _sites_of(self, alert: Alert) -> list[Site]:
        return [self._access.inventory.sites[key] for key in _sites(alert)]

    async def _recipients(self, device: str, admins: frozenset[str]) -> frozenset[str]:
        declared = self._access.inventory.devices.get(device)
        seen = self._access.owners.union(await self._people((declared.only if declared else None) or ()))
        return admins & seen or self._access.owners

    def _message(self, alert: Alert, recipient: str, sites: list[Site]) -> Message:
        template = "route_broken" if isinstance(alert, RouteBroken) else "alert"
        content = self._renderer.render(template, _context(alert, sites)).as_payload()
        expires_at = self._clock.now() + ALERT_LIFETIME
        named = () if isinstance(alert, _NAMELESS) else alert.named
        devices = self._access.restricted_among(named)
        keys = tuple(site.key for site in sites)
        place = Place(channel=recipient)
        address = Address(place, recipient if place.is_private else None, keys, expires_at, devices=devices)
        return address.message(f"{_key(alert)}:{recipient}", content)


def _sites(alert: Alert) -> Iterable[str]:
    match alert:
        case QueueOverrun() | DevicesOverdue() | ChannelShared():
            return (alert.site,)
        case AgentDisconnected():
            return alert.waiting
        case AgentBack() | RouteBroken() | ArchiveDamaged():
            return alert.sites


def _key(alert: Alert) -> str:  # noqa: PLR0911 - one for each kind
    match alert:
        case QueueOverrun():
            return f"overrun:{alert.site}:{alert.day}"
        case AgentDisconnected():
            return f"disconnected:{alert.agent}:{alert.since.isoformat()}"
        case AgentBack():
            return f"back:{alert.agent}:{alert.since.isoformat()}"
        case RouteBroken():
            return f"route:{alert.channel}:{alert.at.isoformat()}"
        case ChannelShared():
            return f"shared:{alert.site}:{alert.channel}"
        case ArchiveDamaged():
            return f"archive:{alert.day}"
        case DevicesOverdue():
            told = sorted(f"{one.device} {one.since}" for one in alert.devices)
            return f"overdue:{alert.site}:{hashlib.sha256(chr(10).join(told).encode()).hexdigest()[:24]}"


def _context(alert: Alert, sites: list[Site]) -> Context:  # noqa: PLR0911 - one for each kind
    match alert:
        case QueueOverrun():
            return pages.queue_overrun(alert, sites[0])
        case AgentDisconnected():
            return pages.agent_disconnected(alert, sites)
        case AgentBack():
            return pages.agent_back(alert, sites)
        case DevicesOverdue():
            return pages.devices_overdue(alert, sites[0])
        case ChannelShared():
            return pages.channel_shared(sites[0])
        case ArchiveDamaged():
            return pages.archive_damaged(alert, sites)
        case RouteBroken():
            return route_broken(alert, sites)
