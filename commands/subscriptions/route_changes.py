"""Changing channel routes: who may, whether the channel can be reached, and what the audit keeps of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.access.access import mention
from domain.audit import AuditAction, AuditEntry
from domain.errors import NotNow, SlackTrouble, UnknownName
from domain.roles import Action
from notifications.pages.subscription_words import events_in_words
from storage.access import audit
from storage.subscriptions import routes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from commands.services import Services
    from domain.access.people import Person
    from domain.subscriptions.kinds import EventKind
    from domain.subscriptions.routes import Route, RouteFields

_NOT_THERE = "Lastgood is not in that channel. Type `/invite @Lastgood` there, then try again."


async def route_of(services: Services, person: Person, number: int) -> Route:
    """The route of this number, if ``person`` may change it.

    Raises:
        UnknownName: it does not exist, or this person may not see its site: the answer is the same.
        NotAllowed: the role is too low.
    """
    route = await routes.route_by_id(number)
    is_there = route is not None and route.site in services.inventory.sites  # owners may see sites that are gone
    if route is None or not is_there or not services.access.may(person, Action.SEE, route.site):
        raise UnknownName("route", f"#{number}", lister=services.typed("routes"))
    services.access.require(person, Action.ROUTES, route.site)
    return route


async def channel_problem(services: Services, channel: str) -> str:
    """Why nothing can be sent to ``channel``; empty: it can."""
    if not channel.startswith(("C", "G")):
        return "There is no channel of this name. Write it with its #, such as #network."
    try:
        return "" if await services.channels.has_us(channel) else _NOT_THERE
    except SlackTrouble as trouble:
        return trouble.advice


async def add(services: Services, person: Person, fields: RouteFields) -> Route:
    """Write a new route down. Raises ``RouteTaken``."""
    route = await routes.add_route(fields, by=person.id, now=services.clock.now())
    await _note(services, person, route, before={}, after=_facts(route))
    return route


async def change(
    services: Services, person: Person, route: Route, *, events: frozenset[EventKind], active: bool, revision: int
) -> Route:
    """Change what a route hears. Raises ``NotNow`` if somebody else was quicker."""
    now = services.clock.now()
    found = await routes.change_route(
        route.id, events=events, active=active, expected_revision=revision, by=person.id, now=now
    )
    if found is None:
        raise NotNow(
            f"route {route.id} was changed meanwhile",
            advice=(
                "Somebody else changed or removed this route in the meantime, so nothing was done. Show the "
                "routes again."
            ),
        )
    await _note(services, person, found, before=_facts(route), after=_facts(found))
    return found


async def remove(services: Services, person: Person, route: Route) -> None:
    """Remove a route that people made. Raises ``NotNow`` if it is declared, or gone."""
    if not await routes.remove_route(route.id):
        advice = "This route is declared in app.yaml. Remove it there, or disable it here."
        raise NotNow(
            f"route {route.id} cannot be removed",
            advice=advice if route.declared else "This route has already been removed.",
        )
    await _note(services, person, route, before=_facts(route), after={})


async def _note(
    services: Services, person: Person, route: Route, *, before: Mapping[str, str], after: Mapping[str, str]
) -> None:
    entry = AuditEntry(
        at=services.clock.now(),
        actor=person.id,
        what=AuditAction.ROUTES_CHANGED,
        site=route.site,
        target=f"route to {mention(route.channel)}",
        before=before,
        after=after,
    )
    await audit.note(entry)


def _facts(route: Route) -> Mapping[str, str]:
    return {
        "Channel": mention(route.channel),
        "Events": events_in_words(route.events),
        "On": "yes" if route.active else "no",
    }
