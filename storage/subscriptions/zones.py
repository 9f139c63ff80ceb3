"""The zones in which people live: they follow Slack, and what is due by them moves along."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from domain.digests.digests import next_after_move
from storage.database.readable import readable
from storage.database.statements import update, utc
from storage.subscriptions.digests import to_digest
from storage.tables.subscriptions import DigestRow, ProfileRow

if TYPE_CHECKING:
    from datetime import datetime

log = logging.getLogger(__name__)


async def follow_zone(person: str, zone: str, *, now: datetime) -> None:
    """``person`` lives in ``zone`` now: quiet hours count by it, and digests come due by it."""
    await ProfileRow.filter(person=person).exclude(zone=zone).update(zone=zone)
    moved = await DigestRow.filter(recipient=person, declared=False).exclude(zone=zone)
    if not moved:
        return
    await DigestRow.filter(id__in=[row.id for row in moved]).update(zone=zone)
    await _count_anew(await DigestRow.filter(id__in=[row.id for row in moved], next_at__gt=utc(now)), now)


async def move_digests(*, now: datetime) -> int:
    """Count anew when digests come due, as far as it lies ahead: zones may have other rules by now."""
    return await _count_anew(await DigestRow.filter(next_at__gt=utc(now)), now)


async def _count_anew(rows: list[DigestRow], now: datetime) -> int:
    found = readable(rows, lambda row: _moved(row, now))
    changed = [one for one in found if one]
    await update(DigestRow, changed)
    if changed:
        log.info("clocks have changed, digests come due at other times", extra={"digests": len(changed)})
    return len(changed)


def _moved(row: DigestRow, now: datetime) -> dict[str, object] | None:
    coming = next_after_move(to_digest(row), last=row.due_at or row.last_at, now=now)
    return {"id": row.id, "next_at": coming} if coming != row.next_at else None
