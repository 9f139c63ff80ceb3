"""``routes``: which channels hear what of a site, whether it arrives, and changing that."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.jobs.form_reply import form_reply
from commands.lookup.kinds import SiteAndRest, SiteCommand
from commands.request import Reply
from commands.subscriptions.route_changes import add, change, channel_problem, remove, route_of
from commands.subscriptions.route_form import RouteForm
from domain.errors import NotNow, UsageError
from domain.roles import Action
from domain.subscriptions.kinds import EVERYTHING, USUAL, EventKind
from domain.subscriptions.routes import RouteFields
from notifications.pages import subscriptions
from storage.subscriptions.routes import routes_of_sites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.request import Request
    from commands.services import Services
    from domain.access.people import Person
    from domain.inventory.declared import Site

_SHOWN = 20  # routes of one message
_DONE = {"on": "The route is enabled.", "off": "The route is disabled."}


class Routes(SiteCommand):
    """The channel routes of the sites that the person may see."""

    name: ClassVar = "routes"
    usage: ClassVar = "routes [SITE] [add #CHANNEL [EVENTS]]"
    summary: ClassVar = "Channel routes: which events go to which channel; admins add, change and test them"
    examples: ClassVar = ("routes", "routes plant-a", "routes plant-a add #network failed,modified")
    action: ClassVar = Action.SEE

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._form = RouteForm(services)

    async def _answer(self, request: Request, wanted: SiteAndRest) -> Reply:
        """Show the routes, or do with one what the words say."""
        person, words = request.person, request.words
        number = _number(words)
        if number is not None:
            return await self._with_one(person, words[0].casefold(), number)
        if words[:1] == ("add",):
            return form_reply(self._services, self._form.blank(person, None), command=self.name, words=words)
        site, rest = wanted
        if not rest:
            return await self._listed(person, site)
        if site is None or rest[0].casefold() != "add":
            raise self._unclear()
        self._services.access.require(person, Action.ROUTES, site.key)
        if len(rest) == 1:
            form = self._form.blank(person, site)
            return form_reply(self._services, form, command=self.name, words=words, site=site.key)
        return await self._add(person, site, rest[1:])

    async def _with_one(self, person: Person, what: str, number: int) -> Reply:
        route = await route_of(self._services, person, number)
        site = self._services.inventory.sites[route.site]
        match what:
            case "test":
                await self._services.publisher.test_route(route)
                sentence = "A test message is on its way. The route's state shows whether it arrives."
            case "remove":
                await remove(self._services, person, route)
                sentence = "The route is removed."
            case "change":
                form = self._form.of(route)
                return form_reply(self._services, form, command=self.name, words=(what, str(number)), site=route.site)
            case _:
                active = what == "on"
                await change(self._services, person, route, events=route.events, active=active, revision=route.revision)
                sentence = _DONE[what]
        return await self._listed(person, site, sentence=sentence)

    async def _add(self, person: Person, site: Site, words: Sequence[str]) -> Reply:
        channel = words[0].removeprefix("<#").removesuffix(">")
        problem = await channel_problem(self._services, channel)
        if problem:
            raise NotNow(f"no route to {channel}", advice=problem)
        fields = RouteFields(site=site.key, channel=channel, events=self._events(words[1:]))
        await add(self._services, person, fields)
        return await self._listed(person, site, sentence="The route is added.")

    async def _listed(self, person: Person, site: Site | None, *, sentence: str = "") -> Reply:
        services, access = self._services, self._services.access
        sites = (site,) if site else access.visible_sites(person)
        for one in sites:
            access.require(person, Action.SEE, one.key)
        keys = tuple(sorted(one.key for one in sites))
        found = await routes_of_sites(keys)
        context = subscriptions.routes(
            [(route, services.inventory.sites[route.site].name) for route in found[:_SHOWN]],
            about=site.name if site else "all your sites",
            may_change=any(access.may(person, Action.ROUTES, one.key) for one in sites),
            add=f"{self._services.catalogue.word(person, site)} add" if site else "add",
            command=services.typed(self.name, *((services.catalogue.word(person, site),) if site else ())),
            sentence=sentence,
        )
        return Reply(template="routes", context=context, sites=keys)

    def _events(self, words: Sequence[str]) -> frozenset[EventKind]:
        named = frozenset(",".join(words).casefold().split(",")) - {""}
        if not named:
            return USUAL
        if named == {"all"}:
            return EVERYTHING
        if not named <= set(EventKind):
            known = ", ".join(f"`{kind.value}`" for kind in EventKind)
            raise self._misused(f"Give events: {known} or `all`")
        return frozenset(EventKind(one) for one in named)

    def _unclear(self) -> UsageError:
        return self._misused("This is not a valid command")


def _number(words: Sequence[str]) -> int | None:
    """The number of the route that ``words`` do something with: ``test 5``."""
    if len(words) != 2 or words[0].casefold() not in {"test", "remove", "change", "on", "off"}:  # noqa: PLR2004 - what, and which
        return None
    digits = words[1].removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else None  # noqa: PLR2004 - digits of 64 bits
