"""The real clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The present moment, UTC and aware."""
        return datetime.now(UTC)

    async def sleep(self, pause: timedelta) -> None:
        """Wait for ``pause``."""
        await asyncio.sleep(max(0.0, pause.total_seconds()))
