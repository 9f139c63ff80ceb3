"""Whether the database can be written, found out by writing: what is open, and can be read, may still refuse that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.database.statements import fetch, utc

if TYPE_CHECKING:
    from datetime import datetime

_KEY = "written to see whether that is possible"  # no digest of a delivery: those are hexadecimal


async def write_something(now: datetime) -> None:
    """Write one small row, the same one each time.

    Raises:
        Exception: whatever the driver says when the database cannot be written.
    """
    await fetch(
        "INSERT INTO seen_event (key, seen_at) VALUES ($1, $2) "
        "ON CONFLICT (key) DO UPDATE SET seen_at = excluded.seen_at RETURNING key",
        [_KEY, utc(now)],
    )
