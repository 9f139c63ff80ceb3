"""What makes many messages of the outbox wait, and lets them go: a closed channel, a refused app, a set clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from domain.messages.outbox import MessageKind
from storage.database.statements import update, utc
from storage.tables.core import OutboxRow

if TYPE_CHECKING:
    from datetime import datetime, timedelta


async def keep(now: datetime, until: datetime) -> None:
    """Let no post or file that waits expire before ``until``: nothing at all can be sent meanwhile."""
    kinds = (MessageKind.POST, MessageKind.FILE)
    waiting = OutboxRow.filter(waiting=True, kind__in=kinds, expires_at__gt=utc(now), expires_at__lt=utc(until))
    await waiting.update(expires_at=utc(until))


async def hold_back(channel: str, until: datetime) -> None:
    """Send nothing into ``channel`` before that moment: Slack does not take messages for it now.

    Answers to a person, and what may go elsewhere instead, are left alone.
    """
    kinds = (MessageKind.POST, MessageKind.FILE)
    waiting = OutboxRow.filter(waiting=True, channel=channel, person__isnull=True, fallback__isnull=True)
    early = waiting.filter(Q(not_before__isnull=True) | Q(not_before__lt=utc(until)), kind__in=kinds)
    await early.update(not_before=utc(until))


async def let_go(channel: str) -> int:
    """Whatever waits for ``channel`` may be sent now; returns how many messages do."""
    return await OutboxRow.filter(waiting=True, channel=channel).update(not_before=None)


async def clock_set(step: timedelta) -> None:
    """Somebody sets the clock by ``step``: what waits is put off, and is worth sending, for as long as before."""
    async with in_transaction():
        rows = await OutboxRow.filter(waiting=True).values_list("id", "not_before", "expires_at")
        for column, moments in (("not_before", 1), ("expires_at", 2)):
            moved = [{"id": row[0], column: row[moments] + step} for row in rows if row[moments] is not None]
            await update(OutboxRow, moved)


async def let_go_after(latest: datetime) -> int:
    """Whatever is put off until later than ``latest`` may be sent now: the clock has been set back since."""
    return await OutboxRow.filter(waiting=True, not_before__gt=utc(latest)).update(not_before=None)
