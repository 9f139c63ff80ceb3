"""The form in which site admins add or change a channel route."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.forms import FieldErrors
from commands.lookup.picking import require_somewhere
from commands.request import Form
from commands.subscriptions.route_changes import add, change, channel_problem, route_of
from domain.errors import NotNow
from domain.roles import Action
from domain.subscriptions.kinds import USUAL, EventKind
from domain.subscriptions.routes import Route, RouteFields
from notifications.pages.job_form import job_closing
from notifications.pages.subscription_forms import ON, Filled, route_form
from notifications.pages.subscription_words import events_in_words
from notifications.rendering.form_fields import Choice

if TYPE_CHECKING:
    from commands.forms import Entries
    from commands.request import Option
    from commands.services import Services
    from domain.access.people import Person
    from domain.inventory.declared import Site

CALLBACK = "route"

_NO_SITE = "Choose a site whose routes you may change."
_NO_EVENT = "Choose at least one. To stop messages for a while, disable the route."


class RouteForm:
    """Opens the form of a route and writes it down."""

    callback: ClassVar = CALLBACK

    def __init__(self, services: Services) -> None:
        self._services = services

    def blank(self, person: Person, site: Site | None) -> Form:
        """The form of a new route, of ``site`` if one is named."""
        require_somewhere(self._services, person, Action.ROUTES)
        filled = Filled(values={"events": tuple(kind.value for kind in USUAL), "active": (ON,)})
        return _form(filled, site=_choice(site), memory="")

    def of(self, route: Route) -> Form:
        """The form of a route that exists."""
        filled = Filled(values={"events": tuple(kind.value for kind in route.events), "active": (ON,) * route.active})
        return _form(filled, site=None, memory=f"{route.id} {route.revision}")

    async def refill(self, person: Person, entries: Entries) -> Form:
        """The form as it is: nothing in it answers."""
        require_somewhere(self._services, person, Action.ROUTES)
        return self.kept(entries, "")

    async def submit(self, person: Person, entries: Entries) -> Form | FieldErrors:
        """Write the route down."""
        filled = Filled(values=entries.values)
        events = frozenset(EventKind(value) for value in filled.ticked("events") if value in set(EventKind))
        number, revision = _remembered(entries.memory)
        if number:
            route = await route_of(self._services, person, number)
            if not events:
                return FieldErrors({"events": _NO_EVENT})
            active = ON in filled.ticked("active")
            return self._done(
                await change(self._services, person, route, events=events, active=active, revision=revision)
            )
        return await self._add(person, filled, events)

    def kept(self, entries: Entries, sentence: str) -> Form:
        """The form as it was filled in."""
        filled = Filled(values=entries.values)
        typed = filled.text("site")
        site = Choice(text=typed, value=typed) if typed else None
        return _form(filled, site=site, memory=entries.memory, sentence=sentence)

    async def options(self, person: Person, name: str, typed: str) -> list[Option]:
        """The sites whose routes this person may change."""
        return self._services.catalogue.site_options(person, Action.ROUTES, typed) if name == "site" else []

    async def _add(self, person: Person, filled: Filled, events: frozenset[EventKind]) -> Form | FieldErrors:
        site = self._services.inventory.sites.get(filled.text("site"))
        if site is None or not self._services.access.sees(person, site.key, None):
            wrong = {"site": _NO_SITE}
        else:
            self._services.access.require(person, Action.ROUTES, site.key)
            wrong = {}
        problem = await channel_problem(self._services, filled.text("channel"))
        wrong |= {"channel": problem} if problem else {}
        wrong |= {} if events else {"events": _NO_EVENT}
        if wrong or site is None:
            return FieldErrors(wrong)
        fields = RouteFields(
            site=site.key, channel=filled.text("channel"), events=events, active=ON in filled.ticked("active")
        )
        return self._done(await add(self._services, person, fields))

    def _done(self, route: Route) -> Form:
        site = self._services.inventory.sites[route.site].name
        state = "" if route.active else " The route is disabled."
        lines = [
            f"The channel gets events of `{site.replace('`', '')}`: {events_in_words(route.events)}.{state}",
            f"See and test it with `{self._services.typed('routes', route.site)}`.",
        ]
        return Form(callback=CALLBACK, template="form_closing", context=job_closing(lines, None))


def _form(filled: Filled, *, site: Choice | None, memory: str, sentence: str = "") -> Form:
    context = route_form(filled, site=site, is_new=not memory, sentence=sentence)
    return Form(callback=CALLBACK, template="choice_form", context=context, memory=memory)


def _choice(site: Site | None) -> Choice | None:
    return Choice(text=site.name, value=site.key) if site else None


def _remembered(memory: str) -> tuple[int, int]:
    """Number and revision of the route that is changed; zeros: a new one."""
    if not memory:
        return 0, 0
    number, _, revision = memory.partition(" ")
    for one in (number, revision):
        if not (one.isascii() and one.isdecimal() and len(one) < 19):  # noqa: PLR2004 - digits of 64 bits
            raise NotNow("the memory of a form", advice="This form is too old. Close it and open it again.")
    return int(number), int(revision)
