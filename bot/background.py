"""Tasks that live as long as serve: none may end unnoticed."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, TypeVar

from domain.errors import LastgoodError

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import timedelta

log = logging.getLogger(__name__)


T = TypeVar("T")


class PartBroke(LastgoodError):
    """Something that lives as long as serve has ended by itself."""

    def __init__(self) -> None:
        super().__init__("a part of serve ended by itself")


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

    async def unless_broken(self, work: Coroutine[Any, Any, T]) -> T:
        """What ``work`` gives.

        Raises:
            PartBroke: a part of serve ended by itself before that.
        """
        task, broken = asyncio.ensure_future(work), asyncio.create_task(self.broken.wait())
        try:
            await asyncio.wait((task, broken), return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise PartBroke
            return task.result()
        finally:
            broken.cancel()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

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
