"""What tells people: answers where they were asked, events for those who want them, alerts, and whether it arrives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.events.alerts import ChannelShared
from notifications.alerts.alerter import Alerter
from notifications.alerts.app_refused import OwnersNotice
from notifications.alerts.route_health import RouteWatch
from notifications.announcer import Announcer
from notifications.events.deferred import DeferredEvents
from notifications.events.publisher import EventPublisher
from notifications.events.recipients import Recipients
from notifications.runs.messages import RunMessages

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.core import Core
    from bot.slack.clients import SlackSide
    from notifications.delivery.deliverer import Deliverer
    from notifications.previews import Previews
    from notifications.rendering.renderer import Renderer


@dataclass(frozen=True, kw_only=True)
class Notifiers:
    """The parts of it that others speak to."""

    announcer: Announcer
    alerter: Alerter
    publisher: EventPublisher
    deferred: DeferredEvents


def notifiers_of(
    core: Core, slack: SlackSide, deliverer: Deliverer, *, renderer: Renderer, previews: Previews
) -> Notifiers:
    """Wire it, so that delivery and Slack's events about channels reach it too."""
    access, clock, wake, people = core.access, core.clock, deliverer.wake, slack.people
    say = RunMessages(renderer, previews, access=access)
    alerter = Alerter(
        renderer, access=access, clock=clock, wake=wake, members=people.members, recipients=people.recipients
    )
    publisher = EventPublisher(Recipients(access, people, clock=clock), say, access=access, clock=clock, wake=wake)
    slash = core.settings.file.slack.command
    route_watch = RouteWatch(
        clock=clock, tell=alerter.tell, is_shared=slack.channels.is_shared, inventory=core.inventory, wake=wake
    )
    deliverer.watch(route_watch)
    deliverer.when_refused(OwnersNotice(renderer, clock=clock, owners=access.owners).app_refused)
    slack.channels.when_open(route_watch.reopened)
    slack.channels.when_shared(_tell_of_shared(core, alerter))
    return Notifiers(
        announcer=Announcer(say, publisher, access=access, clock=clock, wake=wake, slash=slash),
        alerter=alerter,
        publisher=publisher,
        deferred=DeferredEvents(say, people, access=access, clock=clock, wake=wake),
    )


def _tell_of_shared(core: Core, alerter: Alerter) -> Callable[[str], Awaitable[None]]:
    async def tell(channel: str) -> None:
        site = core.inventory.site_of_channel(channel)
        if site:
            await alerter.tell(ChannelShared(site=site.key, channel=channel))

    return tell
