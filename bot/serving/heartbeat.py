"""A sign of life for whoever watches from outside: it goes out only while every part of serve works."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import aiohttp

from bot.outgoing import outgoing_session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from bot.metrics import Metrics
    from domain.clock import Clock

log = logging.getLogger(__name__)

HEARTBEAT_TIMEOUT: Final = timedelta(seconds=20)  # for one request


class HeartbeatPinger:
    """Asks for a URL again and again. When it stops, somebody outside notices, whatever keeps us from telling."""

    def __init__(
        self,
        url: str,
        *,
        every: timedelta,
        ca: Path | None,
        health: Callable[[], Mapping[str, bool]],
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._url = url  # never logged: whoever knows it can say that we are alive
        self._every = every
        self._ca = ca  # the company's certificates
        self._health = health
        self._clock = clock
        self._metrics = metrics
        self._was_well = True

    async def run(self) -> None:
        """Beat until cancelled; it begins when the first interval is over, when every part has had time to start."""
        async with outgoing_session(ca=self._ca, timeout=HEARTBEAT_TIMEOUT) as session:
            while True:
                await self._clock.sleep(self._every)
                await self._beat(session)

    async def _beat(self, session: aiohttp.ClientSession) -> None:
        stopped = [name for name, works in self._health().items() if not works]
        if stopped:
            if self._was_well:
                log.error("heartbeat stops: a part of serve does not work", extra={"parts": ", ".join(stopped)})
            self._was_well = False
            self._metrics.heartbeats.labels("withheld").inc()
            return
        if not self._was_well:
            log.info("heartbeat goes on: every part works again")
        self._was_well = True
        await self._send(session)

    async def _send(self, session: aiohttp.ClientSession) -> None:
        try:
            async with session.get(self._url, allow_redirects=True) as answer:
                answer.raise_for_status()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            status = error.status if isinstance(error, aiohttp.ClientResponseError) else None
            log.warning("heartbeat did not arrive", extra={"error": type(error).__name__, "status": status})
            self._metrics.heartbeats.labels("failed").inc()
            return
        self._metrics.heartbeats.labels("sent").inc()
