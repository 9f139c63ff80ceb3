"""Telling those who look after a site what they did not ask for: in their DM, one message for each matter."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from domain.access import Role
from domain.alerts import AgentBack, AgentSilent, DevicesOverdue, QueueOverrun
from domain.runs import Place
from notifications import alerts
from notifications.addresses import Address
from storage import outbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable

    from domain.access import Access
    from domain.alerts import Alert
    from domain.clock import Clock
    from domain.inventory import Site
    from domain.outbox import Message
    from domain.overdue import Overdue
    from notifications.rendering import Renderer
    from notifications.views import Context

    Members = Callable[[str], Awaitable[Collection[str]]]

_WORTH_SENDING: Final = timedelta(days=1)


class Alerter:
    """Puts alerts into the outbox, for the admins of each site that they concern; owners where a site has none."""

    def __init__(
        self, renderer: Renderer, *, access: Access, clock: Clock, wake: Callable[[], None], members: Members
    ) -> None:
        self._renderer = renderer
        self._access = access
        self._clock = clock
        self._wake = wake  # delivery, which sleeps while there is nothing to do
        self._members = members  # of a user group, by its id

    async def tell(self, alert: Alert) -> None:
        """Put ``alert`` for everybody whom it concerns; the same alert again changes their message."""
        concerned = await self._concerned(_sites(alert))
        parts = dict.fromkeys(concerned, alert)
        if isinstance(alert, DevicesOverdue):
            parts = await self._overdue_parts(alert, frozenset(concerned))
            concerned |= {person: [self._access.inventory.sites[alert.site]] for person in parts}
        messages = [self._message(part, person, concerned[person]) for person, part in parts.items()]
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

    async def _admins(self, site: Site) -> list[str]:
        admins: set[str] = set()
        for principal in site.access.get(Role.ADMIN, frozenset()):
            admins |= set(await self._members(principal)) if principal.startswith("S") else {principal}
        return sorted(admins or self._access.owners)

    async def _overdue_parts(self, alert: DevicesOverdue, admins: frozenset[str]) -> dict[str, Alert]:
        """What each person is told: of a restricted device whoever it is there for, and owners if nobody else."""
        told: dict[str, list[Overdue]] = {}
        for one in alert.devices:
            for person in await self._readers(one.device, admins):
                told.setdefault(person, []).append(one)
        return {person: DevicesOverdue(site=alert.site, devices=tuple(some)) for person, some in told.items()}

    async def _readers(self, device: str, admins: frozenset[str]) -> frozenset[str]:
        if not self._access.restricted_among([device]):
            return admins
        declared = self._access.inventory.devices.get(device)
        seen: set[str] = set(self._access.owners)
        for principal in (declared.only if declared else None) or ():
            seen |= set(await self._members(principal)) if principal.startswith("S") else {principal}
        return admins & seen or self._access.owners

    def _message(self, alert: Alert, person: str, sites: list[Site]) -> Message:
        content = self._renderer.render("alert", _context(alert, sites)).as_payload()
        expires_at = self._clock.now() + _WORTH_SENDING
        devices = self._access.restricted_among(_devices(alert))
        keys = tuple(site.key for site in sites)
        address = Address(Place(channel=person), person, keys, expires_at, devices=devices)
        return address.message(f"{_key(alert)}:{person}", content)


def _devices(alert: Alert) -> list[str]:
    return [one.device for one in alert.devices] if isinstance(alert, DevicesOverdue) else []


def _sites(alert: Alert) -> Iterable[str]:
    match alert:
        case QueueOverrun() | DevicesOverdue():
            return (alert.site,)
        case AgentSilent():
            return alert.waiting
        case AgentBack():
            return alert.sites


def _key(alert: Alert) -> str:
    match alert:
        case QueueOverrun():
            return f"overrun:{alert.site}:{alert.day}"
        case AgentSilent():
            return f"silent:{alert.agent}:{alert.since.isoformat()}"
        case AgentBack():
            return f"back:{alert.agent}:{alert.since.isoformat()}"
        case DevicesOverdue():
            told = sorted(f"{one.device} {one.since}" for one in alert.devices)
            return f"overdue:{alert.site}:{hashlib.sha256(chr(10).join(told).encode()).hexdigest()[:24]}"


def _context(alert: Alert, sites: list[Site]) -> Context:
    match alert:
        case QueueOverrun():
            return alerts.queue_overrun(alert, sites[0])
        case AgentSilent():
            return alerts.agent_silent(alert, sites)
        case AgentBack():
            return alerts.agent_back(alert, sites)
        case DevicesOverdue():
            return alerts.devices_overdue(alert, sites[0])
