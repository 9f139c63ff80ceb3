"""A child process that is kept alive: started again, with growing pauses, whenever it dies."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.clock import Clock

log = logging.getLogger(__name__)

RESTART_FIRST_PAUSE = timedelta(milliseconds=200)  # before a child that died is started again
RESTART_MAX_PAUSE = timedelta(seconds=30)  # the longest such pause
_STEADY = timedelta(minutes=1)  # a child that lived this long begins with the first pause again
CHILD_STOP_TIMEOUT = 5  # seconds to end politely


class Child:
    """One agent's process."""

    def __init__(
        self, name: str, command: Sequence[str], *, clock: Clock, environment: Mapping[str, str] | None = None
    ) -> None:
        self._name = name
        self._command = command
        self._clock = clock
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._is_stopping = False

    @property
    def pid(self) -> int | None:
        """The process that is running now; None: none is."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def start(self) -> None:
        """Begin to keep the child alive."""
        self._keeper = asyncio.create_task(self._keep(), name=f"child {self._name}")

    async def stop(self) -> None:
        """End the child: it ends by itself when its socket closes, is asked to after that, and then killed."""
        self._is_stopping = True
        process = self._process
        if process and process.returncode is None:
            await self._end(process)
        if self._keeper:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if await _has_ended(process):
            return
        process.terminate()
        if await _has_ended(process):
            return
        process.kill()
        await process.wait()

    async def _keep(self) -> None:
        pause = RESTART_FIRST_PAUSE
        while not self._is_stopping:
            began = self._clock.steady()
            await self._live()
            pause = (
                RESTART_FIRST_PAUSE if self._clock.steady() - began >= _STEADY else min(pause * 2, RESTART_MAX_PAUSE)
            )
            if not self._is_stopping:
                await self._clock.sleep(pause)

    async def _live(self) -> None:
        """Start the process and wait for its end."""
        facts: dict[str, object] = {"agent": self._name}
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.DEVNULL, env=self._environment
            )
        except OSError as error:
            log.error("agent could not be started", extra=facts | {"error": repr(error)})  # noqa: TRY400 - no traceback
            return
        log.info("agent process started", extra=facts | {"pid": self._process.pid})
        status = await self._process.wait()
        if not self._is_stopping:
            log.warning("agent process died", extra=facts | {"status": status})


async def _has_ended(process: asyncio.subprocess.Process) -> bool:
    try:
        async with asyncio.timeout(CHILD_STOP_TIMEOUT):
            await process.wait()
    except TimeoutError:
        return False
    return True
