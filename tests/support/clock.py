"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count


class MovedClock:
    """Stands at ``start`` until ``advance`` moves it; sleepers wake in the order of their times."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._set_by = timedelta(0)
        self._order = count()
        self._sleepers: list[tuple[datetime, int, asyncio.Event]] = []

    def now(self) -> datetime:
        """The moment that the test has set."""
        return self._now + self._set_by

    def steady(self) -> datetime:
        """As if nobody had ever set it."""
        return self._now

    def set_by(self, step: timedelta) -> None:
        """Somebody sets the clock, forward or back: no time goes by."""
        self._set_by += step

    async def sleep(self, pause: timedelta) -> None:
        """Wait until the test has moved the clock by ``pause``."""
        if pause <= timedelta(0):
            await asyncio.sleep(0)
            return
        wake = asyncio.Event()
        heapq.heappush(self._sleepers, (self._now + pause, next(self._order), wake))
        await wake.wait()

    async def advance(self, step: timedelta) -> None:
        """Move the clock, stopping at each sleeper's time so that chains of sleeps play out in order."""
        end = self._now + step
        while self._sleepers and self._sleepers[0][0] <= end:
            self._now, _, wake = heapq.heappop(self._sleepers)
            wake.set()
            for _ in range(20):  # let the woken task, and what it wakes, come to rest
                await asyncio.sleep(0)
        self._now = end
        await asyncio.sleep(0)
