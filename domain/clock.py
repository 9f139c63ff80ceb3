"""What the rooms know of time: they are handed a clock, so that tests can move it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime, timedelta


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """The present moment, UTC and aware."""
        ...

    async def sleep(self, pause: timedelta) -> None:
        """Wait for ``pause``; a pause of zero or less lets other tasks run once."""
        ...
