"""Work that was acknowledged and is still to be done: every task is held, counted, and drained at the end."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import timedelta

log = logging.getLogger(__name__)


class TaskPool:
    """Does what is handed in, each in a task of its own. One crash is logged and stops nobody else."""

    def __init__(self, *, most: int = 500) -> None:
        self._most = most
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def __len__(self) -> int:
        return len(self._tasks)

    def hand_in(self, work: Coroutine[Any, Any, None], *, name: str) -> bool:
        """Take ``work`` on, or refuse when too much is under way or the task pool is closed."""
        if self._closed or len(self._tasks) >= self._most:
            work.close()
            log.warning("work refused", extra={"work": name, "under_way": len(self._tasks)})
            return False
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return True

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self, *, limit: timedelta) -> None:
        """Take nothing more, finish what is under way, and end by force what takes longer than ``limit``."""
        self._closed = True
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=limit.total_seconds())
        for task in late:
            task.cancel()
        if late:
            log.warning("work cut off at the end", extra={"count": len(late)})
            await asyncio.wait(late)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            log.error("work crashed", exc_info=task.exception(), extra={"work": task.get_name()})
