"""What stands in the database, for tests that look behind the queries of the product."""

from __future__ import annotations

from storage.tables.core import OutboxRow
from storage.tables.events import TroubleRow


async def refusal_of(key: str) -> str | None:
    """Why the message of this key was given up; None: it was not."""
    row = await OutboxRow.get_or_none(key=key)
    return row.refusal if row else None


async def trouble_of(device: str) -> TroubleRow | None:
    """How this device has fared; None: it never failed."""
    return await TroubleRow.get_or_none(device=device)
