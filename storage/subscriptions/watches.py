"""What each person watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.subscriptions.watches import Watch, WatchFields, WatchScope
from storage.database.statements import utc
from storage.tables.subscriptions import WatchRow

if TYPE_CHECKING:
    from datetime import datetime

MOST = 500  # watches of one person


async def put_watch(fields: WatchFields, *, now: datetime) -> Watch:
    """Write a watch down, or change the one that this person has of the same thing."""
    choices = {
        "site": fields.site,
        "failed": fields.failed,
        "modified": fields.modified,
        "and_new": fields.and_new,
        "silent": fields.silent,
    }
    row, _ = await WatchRow.update_or_create(
        {**choices, "created_at": utc(now)}, person=fields.person, scope=fields.scope, target=fields.target
    )
    return _to_watch(row)


async def remove_watch(person: str, watch: int) -> bool:
    """Remove a watch of ``person``; False: that person has none of this number."""
    return bool(await WatchRow.filter(id=watch, person=person).delete())


async def watches_of(person: str) -> list[Watch]:
    """All that ``person`` watches, by site; whole sites first."""
    rows = [_to_watch(row) for row in await WatchRow.filter(person=person).order_by("site", "target").limit(MOST)]
    return sorted(rows, key=lambda one: (one.site, one.scope is not WatchScope.SITE, one.target))


async def watches_at(site: str) -> list[Watch]:
    """All watches of things at ``site``, whoever's they are."""
    return [_to_watch(row) for row in await WatchRow.filter(site=site).order_by("person", "id")]


def _to_watch(row: WatchRow) -> Watch:
    return Watch(
        id=row.id,
        person=row.person,
        scope=row.scope,
        target=row.target,
        site=row.site,
        failed=row.failed,
        modified=row.modified,
        and_new=row.and_new,
        silent=row.silent,
        created_at=row.created_at,
    )
