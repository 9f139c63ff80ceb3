"""What the rooms know of time: they are handed a clock, so that tests can move it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime, timedelta


class Clock(Protocol):
    """Tells the time and waits.

    ``now`` is for moments that people or the database see. It is set by people and by time servers, forward and back:
    how long something takes, or is left alone, is measured by ``steady``.
    """

    def now(self) -> datetime:
        """The present moment, UTC and aware."""
        ...

    def steady(self) -> datetime:
        """A moment of a clock that nobody sets: only the difference of two of them means anything."""
        ...

    async def sleep(self, pause: timedelta) -> None:
        """Wait for ``pause``; a pause of zero or less lets other tasks run once."""
        ...
