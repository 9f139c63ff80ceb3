"""What carries runs out and tells people: dispatcher, agents, announcing, delivery."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.serving.agents import local_transport
from bot.serving.notifiers import notifiers_of
from bot.serving.salt import installation_salt
from notifications.alerts.overdue_watch import OverdueWatch
from notifications.delivery.deliverer import Deliverer
from notifications.delivery.leak_guard import LeakGuard
from notifications.digests.composer import Digester
from notifications.graphs.drawing_process import DrawingProcess
from notifications.previews import Previews
from notifications.rendering.renderer import Renderer
from runners.dispatcher import Dispatcher
from runners.due_jobs import DueJobs
from runners.supervision.archive_watch import ArchiveWatch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from bot.core import Core
    from bot.slack.clients import SlackSide
    from domain.runs.run import Run
    from notifications.events.deferred import DeferredEvents
    from notifications.events.publisher import EventPublisher
    from runners.state.announcements import Announce
    from runners.transport.base import Transport

LAST_SEND_TIMEOUT = timedelta(seconds=10)  # for the message in hand when serve is stopped


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What works behind the commands."""

    dispatcher: Dispatcher
    deliverer: Deliverer
    previews: Previews
    renderer: Renderer
    due_jobs: DueJobs
    hearers: list[Callable[[frozenset[str]], None]]  # told at which sites runs have changed
    digester: Digester
    overdue: OverdueWatch
    archive_watch: ArchiveWatch
    publisher: EventPublisher
    deferred: DeferredEvents


@asynccontextmanager
async def engine_of(core: Core, slack: SlackSide, transport: Transport | None = None) -> AsyncIterator[Engine]:
    """Recover, start the agents and deliver, until the block is left; runs end before delivery does.

    ``transport`` is that of the settings if None.
    """
    renderer, previews = Renderer(), previews_of(core)
    drawing_process = DrawingProcess(core.settings.data / "fonts")
    guard = LeakGuard(slack.gate, previews, renderer=renderer, clock=core.clock, owners=core.access.owners)
    deliverer = Deliverer(slack.posting, clock=core.clock, gate=guard, renderer=renderer, draw=drawing_process.draw)
    notifiers = notifiers_of(core, slack, deliverer, renderer=renderer, previews=previews)

    hearers: list[Callable[[frozenset[str]], None]] = []

    async def announce(runs: Sequence[Run]) -> None:
        await notifiers.announcer.runs_changed(runs)
        for hear in hearers:
            hear(frozenset(run.site for run in runs))
        core.metrics.count_runs(runs)  # after it: what could not be announced is announced again

    dispatcher = dispatcher_of(core, announce, transport)
    core.background.start(deliverer.run(), name="delivery")
    try:
        async with dispatcher:
            core.background.start(dispatcher.run(), name="runs")
            try:
                yield Engine(
                    dispatcher=dispatcher,
                    deliverer=deliverer,
                    previews=previews,
                    renderer=renderer,
                    publisher=notifiers.publisher,
                    deferred=notifiers.deferred,
                    due_jobs=DueJobs(dispatcher, clock=core.clock, tell=notifiers.alerter.tell),
                    hearers=hearers,
                    digester=_digester_of(core, slack, dispatcher, renderer=renderer, wake=deliverer.wake),
                    overdue=OverdueWatch(core.inventory, clock=core.clock, tell=notifiers.alerter.tell),
                    archive_watch=ArchiveWatch(
                        core.archive, inventory=core.inventory, clock=core.clock, tell=notifiers.alerter.tell
                    ),
                )
            finally:
                core.background.may_end("runs")
    finally:
        core.background.may_end("delivery")
        await deliverer.stop()
        await core.background.finish("delivery", limit=LAST_SEND_TIMEOUT)
        await drawing_process.close()


def _digester_of(
    core: Core, slack: SlackSide, dispatcher: Dispatcher, *, renderer: Renderer, wake: Callable[[], None]
) -> Digester:
    return Digester(
        renderer,
        access=core.access,
        people=slack.people,
        agents=lambda sites: dispatcher.agents(hidden=core.access.restricted_devices(), sites=sites),
        clock=core.clock,
        wake=wake,
        slash=core.settings.file.slack.command,
    )


def previews_of(core: Core) -> Previews:
    """What may be shown of versions: secrets masked."""
    settings = core.settings
    return Previews(
        core.archive,
        platforms=settings.platforms,
        inventory=core.inventory,
        salt=installation_salt(settings.data),
    )


def dispatcher_of(core: Core, announce: Announce, transport: Transport | None = None) -> Dispatcher:
    """What starts runs; without another ``transport`` the agents are children of this process."""
    return Dispatcher(
        inventory=core.inventory,
        platforms=core.settings.platforms,
        transport=transport or local_transport(core.settings, core.inventory),
        archive=core.archive,
        clock=core.clock,
        announce=announce,
    )
