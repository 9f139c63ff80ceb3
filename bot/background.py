"""Tasks that live as long as serve: none may end unnoticed."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine

log = logging.getLogger(__name__)


class Background:
    """Runs tasks until ``close``. One that ends by itself is a fault: ``broken`` is set, and serve stops.

    Stopping is the honest answer: whatever supervises serve starts it anew, and it recovers from the database.
    """

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._is_closing = False
        self.broken = asyncio.Event()

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        """Run ``work`` in the background."""
        task = asyncio.create_task(work, name=name)
        self._tasks[name] = task
        task.add_done_callback(self._ended)

    def runs(self, name: str) -> bool:
        """Whether this task is still at it."""
        return name in self._tasks and not self._tasks[name].done()

    async def end(self, name: str) -> None:
        """End one task, and wait until it has ended."""
        task = self._tasks.pop(name, None)
        if task is None:
            return
        task.remove_done_callback(self._ended)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def close(self) -> None:
        """End every task."""
        self._is_closing = True
        for name in list(self._tasks):
            await self.end(name)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._is_closing:
            return
        error = None if task.cancelled() else task.exception()
        log.error("a part of serve ended by itself", exc_info=error, extra={"part": task.get_name()})
        self.broken.set()
