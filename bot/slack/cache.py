"""Remembering answers of Slack for a short while, and asking only once at a time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Generic, TypeVar

from domain.errors import SlackTrouble

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable
    from datetime import datetime, timedelta

    from domain.clock import Clock

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")

MAX_CACHED = 20_000  # entries; more people than that do not talk to one bot within minutes
_moments = count(1)


def next_moment() -> int:
    """A number that is higher than all before: it tells which came first, whatever clocks do."""
    return next(_moments)


@dataclass(frozen=True, slots=True)
class Answered(Generic[V]):
    """An answer, with when it was asked for: by the clock, and in the order of ``next_moment``."""

    value: V
    asked_at: datetime
    moment: int


class Cached(Generic[K, V]):
    """Answers by key, each kept for ``lifetime``. Those who ask at the same time share one question.

    A failure is not kept: the next to ask tries again. ``forget`` also disowns a question under way, so that
    an answer from before the change is not kept after it.
    """

    def __init__(
        self,
        ask: Callable[[K], Awaitable[V]],
        *,
        clock: Clock,
        lifetime: timedelta,
        renewal: timedelta | None = None,
        timeout: timedelta | None = None,
    ) -> None:
        """Ask with ``ask``.

        Args:
            ask: gives the answer to a key.
            clock: tells how old an answer is.
            lifetime: an answer of this age is not given any more.
            renewal: an answer of this age is still given, and asked for again in the background.
            timeout: nobody waits longer; the question goes on, and whoever asks later has its answer.
        """
        self._ask = ask
        self._clock = clock
        self._lifetime = lifetime
        self._renewal = renewal
        self._timeout = timeout
        self._kept: dict[K, Answered[V]] = {}
        self._outdated: set[K] = set()
        self._asking: dict[K, asyncio.Task[Answered[V]]] = {}

    async def get(self, key: K) -> V:
        """The answer for ``key``, at most ``lifetime`` old. Raises what the question raises."""
        return (await self.answered(key)).value

    async def answered(self, key: K) -> Answered[V]:
        """The same, with when it was asked. Raises what the question raises, and ``SlackTrouble`` after the timeout."""
        kept = self.known(key)
        if kept is not None and key not in self._outdated:
            self._renew(key, kept)
            return kept
        try:
            return await self._awaited(key)
        except SlackTrouble:
            if kept is None:
                raise
            return kept

    def known(self, key: K) -> Answered[V] | None:
        """What is known of ``key`` without asking; also what is outdated."""
        kept = self._kept.get(key)
        return kept if kept and self._clock.now() - kept.asked_at < self._lifetime else None

    def outdate(self, key: K) -> None:
        """Ask anew before ``key`` is answered. What was known still counts while Slack cannot be asked."""
        self._asking.pop(key, None)
        if key in self._kept:
            self._outdated.add(key)

    def outdate_all(self) -> None:
        """The same for everything."""
        self._asking.clear()
        self._outdated.update(self._kept)

    def forget(self, key: K) -> None:
        """Drop what is known of ``key``."""
        self._kept.pop(key, None)
        self._asking.pop(key, None)
        self._outdated.discard(key)

    def forget_all(self) -> None:
        """Drop everything."""
        self._kept.clear()
        self._asking.clear()
        self._outdated.clear()

    def _renew(self, key: K, kept: Answered[V]) -> None:
        if self._renewal is not None and self._clock.now() - kept.asked_at >= self._renewal:
            self._question(key)

    async def _awaited(self, key: K) -> Answered[V]:
        task = self._question(key)
        limit = self._timeout.total_seconds() if self._timeout else None
        done, _ = await asyncio.wait({task}, timeout=limit)  # whoever gives up must not end it for the others
        if not done:
            raise SlackTrouble(f"no answer in time about {key}")
        return task.result()

    def _question(self, key: K) -> asyncio.Task[Answered[V]]:
        task = self._asking.get(key)
        if task is None:
            task = asyncio.create_task(self._fetch(key), name=f"ask about {key}")
            task.add_done_callback(_noticed)
            self._asking[key] = task
        return task

    async def _fetch(self, key: K) -> Answered[V]:
        asked_at, moment = self._clock.now(), next_moment()
        me = asyncio.current_task()
        try:
            answer = Answered(await self._ask(key), asked_at, moment)
            if self._asking.get(key) is me:
                self._keep(key, answer)
        finally:
            if self._asking.get(key) is me:
                del self._asking[key]
        return answer

    def _keep(self, key: K, answer: Answered[V]) -> None:
        if len(self._kept) >= MAX_CACHED:
            self._kept.clear()
            self._outdated.clear()
        self._kept[key] = answer
        self._outdated.discard(key)


def _noticed(task: asyncio.Task[Answered[V]]) -> None:
    """A question that fails while nobody waits for it is no error: the next one to ask tries again."""
    if not task.cancelled():
        task.exception()
