"""Deliveries from Slack that have been taken in: Slack sends some twice, and a restart must not matter."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from storage.database.statements import fetch, utc
from storage.tables.core import SeenEventRow

if TYPE_CHECKING:
    from datetime import datetime


async def first_time(key: str, now: datetime) -> bool:
    """Whether ``key`` comes for the first time; from now on it does not. Of two who ask at once, one is first."""
    rows = await fetch(
        "INSERT INTO seen_event (key, seen_at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING RETURNING key",
        [hashlib.sha256(key.encode("utf-8", "replace")).hexdigest(), utc(now)],  # any length, any character
    )
    return bool(rows)


async def forget_seen(before: datetime) -> int:
    """Remove what was seen before that moment; returns how many."""
    return await SeenEventRow.filter(seen_at__lt=utc(before)).delete()
