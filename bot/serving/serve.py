"""The one place that wires: from the settings to a bot that listens, and back to nothing in good order."""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.clock import SystemClock
from bot.core import core_of
from bot.serving.engine import engine_of
from bot.serving.frontend import listening
from bot.serving.heartbeat import HeartbeatPinger
from bot.serving.timetable import Timetable
from bot.slack.clients import slack_side
from storage.database.opening import StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.core import Core
    from bot.serving.engine import Engine
    from bot.serving.frontend import Front
    from bot.settings.loading import Settings
    from bot.slack.clients import SlackSide
    from domain.clock import Clock
    from runners.transport.base import Transport

log = logging.getLogger(__name__)

LEASE_INTERVAL = timedelta(seconds=5)  # from one look at whether the database is still ours to the next
STOP_TIMEOUT = timedelta(seconds=40)  # for the whole stop; afterwards it is ended by force


@dataclass(frozen=True, kw_only=True)
class Serve:
    """A bot that runs, part by part. Leave ``serving`` to stop it."""

    core: Core
    slack: SlackSide
    engine: Engine
    front: Front
    timetable: Timetable

    async def settled(self) -> None:
        """Wait until everything that came in is dealt with, announced and delivered. For tests."""
        await self.front.task_pool.settled()
        await self.engine.dispatcher.settled()
        await self.engine.deliverer.settled()


@asynccontextmanager
async def serving(
    settings: Settings, *, clock: Clock | None = None, transport: Transport | None = None, keeps_time: bool = True
) -> AsyncIterator[Serve]:
    """The whole bot, running until the block is left.

    It stops in the opposite order: the timetable, listening, the requests under way, the runs (a short while is
    left to those in progress) with the agents, delivery after the message in hand, archive, database.

    Args:
        settings: what to serve.
        clock: the machine's own if None; tests hand in one that they move.
        transport: how agents are reached, if not as the settings say.
        keeps_time: whether the timetable ticks by itself; a test that moves the clock ticks for it.

    Raises:
        SettingsError: a token is not good, or an address cannot be listened on.
        SlackTrouble: Slack could not be asked who we are.
        StorageError, ArchiveError: the database or the archive cannot be used.
    """
    async with AsyncExitStack() as stack:
        core = await stack.enter_async_context(core_of(settings, clock=clock or SystemClock()))
        slack = await stack.enter_async_context(slack_side(core))
        engine = await stack.enter_async_context(engine_of(core, slack, transport))
        front = await stack.enter_async_context(listening(core, slack, engine))
        core.background.start(core.metrics.watch_loop(), name="loop lag")
        core.background.start(_keep_lease(core), name="lease")
        timetable = Timetable(core, engine, front.connection)
        await timetable.look_through_archive()
        if keeps_time:
            timetable.start()
            stack.callback(timetable.stop)
            front.health.parts["timetable"] = lambda: timetable.is_running
            front.health.parts["digests"] = lambda: timetable.brings_digests
            _start_heartbeat(core, front)
        log.info("serving", extra={"devices": len(core.inventory.devices), "web": front.web.url})
        yield Serve(core=core, slack=slack, engine=engine, front=front, timetable=timetable)
        log.info("stopping")


async def _keep_lease(core: Core) -> None:
    """Notice within seconds when another process has taken over: then this one has to end."""
    while True:
        await asyncio.sleep(LEASE_INTERVAL.total_seconds())
        try:
            await core.lease.check()
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 - the database is away: nobody else can have it either
            log.warning("the database did not answer", extra={"error": type(error).__name__})


def _start_heartbeat(core: Core, front: Front) -> None:
    section, url = core.settings.file.heartbeat, core.settings.secrets.heartbeat.get_secret_value()
    if section is None or not url:
        return
    heartbeat = HeartbeatPinger(
        url, every=section.every, health=front.health.report, clock=core.clock, metrics=core.metrics
    )
    core.background.start(heartbeat.run(), name="heartbeat")


async def serve_until_stopped(settings: Settings) -> bool:
    """Serve until SIGTERM or SIGINT; a second one ends the process at once.

    Returns:
        True if it was asked to stop; False if a part broke, so that whatever supervises it starts it anew.
    """
    stop = _stop_on_signals()
    body = asyncio.create_task(_body(settings, stop), name="serve")
    asked = asyncio.create_task(stop.wait(), name="signal")
    await asyncio.wait({body, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    _, late = await asyncio.wait({body}, timeout=STOP_TIMEOUT.total_seconds())
    if late:
        log.error("stopping took too long, ended by force", extra={"limit": str(STOP_TIMEOUT)})
        body.cancel()
        await asyncio.wait({body}, timeout=5)
        return False
    return body.result()


async def _body(settings: Settings, stop: asyncio.Event) -> bool:
    async with serving(settings) as serve:
        deferred = [asyncio.create_task(event.wait()) for event in (stop, serve.core.background.broken)]
        await asyncio.wait(deferred, return_when=asyncio.FIRST_COMPLETED)
        for wait in deferred:
            wait.cancel()
        return not serve.core.background.broken.is_set()


def _stop_on_signals() -> asyncio.Event:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def asked() -> None:
        stop.set()
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(one)

    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, asked)
    return stop
