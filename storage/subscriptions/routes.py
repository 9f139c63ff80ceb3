"""Channel routes: declared and made by people, and whether messages arrive there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from domain.errors import NotNow
from domain.subscriptions.kinds import EventKind
from domain.subscriptions.routes import Route, RouteFields, RouteHealth
from storage.database.statements import clean, in_chunks, utc
from storage.tables.subscriptions import RouteRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

MAX_TROUBLE_TEXT = 255  # characters


class RouteTaken(NotNow):
    """The site has a route to this channel already."""

    def __init__(self, fields: RouteFields) -> None:
        facts = f"{fields.site} has a route to {fields.channel}"
        super().__init__(facts, advice="This site already has a route to this channel. Change that route instead.")


async def sync_routes(declared: Sequence[RouteFields]) -> None:
    """Write down the routes of app.yaml, and remove those that it no longer holds.

    Whether one is switched off stays as people left it. A route that people had made before becomes a declared one.
    """
    wanted = {(one.site, one.channel): one for one in declared}
    async with in_transaction():
        for row in await RouteRow.filter(declared=True):
            if (row.site, row.channel) not in wanted:
                await row.delete()
        for fields in wanted.values():
            await RouteRow.update_or_create(
                {"events": _events(fields.events), "declared": True}, site=fields.site, channel=fields.channel
            )


async def routes_of(site: str) -> list[Route]:
    """The routes of ``site``, declared ones first."""
    return [_to_route(row) for row in await RouteRow.filter(site=site).order_by("-declared", "id")]


async def routes_of_sites(sites: Iterable[str]) -> list[Route]:
    """The routes of ``sites``, in the order of the sites' keys."""
    found: list[Route] = []
    for chunk in in_chunks(sorted(set(sites))):
        found += [_to_route(row) for row in await RouteRow.filter(site__in=chunk).order_by("site", "-declared", "id")]
    return found


async def route_by_id(route: int) -> Route | None:
    """The route of this number; None: there is none."""
    row = await RouteRow.get_or_none(id=route)
    return _to_route(row) if row else None


async def routes_to(channel: str) -> list[Route]:
    """The routes of all sites that lead to ``channel``."""
    return [_to_route(row) for row in await RouteRow.filter(channel=channel).order_by("id")]


async def add_route(fields: RouteFields, *, by: str, now: datetime) -> Route:
    """Write down a new route. Raises ``RouteTaken``."""
    try:
        async with in_transaction():
            row = await RouteRow.create(
                site=fields.site,
                channel=fields.channel,
                events=_events(fields.events),
                active=fields.active,
                changed_by=by,
                changed_at=utc(now),
            )
    except IntegrityError as error:
        raise RouteTaken(fields) from error
    return _to_route(row)


async def change_route(
    route: int, *, events: frozenset[EventKind], active: bool, expected_revision: int, by: str, now: datetime
) -> Route | None:
    """Change what a route hears; None: somebody has changed or removed it since ``expected_revision``.

    What a declared route hears stays as it is declared; it is only switched on or off.
    """
    async with in_transaction():
        row = await RouteRow.get_or_none(id=route, revision=expected_revision)
        if row is None:
            return None
        changes: dict[str, Any] = {"active": active, "changed_by": by, "changed_at": utc(now)}
        changes |= {} if row.declared else {"events": _events(events)}
        changed = await RouteRow.filter(id=route, revision=expected_revision).update(
            **changes, revision=expected_revision + 1
        )
    return await route_by_id(route) if changed else None


async def remove_route(route: int) -> bool:
    """Remove a route that people made; False: it is declared in app.yaml, or gone already."""
    return bool(await RouteRow.filter(id=route, declared=False).delete())


async def note_health(channel: str, health: RouteHealth, *, trouble: str, now: datetime) -> list[Route]:
    """Remember whether a message arrived in ``channel``.

    Returns:
        The routes whose health changed by it: as they now stand.
    """
    rows = RouteRow.filter(channel=channel).exclude(Q(health=health, trouble=trouble))  # of both, not of either
    numbers = [row.id for row in await rows]
    if numbers:
        short = clean(trouble)[:MAX_TROUBLE_TEXT]
        await RouteRow.filter(id__in=numbers).update(health=health, trouble=short, health_at=utc(now))
    return [_to_route(row) for row in await RouteRow.filter(id__in=numbers).order_by("id")] if numbers else []


def _events(events: Iterable[EventKind]) -> str:
    return " ".join(sorted(event.value for event in events))


def _to_route(row: RouteRow) -> Route:
    return Route(
        id=row.id,
        site=row.site,
        channel=row.channel,
        events=frozenset(EventKind(word) for word in row.events.split()),
        active=row.active,
        declared=row.declared,
        revision=row.revision,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        health=row.health,
        trouble=row.trouble,
        health_at=row.health_at,
    )
