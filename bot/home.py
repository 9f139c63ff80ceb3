"""The Home tab: the sites of whoever opens it, and how to start."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.slack_questions import asked
from domain.access import Action
from domain.errors import LastgoodError, NotAllowed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.reception import Renders
    from domain.access import Access
    from domain.inventory import Site
    from domain.people import Person

log = logging.getLogger(__name__)

_MOST_SITES = 40


@dataclass(frozen=True)
class Home:
    """Publishes the Home tab of one person at a time."""

    client: AsyncWebClient
    admitted: Callable[[str, frozenset[str]], Awaitable[Person]]  # Door.admitted
    access: Access
    renderer: Renders
    slash: str

    async def publish(self, user: str, teams: frozenset[str]) -> None:
        """Show ``user`` what there is for them. A view is replaced whole, so doing it twice does no harm."""
        try:
            context = self._context(await self.admitted(user, teams))
        except NotAllowed as error:
            context = self._nothing(error.advice)
        except LastgoodError as error:
            log.warning("home not shown", extra={"error": repr(error)})
            context = self._nothing(error.advice)
        try:
            blocks = self.renderer.render("home", context).blocks
            await asked(self.client.views_publish(user_id=user, view={"type": "home", "blocks": blocks}))
        except LastgoodError as error:
            log.warning("home not published", extra={"error": repr(error)})

    def _context(self, person: Person) -> dict[str, Any]:
        sites = self.access.visible_sites(person)
        rows = [self._row(person, site) for site in sites[:_MOST_SITES]]
        may_add = any(self.access.may(person, Action.EDIT, site.key) for site in sites)
        return {"slash": self.slash, "sites": rows, "more": len(sites) - len(rows), "may_add": may_add, "advice": ""}

    def _nothing(self, advice: str) -> dict[str, Any]:
        return {"slash": self.slash, "sites": [], "more": 0, "may_add": False, "advice": advice}

    def _row(self, person: Person, site: Site) -> dict[str, Any]:
        role = self.access.role(person, site.key)
        hidden = self.access.hidden_devices(person)
        devices = sum(device.name not in hidden for device in self.access.inventory.by_site[site.key])
        return {"name": site.name, "devices": devices, "role": role.word if role else ""}
