"""What each person subscribes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.subscriptions.subscriptions import Subscription, SubscriptionFields, SubscriptionScope
from storage.database.statements import utc
from storage.tables.subscriptions import SubscriptionRow

if TYPE_CHECKING:
    from datetime import datetime

MAX_SUBSCRIPTIONS = 500  # subscriptions of one person


async def put_subscription(fields: SubscriptionFields, *, now: datetime) -> Subscription:
    """Write a subscription down, or change the one that this person has of the same thing."""
    choices = {
        "site": fields.site,
        "failed": fields.failed,
        "modified": fields.modified,
        "and_new": fields.and_new,
        "silent": fields.silent,
    }
    row, _ = await SubscriptionRow.update_or_create(
        {**choices, "created_at": utc(now)}, person=fields.person, scope=fields.scope, target=fields.target
    )
    return _to_subscription(row)


async def remove_subscription(person: str, subscription: int) -> bool:
    """Remove a subscription of ``person``; False: that person has none of this number."""
    return bool(await SubscriptionRow.filter(id=subscription, person=person).delete())


async def subscriptions_of(person: str) -> list[Subscription]:
    """All that ``person`` subscriptions, by site; whole sites first."""
    rows = [
        _to_subscription(row)
        for row in await SubscriptionRow.filter(person=person).order_by("site", "target").limit(MAX_SUBSCRIPTIONS)
    ]
    return sorted(rows, key=lambda one: (one.site, one.scope is not SubscriptionScope.SITE, one.target))


async def subscriptions_at(site: str) -> list[Subscription]:
    """All subscriptions of things at ``site``, whoever's they are."""
    return [_to_subscription(row) for row in await SubscriptionRow.filter(site=site).order_by("person", "id")]


def _to_subscription(row: SubscriptionRow) -> Subscription:
    return Subscription(
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
