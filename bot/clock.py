"""The real clocks: the machine's own, and that of serve, which somebody who sets the machine's does not surprise."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from domain.clock import Clock

    Hear = Callable[[timedelta], Awaitable[None]]

log = logging.getLogger(__name__)

MIN_CLOCK_STEP = timedelta(seconds=2)  # a smaller difference is taken over without a word: time servers make such
CLOCK_LOOK_INTERVAL = timedelta(seconds=1)  # between two looks at the machine's clock
_STEADY_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The present moment, UTC and aware."""
        return datetime.now(UTC)

    def steady(self) -> datetime:
        """A moment of the clock that nobody sets."""
        return _STEADY_EPOCH + timedelta(seconds=time.monotonic())

    async def sleep(self, pause: timedelta) -> None:
        """Wait for ``pause``."""
        await asyncio.sleep(max(0.0, pause.total_seconds()))


class FollowingClock:
    """Follows another clock, and says so before and after it takes over that somebody has set it.

    In between it goes on evenly, so nobody meets a moment that jumped. ``before`` hears the step while ``now`` is
    still the old time: what is stored and waits is moved along first. ``after`` hears it when ``now`` is the new time.
    """

    def __init__(self, source: Clock | None = None) -> None:
        self._source = source or SystemClock()
        self._ahead = self._source.now() - self._source.steady()
        self._before: list[Hear] = []
        self._after: list[Hear] = []

    def hear(self, *, before: Hear | None = None, after: Hear | None = None) -> None:
        """Tell these of each step from now on. One that fails is told again, before the step is taken over."""
        self._before += [before] if before else []
        self._after += [after] if after else []

    def now(self) -> datetime:
        """The present moment, UTC and aware."""
        return self._source.steady() + self._ahead

    def steady(self) -> datetime:
        """A moment of the clock that nobody sets."""
        return self._source.steady()

    async def sleep(self, pause: timedelta) -> None:
        """Wait for ``pause``."""
        await self._source.sleep(pause)

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            await self.sleep(CLOCK_LOOK_INTERVAL)
            try:
                await self.follow()
            except Exception:  # an edge: such as the database being away; the next look tries again
                log.exception("the machine's clock was set, and that could not be taken over yet")

    async def follow(self) -> None:
        """Take over what the source says now."""
        step = self._source.now() - self.now()
        if abs(step) < MIN_CLOCK_STEP:
            self._ahead += step
            return
        log.warning("the machine's clock was set", extra={"seconds": round(step.total_seconds())})
        for hear in self._before:
            await hear(step)
        self._ahead += step
        for hear in self._after:
            await hear(step)


class SteadyClock:
    """The steady side of a clock, for what measures durations alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """A moment of which only the difference from another one means anything."""
        return self._clock.steady()

    def steady(self) -> datetime:
        """The same."""
        return self._clock.steady()

    async def sleep(self, pause: timedelta) -> None:
        """Wait for ``pause``."""
        await self._clock.sleep(pause)
