"""The Home tab as each person sees it: published by the real one, and caught on its way to Slack."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from slack_sdk.web.async_client import AsyncWebClient

from bot.home import Home
from demo.gallery.entries import Entry
from demo.gallery.samples import LONG_SITE, OLGA
from demo.gallery.stage import PEOPLE, an_inventory
from domain.access import Access
from domain.errors import SlackTrouble
from domain.inventory import Inventory, Site
from notifications.rendering import Renderer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from domain.people import Person
    from notifications.rendering import Content


@dataclass
class Caught:
    """A renderer that keeps what it was given."""

    renderer: Renderer = field(default_factory=Renderer)
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)

    def render(self, template: str, context: Mapping[str, Any]) -> Content:
        """The message, as always."""
        self.template, self.context = template, context
        return self.renderer.render(template, context)


class NowhereToPublish(AsyncWebClient):
    """A client whose calls end here."""

    async def views_publish(self, **_call: object) -> None:  # type: ignore[override]  # nobody reads the answer
        """Seen by nobody but the gallery."""


async def entries() -> AsyncIterator[Entry]:
    """One Home tab for each kind of person, and for many, long and no sites."""
    logging.getLogger("bot").addHandler(logging.NullHandler())  # one of them shows what is there without Slack
    for who in PEOPLE:
        yield await _home(who, an_inventory(), who)
    yield await _home("200 sites", _sites(200, "Plant"), "Olga, owner")
    yield await _home("longest names", _sites(3, LONG_SITE), "Olga, owner")
    yield await _home("nothing declared yet", Inventory({}, {}, {}), "Olga, owner")
    yield await _home("while Slack does not say who it is", an_inventory(), "")


async def _home(state: str, inventory: Inventory, who: str) -> Entry:
    caught, access = Caught(), Access(inventory, owners=frozenset({OLGA}))

    async def admitted(_user: str, _teams: frozenset[str]) -> Person:
        if not who:
            raise SlackTrouble("away")
        access.admit(PEOPLE[who])
        return PEOPLE[who]

    home = Home(client=NowhereToPublish(), admitted=admitted, access=access, renderer=caught, slash="/backup")
    await home.publish("U0ANYBODY", frozenset({"T1"}))
    return Entry(
        group="Home", state=state, template=caught.template, context=caught.context, surface="home", private=True
    )


def _sites(count: int, name: str) -> Inventory:
    sites = [
        Site(key=f"plant-{number}", name=f"{name} {number}", timezone=ZoneInfo("UTC")) for number in range(1, count + 1)
    ]
    return Inventory(sites={one.key: one for one in sites}, devices={}, agents={})
