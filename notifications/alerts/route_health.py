"""Whether messages arrive in the channels of routes: noticed when they are sent, told once to those who can help."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from domain.errors import SlackTrouble
from domain.events.alerts import RouteBroken
from domain.subscriptions.routes import RouteHealth
from storage.messages import holding
from storage.subscriptions.routes import note_health, routes_to

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from domain.clock import Clock
    from domain.events.alerts import Alert
    from domain.inventory.declared import Inventory
    from domain.messages.outbox import Message

log = logging.getLogger(__name__)

SHARED: Final = "shared_with_others"  # our own word beside those of Slack
_STAYS_GOOD: Final = timedelta(minutes=1)  # before an arrival is written down again


class RouteWatch:
    """Keeps the health of routes by what delivery tells. Nothing here raises: a message that arrived has arrived."""

    def __init__(
        self,
        *,
        clock: Clock,
        tell: Callable[[Alert], Awaitable[None]],
        is_shared: Callable[[str], Awaitable[bool | None]],
        inventory: Inventory,
        wake: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._tell = tell
        self._is_shared = is_shared
        self._inventory = inventory
        self._wake = wake  # delivery, which may send again what waited
        self._good: dict[str, datetime] = {}  # channel: when an arrival there was written down

    async def arrived(self, message: Message) -> None:
        """The channel works; whatever waited for it may go out."""
        try:
            await self._arrived(message)
        except Exception:  # an edge, as all three: delivery goes on whatever becomes of the dot
            log.exception("health of a channel cannot be written", extra={"channel": message.channel})

    async def refused(self, message: Message, code: str) -> None:
        """The channel takes no messages."""
        try:
            await self._broke(message.channel, code)
        except Exception:
            log.exception("health of a channel cannot be written", extra={"channel": message.channel})

    async def withheld(self, message: Message) -> None:
        """If configuration was kept out of a channel that others read too, its admins should know."""
        try:
            if message.shows_config and await self._is_shared(message.channel):
                await self._broke(message.channel, SHARED)
        except SlackTrouble as error:
            log.info("cannot tell who reads a channel", extra={"channel": message.channel, "error": str(error)})
        except Exception:
            log.exception("health of a channel cannot be written", extra={"channel": message.channel})

    async def reopened(self, channel: str) -> None:
        """Slack says that the channel was opened again, or the bot invited: what waits for it is tried now."""
        if await holding.let_go(channel):
            self._wake()
        elif any(route.health is RouteHealth.BAD for route in await routes_to(channel)):
            await note_health(channel, RouteHealth.UNKNOWN, trouble="", now=self._clock.now())

    async def _arrived(self, message: Message) -> None:
        channel, now = message.channel, self._clock.now()
        if now - self._good.get(channel, now - 2 * _STAYS_GOOD) < _STAYS_GOOD:
            return
        routes = await routes_to(channel)
        if not message.shows_config and any(route.trouble == SHARED for route in routes):
            return  # only configuration is kept out of it, and this is none
        if any(route.health is RouteHealth.BAD for route in routes):
            log.info("channel works again", extra={"channel": channel})
            await holding.let_go(channel)
            self._wake()
        await note_health(channel, RouteHealth.GOOD, trouble="", now=now)
        self._good[channel] = now

    async def _broke(self, channel: str, code: str) -> None:
        now = self._clock.now()
        self._good.pop(channel, None)
        fresh = [route for route in await routes_to(channel) if route.health is not RouteHealth.BAD and route.active]
        if fresh:
            log.warning("channel takes no messages", extra={"channel": channel, "code": code})
        was_told = code == SHARED and self._inventory.site_of_channel(channel)  # when that was found out
        sites = tuple(sorted({route.site for route in fresh} & self._inventory.sites.keys()))
        if sites and not was_told:  # before it is written down: what cannot be told now is told at the next refusal
            await self._tell(RouteBroken(channel=channel, code=code, sites=sites, at=now))
        await note_health(channel, RouteHealth.BAD, trouble=code, now=now)
