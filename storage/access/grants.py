"""Access that was given in Slack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.transactions import in_transaction

from domain.access.grants import Grant
from storage.database.statements import utc
from storage.tables.access import GrantRow

if TYPE_CHECKING:
    from domain.roles import Role


async def all_grants() -> list[Grant]:
    """Everything that was given and not taken back, in the order in which it was first given."""
    return [_to_grant(row) for row in await GrantRow.all().order_by("id")]


async def put_grant(grant: Grant) -> Role | None:
    """Give a role; returns the one that its principal was given there before."""
    async with in_transaction():
        row = await GrantRow.get_or_none(site=grant.site, principal=grant.principal)
        fields = {"role": grant.role, "given_by": grant.given_by, "given_at": utc(grant.given_at)}
        await GrantRow.update_or_create(fields, site=grant.site, principal=grant.principal)
    return row.role if row else None


async def drop_grant(site: str, principal: str) -> Role | None:
    """Take back what ``principal`` was given at ``site``; returns that role, None: there was none."""
    async with in_transaction():
        row = await GrantRow.get_or_none(site=site, principal=principal)
        if row:
            await row.delete()
    return row.role if row else None


def _to_grant(row: GrantRow) -> Grant:
    return Grant(site=row.site, principal=row.principal, role=row.role, given_by=row.given_by, given_at=row.given_at)
