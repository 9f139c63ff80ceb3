"""Telling those who look after a site what they did not ask for: in their DM, one message for each matter."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from domain.access import Role
from domain.alerts import AgentBack, AgentSilent, QueueOverrun
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
        messages = [
            self._message(alert, person, sites) for person, sites in (await self._concerned(_sites(alert))).items()
        ]
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

    def _message(self, alert: Alert, person: str, sites: list[Site]) -> Message:
        content = self._renderer.render("alert", _context(alert, sites)).as_payload()
        expires_at = self._clock.now() + _WORTH_SENDING
        address = Address(Place(channel=person), person, tuple(site.key for site in sites), expires_at)
        return address.message(f"{_key(alert)}:{person}", content)


def _sites(alert: Alert) -> Iterable[str]:
    match alert:
        case QueueOverrun():
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


def _context(alert: Alert, sites: list[Site]) -> Context:
    match alert:
        case QueueOverrun():
            return alerts.queue_overrun(alert, sites[0])
        case AgentSilent():
            return alerts.agent_silent(alert, sites)
        case AgentBack():
            return alerts.agent_back(alert, sites)
