"""Remembering answers of Slack for a short while, and asking only once at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable
    from datetime import datetime, timedelta

    from domain.clock import Clock

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")

MAX_CACHED = 20_000  # entries; more people than that do not talk to one bot within minutes


class Cached(Generic[K, V]):
    """Answers by key, each kept for ``lifetime``. Those who ask at the same time share one question.

    A failure is not kept: the next to ask tries again. ``forget`` also disowns a question under way, so that
    an answer from before the change is not kept after it.
    """

    def __init__(self, ask: Callable[[K], Awaitable[V]], *, clock: Clock, lifetime: timedelta) -> None:
        self._ask = ask
        self._clock = clock
        self._lifetime = lifetime
        self._kept: dict[K, tuple[datetime, V]] = {}
        self._asking: dict[K, asyncio.Task[V]] = {}

    async def get(self, key: K) -> V:
        """The answer for ``key``, at most ``lifetime`` old. Raises what the question raises."""
        kept = self._kept.get(key)
        if kept and self._clock.now() - kept[0] < self._lifetime:
            return kept[1]
        task = self._asking.get(key)
        if task is None:
            task = asyncio.create_task(self._fetch(key), name=f"ask about {key}")
            self._asking[key] = task
        return await asyncio.shield(task)  # whoever gives up waiting must not end it for the others

    def forget(self, key: K) -> None:
        """Drop what is known of ``key``."""
        self._kept.pop(key, None)
        self._asking.pop(key, None)

    def forget_all(self) -> None:
        """Drop everything."""
        self._kept.clear()
        self._asking.clear()

    async def _fetch(self, key: K) -> V:
        asked_at = self._clock.now()
        me = asyncio.current_task()
        try:
            answer = await self._ask(key)
            if self._asking.get(key) is me:
                self._keep(key, asked_at, answer)
        finally:
            if self._asking.get(key) is me:
                del self._asking[key]
        return answer

    def _keep(self, key: K, asked_at: datetime, answer: V) -> None:
        if len(self._kept) >= MAX_CACHED:
            self._kept.clear()
        self._kept[key] = (asked_at, answer)
