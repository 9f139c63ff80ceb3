"""Tasks that live as long as serve: none may end unnoticed."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import timedelta

log = logging.getLogger(__name__)


class Background:
    """Runs tasks until ``close``. One that ends by itself is a fault: ``broken`` is set, and serve stops.

    Stopping is the honest answer: whatever supervises serve starts it anew, and it recovers from the database.
    """

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.broken = asyncio.Event()

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        """Run ``work`` in the background."""
        task = asyncio.create_task(work, name=name)
        self._tasks[name] = task
        task.add_done_callback(self._ended)

    def runs(self, name: str) -> bool:
        """Whether this task is still at it."""
        return name in self._tasks and not self._tasks[name].done()

    def may_end(self, name: str) -> None:
        """From now on the end of this task is no fault: it was asked to stop."""
        self._tasks[name].remove_done_callback(self._ended)

    async def finish(self, name: str, *, limit: timedelta) -> None:
        """Let one task, which was asked to stop, come to its end; after ``limit`` it is ended by force."""
        task = self._tasks.pop(name)
        task.remove_done_callback(self._ended)  # harmless when may_end did it already
        await asyncio.wait({task}, timeout=limit.total_seconds())
        if not task.done():
            log.warning("a part of serve was cut off at the end", extra={"part": name})
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def close(self) -> None:
        """End every task."""
        for task in self._tasks.values():
            task.remove_done_callback(self._ended)
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        log.error("a part of serve ended by itself", exc_info=error, extra={"part": task.get_name()})
        self.broken.set()
