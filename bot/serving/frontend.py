"""Everything that listens: Bolt over one of its two transports, and the small web server."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.outgoing import slack_client, trusted
from bot.requests.admission import Admission
from bot.requests.fallback import Fallback
from bot.requests.handler import RequestHandler
from bot.requests.home_tab import Home
from bot.requests.listeners import Listeners, build_app
from bot.requests.modals import Modals
from bot.requests.person_limits import PersonLimits
from bot.requests.task_pool import TaskPool
from bot.slack.connection import SocketConnection
from bot.slack.directory import SlackDirectory
from bot.slack.identity import SLACK_CALL_TIMEOUT
from commands.registry import Commands
from commands.services import Services

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_bolt.async_app import AsyncApp

    from bot.core import Core
    from bot.serving.engine import Engine
    from bot.serving.web import WebServer
    from bot.slack.clients import SlackSide

LAST_HOME_TIMEOUT = timedelta(seconds=3)  # for the Home tab that is being published
LAST_ANSWER_TIMEOUT = timedelta(seconds=3)  # for telling people that there is too much to do
MAX_BUSY_ANSWERS = 20  # answers at a time that say there is too much to do
DRAIN_TIMEOUT = timedelta(seconds=8)  # for requests that were acknowledged and not answered yet


@dataclass(frozen=True, kw_only=True)
class Front:
    """What people reach."""

    app: AsyncApp
    handler: RequestHandler
    home: Home
    task_pool: TaskPool
    web: WebServer
    connection: SocketConnection | None  # None: http mode


@asynccontextmanager
async def listening(core: Core, slack: SlackSide, engine: Engine, web: WebServer) -> AsyncIterator[Front]:
    """Listen until the block is left; then stop listening first, and finish what was acknowledged."""
    handler, task_pool = _handler(core, slack, engine), TaskPool()
    home = _home(core, slack, engine, handler)
    aside = TaskPool(most=MAX_BUSY_ANSWERS)
    app = _app(core, slack, handler, task_pool, aside, home)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_kept_right(core, engine, home))
        stack.push_async_callback(handler.commands.denials.flush)
        stack.push_async_callback(aside.close, limit=LAST_ANSWER_TIMEOUT)
        stack.push_async_callback(task_pool.close, limit=DRAIN_TIMEOUT)
        connection = None
        if core.settings.file.slack.mode == "socket":
            connection = await _connect(stack, core, slack, app)
        else:
            await stack.enter_async_context(web.answering(app))
        core.metrics.at_work.set_function(lambda: len(task_pool))
        yield Front(app=app, handler=handler, home=home, task_pool=task_pool, web=web, connection=connection)


def _handler(core: Core, slack: SlackSide, engine: Engine) -> RequestHandler:
    services = Services(
        access=core.access,
        inventory=core.inventory,
        dispatcher=engine.dispatcher,
        directory=SlackDirectory(slack.people, core.access),
        channels=slack.channels,
        publisher=engine.publisher,
        previews=engine.previews,
        clock=core.clock,
        slash=core.settings.file.slack.command,
    )
    door, commands = Admission(slack.identity.team, slack.people, core.access), Commands(services)
    return RequestHandler(
        door=door,
        commands=commands,
        modals=Modals(
            slack.asking,
            forms=commands.forms,
            denials=commands.denials,
            admitted=door.admitted,
            view=engine.renderer.view,
        ),
        channels=slack.channels,
        renderer=engine.renderer,
        clock=core.clock,
        metrics=core.metrics,
        fallback=Fallback(slack.posting, slack.session),
        limits=PersonLimits(core.clock),
        wake=engine.deliverer.wake,
    )


def _home(core: Core, slack: SlackSide, engine: Engine, handler: RequestHandler) -> Home:
    return Home(
        slack.asking,
        admitted=handler.door.admitted,
        access=core.access,
        view=engine.renderer.home,
        clock=core.clock,
        slash=core.settings.file.slack.command,
    )


@asynccontextmanager
async def _kept_right(core: Core, engine: Engine, home: Home) -> AsyncIterator[None]:
    """Let the Home tabs hear of every run, until the block is left."""
    engine.hearers.append(home.changed)
    core.background.start(home.run(), name="home")
    try:
        yield
    finally:
        core.background.may_end("home")
        home.stop()
        await core.background.finish("home", limit=LAST_HOME_TIMEOUT)


def _app(
    core: Core, slack: SlackSide, handler: RequestHandler, task_pool: TaskPool, aside: TaskPool, home: Home
) -> AsyncApp:
    command = core.settings.file.slack.command
    listeners = Listeners(
        identity=slack.identity,
        handler=handler,
        home=home,
        people=slack.people,
        channels=slack.channels,
        task_pool=task_pool,
        aside=aside,
        metrics=core.metrics,
        modals=handler.modals,
    )
    secret = core.settings.secrets.signing_secret.get_secret_value()
    return build_app(listeners, client=slack.asking, signing_secret=secret, command=command)


async def _connect(stack: AsyncExitStack, core: Core, slack: SlackSide, app: AsyncApp) -> SocketConnection:
    client = slack_client(
        core.settings.secrets.app_token.get_secret_value(),
        api_url=core.settings.file.slack.api_url,
        timeout=SLACK_CALL_TIMEOUT,
        session=slack.session,
    )
    connection = SocketConnection(
        app, client, trusted=trusted(core.settings.company_ca), clock=core.clock, metrics=core.metrics
    )
    stack.push_async_callback(connection.close)
    await connection.open()
    return connection
