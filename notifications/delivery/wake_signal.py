"""Waiting for the clock or for somebody to ring, whichever comes first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from domain.clock import Clock


class WakeSignal:
    """Rung from anywhere; waited for by one. Others may wait until the one who waits has come to rest."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()
        self._at_rest = asyncio.Event()

    def ring(self) -> None:
        """End the waiting, now or when it next begins."""
        self._at_rest.clear()
        self._rung.set()

    async def quiet(self) -> None:
        """Wait until the one who waits is at rest."""
        await self._at_rest.wait()

    async def wait(self, *, until: datetime, at_rest: bool) -> None:
        """Wait for a ring or for the moment ``until``; ``at_rest`` tells those who wait for quiet."""
        if at_rest and not self._rung.is_set():
            self._at_rest.set()
        alarm = asyncio.create_task(self._clock.sleep(until - self._clock.now()), name="alarm")
        ring = asyncio.create_task(self._rung.wait(), name="ring")
        try:
            await asyncio.wait({alarm, ring}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            alarm.cancel()
            ring.cancel()
            self._at_rest.clear()
            self._rung.clear()
