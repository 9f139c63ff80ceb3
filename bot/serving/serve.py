"""The one place that wires: from the settings to a bot that listens, and back to nothing in good order."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.clock import FollowingClock
from bot.core import core_of
from bot.metrics import Metrics
from bot.serving.clock_steps import follow_machine_clock, recount
from bot.serving.engine import engine_of
from bot.serving.frontend import listening
from bot.serving.heartbeat import HeartbeatPinger
from bot.serving.storage_watch import StorageWatch
from bot.serving.timetable import Timetable
from bot.serving.web import HealthChecks, WebServer
from bot.signals import stop_on_signals
from bot.slack.clients import slack_side
from storage.database.opening import StorageAway, StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.core import Core
    from bot.serving.engine import Engine
    from bot.serving.frontend import Front
    from bot.settings.loading import Settings
    from bot.slack.clients import SlackSide
    from bot.slack.connection import SocketConnection
    from domain.clock import Clock
    from runners.transport.base import Transport

log = logging.getLogger(__name__)

LEASE_INTERVAL = timedelta(seconds=5)  # from one look at whether the database is still ours to the next
DATABASE_AWAY_FIRST_PAUSE = timedelta(seconds=1)  # between two tries at the start; doubles with each
DATABASE_AWAY_MAX_PAUSE = timedelta(seconds=30)  # the longest such pause
STOP_TIMEOUT = timedelta(seconds=40)  # for the whole stop; afterwards it is ended by force


@dataclass(frozen=True, kw_only=True)
class Serve:
    """A bot that runs, part by part. Leave ``serving`` to stop it."""

    core: Core
    slack: SlackSide
    engine: Engine
    front: Front
    timetable: Timetable
    health: HealthChecks

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

    A database that is away at the start is waited for. So is Slack, while schedules run and messages wait.

    It stops in the opposite order: the timetable, listening, the requests under way, the runs (a short while is
    left to those in progress) with the agents, delivery after the message in hand, archive, database.

    Args:
        settings: what to serve.
        clock: one that follows the machine's own if None; tests hand in one that they move.
        transport: how agents are reached, if not as the settings say.
        keeps_time: whether the timetable ticks by itself; a test that moves the clock ticks for it.

    Raises:
        SettingsError: a token is not good, or an address cannot be listened on.
        StorageError, ArchiveError: the database or the archive cannot be used.
        PartBroke: something ended by itself while Slack was waited for.
    """
    async with AsyncExitStack() as stack:
        metrics, health = Metrics(), _expected(settings, keeps_time=keeps_time)
        web = await _watched(stack, settings, health, metrics)
        core = await _core_patiently(stack, settings, clock or FollowingClock(), metrics)
        await recount(core)
        storage = await _watched_storage(core, health)
        slack = await stack.enter_async_context(slack_side(core))
        engine = await stack.enter_async_context(engine_of(core, slack, transport))
        _report(health, core, engine)
        core.background.start(metrics.watch_loop(), name="loop lag")
        core.background.start(_keep_lease(core), name="lease")
        timetable = Timetable(core, engine, storage)
        await timetable.look_through_archive()
        follow_machine_clock(core, engine, timetable)
        if keeps_time:
            _start(stack, timetable, health)
        await core.background.unless_broken(slack.introduced(core.clock))
        front = await stack.enter_async_context(listening(core, slack, engine, web))
        stack.callback(timetable.stop)  # before listening stops
        _look_after(front.connection, timetable, health)
        _start_heartbeat(core, health)
        log.info("serving", extra={"devices": len(core.inventory.devices), "web": web.url})
        yield Serve(core=core, slack=slack, engine=engine, front=front, timetable=timetable, health=health)
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


def _expected(settings: Settings, *, keeps_time: bool) -> HealthChecks:
    """All that has to work before serve is ready; nothing of it is there yet."""
    names = ["storage", "archive", "delivery", "runs"]
    names += ["agents"] if settings.file.devices else []
    names += ["timetable", "digests"] if keeps_time else []
    return HealthChecks.expecting(*names, "slack accepts us", "slack")


