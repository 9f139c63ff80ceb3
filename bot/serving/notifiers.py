"""What tells people: answers where they were asked, news for those who want them, alerts, and whether it arrives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.events.alerts import ChannelShared
from notifications.alerts.alerter import Alerter
from notifications.alerts.route_health import RouteWatch
from notifications.announcer import Announcer
from notifications.events.deferred import Waits
from notifications.events.publisher import Herald
from notifications.events.recipients import Readers
from notifications.runs.messages import RunMessages

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.core import Core
    from bot.slack.clients import SlackSide
    from notifications.delivery.deliverer import Deliverer
    from notifications.previews import Previews
    from notifications.rendering.renderer import Renderer


@dataclass(frozen=True, kw_only=True)
class Newsroom:
    """The parts of it that others speak to."""

    announcer: Announcer
    alerter: Alerter
    herald: Herald
    waits: Waits


def newsroom_of(
    core: Core, slack: SlackSide, deliverer: Deliverer, *, renderer: Renderer, previews: Previews
) -> Newsroom:
    """Wire it, so that delivery and Slack's events about channels reach it too."""
    access, clock, wake, people = core.access, core.clock, deliverer.wake, slack.people
    say = RunMessages(renderer, previews, access=access)
    alerter = Alerter(renderer, access=access, clock=clock, wake=wake, members=people.members, readers=people.readers)
    herald = Herald(Readers(access, people, clock=clock), say, access=access, clock=clock, wake=wake)
    slash = core.settings.file.slack.command
    watch = RouteWatch(
        clock=clock, tell=alerter.tell, is_shared=slack.channels.is_shared, inventory=core.inventory, wake=wake
    )
    deliverer.watch(watch)
    slack.channels.when_open(watch.reopened)
    slack.channels.when_shared(_tell_of_shared(core, alerter))
    return Newsroom(
        announcer=Announcer(say, herald, access=access, clock=clock, wake=wake, slash=slash),
        alerter=alerter,
        herald=herald,
        waits=Waits(say, people, access=access, clock=clock, wake=wake),
    )


def _tell_of_shared(core: Core, alerter: Alerter) -> Callable[[str], Awaitable[None]]:
    async def tell(channel: str) -> None:
        site = core.inventory.site_of_channel(channel)
        if site:
            await alerter.tell(ChannelShared(site=site.key, channel=channel))

    return tell
