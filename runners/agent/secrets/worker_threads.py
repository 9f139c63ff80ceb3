"""Libraries that block, in threads of their own: never longer waited for than a limit, and never too many at once."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

T = TypeVar("T")

MAX_SECRET_THREADS = 8  # threads that one source may hold, those that nobody waits for any more included


class Threads:
    """Asks one source. A thread that hangs keeps its place, and is no reason for the process to stay."""

    def __init__(self, name: str, *, limit: timedelta) -> None:
        self._name = name
        self._limit = limit.total_seconds()
        self._places = asyncio.Semaphore(MAX_SECRET_THREADS)

    async def call(self, ask: Callable[[], T]) -> T:
        """The answer of ``ask``, carried out beside the event loop; what it raises is raised here.

        Raises:
            TimeoutError: the limit passed, in waiting for a place or for the answer.
        """
        async with asyncio.timeout(self._limit):
            await self._places.acquire()
            asked = _Asked(ask, self._places.release)
            try:
                threading.Thread(target=asked.run, name=self._name, daemon=True).start()
            except RuntimeError:  # the system gives no more threads
                self._places.release()
                raise
            return await asked.answer


class _Asked(Generic[T]):
    """One call under way, and the future that its end is told to."""

    def __init__(self, ask: Callable[[], T], release: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._ask = ask
        self._release = release
        self.answer: asyncio.Future[T] = self._loop.create_future()

    def run(self) -> None:
        try:
            result = self._ask()
        except Exception as error:  # noqa: BLE001 - an edge: raised again where it is waited for
            self._tell(partial(self.answer.set_exception, error))
        else:
            self._tell(partial(self.answer.set_result, result))

    def _tell(self, end: Callable[[], None]) -> None:
        def told() -> None:
            self._release()
            if not self.answer.done():
                end()

        with suppress(RuntimeError):  # the loop is closed: the agent has stopped
            self._loop.call_soon_threadsafe(told)
