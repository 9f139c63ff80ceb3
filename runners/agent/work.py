"""The agent's work: captures come in, wait for their turn, are carried out, and each ends in one report."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from domain.failures import DeviceError, FailureKind
from runners.agent.capture_queue import CaptureQueue
from runners.wire.messages import Cancel, Capture, Heartbeat, Hello

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from runners.agent.attempts import Attempts
    from runners.agent.settings import AgentSettings
    from runners.wire.messages import Captured, Failed, FromAgent, ToAgent

log = logging.getLogger(__name__)

MAX_AGENT_QUEUE = 10_000  # captures; then messages wait in the socket


class Work:
    """Takes messages, and starts captures as fast as the limits allow."""

    def __init__(
        self, settings: AgentSettings, attempts: Attempts, send: Callable[[FromAgent], Awaitable[None]]
    ) -> None:
        self._settings = settings
        self._attempts = attempts
        self._send = send
        self._queue = CaptureQueue(
            concurrency=settings.concurrency, per_site=settings.per_site, site_limits=settings.site_limits
        )
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._cancellable: dict[int, bool] = {}  # runs without a report yet -> whether they were cancelled
        self._is_stopping = False
        self._has_room = asyncio.Event()
        self._has_room.set()

    @property
    def running(self) -> tuple[int, ...]:
        """The runs that are being carried out."""
        return tuple(self._tasks)

    def hello(self) -> Hello:
        """Who this agent is."""
        return Hello(agent=self._settings.name, concurrency=self._settings.concurrency, running=self.running)

    def heartbeat(self) -> Heartbeat:
        """That it is still there."""
        return Heartbeat(agent=self._settings.name, running=self.running)

    async def take(self, message: ToAgent) -> None:
        """Deal with one message; waits while the queue is full."""
        match message:
            case Capture():
                await self._take_capture(message)
            case Cancel():
                await self._take_cancel(message.run)

    async def stop(self) -> None:
        """Close every session; nothing more is started or reported."""
        self._is_stopping = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _take_capture(self, job: Capture) -> None:
        if not self._settings.serves(job.site):
            refusal = DeviceError(FailureKind.WRONG_SITE, f"agent {self._settings.name} does not serve {job.site}")
            await self._send(self._attempts.failed(job, refusal))
            return
        await self._has_room.wait()
        self._queue.add(job)
        self._fill()

    async def _take_cancel(self, run: int) -> None:
        await asyncio.sleep(0)  # a task cancelled before its first step would never report
        if run in self._cancellable:
            self._cancellable[run] = True
            self._tasks[run].cancel()
            return
        job = self._queue.remove(run)
        if job:
            await self._send(self._attempts.failed(job, DeviceError(FailureKind.CANCELLED)))
            self._fill()

    def _fill(self) -> None:
        """Start what may start now."""
        while not self._is_stopping and (job := self._queue.next()):
            task = asyncio.create_task(self._carry_out(job), name=f"run {job.run}")
            self._tasks[job.run] = task
        if len(self._queue) < MAX_AGENT_QUEUE:
            self._has_room.set()
        else:
            self._has_room.clear()

    async def _carry_out(self, job: Capture) -> None:
        """One run from its first attempt to its report."""
        try:
            await self._send(await self._report(job))
        except ConnectionError:
            log.info("serve is gone, the result stays unsent", extra={"run": job.run})
        finally:
            del self._tasks[job.run]
            self._queue.done(job)
            self._fill()

    async def _report(self, job: Capture) -> Captured | Failed:
        progress = self._attempts.begin(job)
        self._cancellable[job.run] = False
        try:
            return await self._attempts.carry_out(job, progress)
        except asyncio.CancelledError:
            if not self._cancellable[job.run]:  # the agent itself is being stopped
                raise
            return self._attempts.failed(job, DeviceError(FailureKind.CANCELLED), progress)
        finally:
            del self._cancellable[job.run]