async def _watched(stack: AsyncExitStack, settings: Settings, health: HealthChecks, metrics: Metrics) -> WebServer:
    """Whoever watches serve is answered from here on, whatever it still waits for."""
    web = WebServer(settings.file.http, health=health, metrics=metrics)
    await web.open()
    stack.push_async_callback(web.close)
    return web


async def _core_patiently(stack: AsyncExitStack, settings: Settings, clock: Clock, metrics: Metrics) -> Core:
    """Database and archive, as soon as the database can be used."""
    pause = DATABASE_AWAY_FIRST_PAUSE
    while True:
        try:
            return await stack.enter_async_context(core_of(settings, clock=clock, metrics=metrics))
        except StorageAway as error:
            log.error(  # noqa: TRY400 - it says all that is known
                "the database cannot be used, trying again",
                extra={"error": str(error), "next_try_in": pause.total_seconds()},
            )
        await clock.sleep(pause)
        pause = min(pause * 2, DATABASE_AWAY_MAX_PAUSE)


async def _watched_storage(core: Core, health: HealthChecks) -> StorageWatch:
    storage = StorageWatch(core.settings, clock=core.clock, metrics=core.metrics)
    await storage.tick()
    health.parts["storage"] = lambda: storage.works
    return storage


def _report(health: HealthChecks, core: Core, engine: Engine) -> None:
    health.parts["delivery"] = lambda: core.background.runs("delivery")
    health.parts["slack accepts us"] = lambda: engine.deliverer.is_accepted
    core.metrics.accepted.set_function(lambda: engine.deliverer.is_accepted)
    health.parts["archive"] = lambda: engine.archive_watch.is_whole
    health.parts["runs"] = lambda: core.background.runs("runs")
    if core.inventory.devices:
        health.parts["agents"] = lambda: any(agent.connected_since for agent in engine.dispatcher.agents())


def _start(stack: AsyncExitStack, timetable: Timetable, health: HealthChecks) -> None:
    timetable.start()
    stack.callback(timetable.stop)
    health.parts["timetable"] = lambda: timetable.is_running
    health.parts["digests"] = lambda: timetable.brings_digests


def _look_after(connection: SocketConnection | None, timetable: Timetable, health: HealthChecks) -> None:
    if connection is None:  # http mode: Slack has answered, and comes to us
        health.parts["slack"] = lambda: True
        return
    timetable.keep_alive(connection)
    health.parts["slack"] = lambda: connection.is_alive


def _start_heartbeat(core: Core, health: HealthChecks) -> None:
    section, url = core.settings.file.heartbeat, core.settings.secrets.heartbeat.get_secret_value()
    if section is None or not url:
        return
    heartbeat = HeartbeatPinger(
        url,
        every=section.every,
        ca=core.settings.company_ca,
        health=health.report,
        clock=core.clock,
        metrics=core.metrics,
    )
    core.background.start(heartbeat.run(), name="heartbeat")


async def serve_until_stopped(settings: Settings) -> bool:
    """Serve until SIGTERM or SIGINT; a second one ends the process at once.

    Returns:
        True if it was asked to stop; False if a part broke, so that whatever supervises it starts it anew.
    """
    stop, started = stop_on_signals(), asyncio.Event()
    body = asyncio.create_task(_body(settings, stop, started), name="serve")
    asked = asyncio.create_task(stop.wait(), name="signal")
    await asyncio.wait({body, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    was_waiting = not body.done() and not started.is_set()
    if was_waiting:  # for the database, or for Slack
        body.cancel()
    _, late = await asyncio.wait({body}, timeout=STOP_TIMEOUT.total_seconds())
    if late:
        log.error("stopping took too long, ended by force", extra={"limit": str(STOP_TIMEOUT)})
        body.cancel()
        await asyncio.wait({body}, timeout=5)
        return False
    return was_waiting if body.cancelled() else body.result()


async def _body(settings: Settings, stop: asyncio.Event, started: asyncio.Event) -> bool:
    async with serving(settings) as serve:
        started.set()
        deferred = [asyncio.create_task(event.wait()) for event in (stop, serve.core.background.broken)]
        await asyncio.wait(deferred, return_when=asyncio.FIRST_COMPLETED)
        for wait in deferred:
            wait.cancel()
        return not serve.core.background.broken.is_set()
