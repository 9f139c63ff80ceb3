"""What Slack says of a channel: whether others than our own people read it, and whether the bot is in it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.slack.cache import Cached
from domain.errors import SlackTrouble
from notifications.delivery.errors import SlackRefusal, asked

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_sdk.web.async_client import AsyncWebClient

    from domain.clock import Clock

log = logging.getLogger(__name__)

_SHARED = ("is_ext_shared", "is_shared", "is_org_shared", "is_pending_ext_shared")


@dataclass(frozen=True, slots=True)
class _Facts:
    is_shared: bool
    is_member: bool  # the bot is


class Channels:
    """Whether others than the workspace's own people read a channel, and whether the bot is in it."""

    def __init__(self, client: AsyncWebClient, *, clock: Clock) -> None:
        self._client = client
        self._facts = Cached[str, "_Facts | None"](self._ask, clock=clock, lifetime=timedelta(minutes=1))
        self._tell: Callable[[str], Awaitable[None]] | None = None
        self._tell_open: Callable[[str], Awaitable[None]] | None = None

    def when_shared(self, tell: Callable[[str], Awaitable[None]]) -> None:
        """Have ``tell`` called with each channel that turns out to be shared; the same one may come again."""
        self._tell = tell

    def when_open(self, tell: Callable[[str], Awaitable[None]]) -> None:
        """Have ``tell`` called with each channel in which the bot may post from now on, as far as Slack says."""
        self._tell_open = tell

    async def opened(self, channel: str) -> None:
        """Slack said that the bot was invited into ``channel``, or that it was unarchived."""
        if self._tell_open:
            await self._tell_open(channel)

    async def look(self, channel: str) -> None:
        """Find out now how a channel stands that Slack said has changed. Never raises."""
        try:
            await self.is_shared(channel)
        except SlackTrouble as error:
            log.warning("a changed channel could not be looked at", extra={"channel": channel, "error": str(error)})

    async def is_shared(self, channel: str) -> bool | None:
        """Whether ``channel`` is shared with others; None: the bot cannot see it. Raises ``SlackTrouble``."""
        facts = await self._facts.get(channel)
        return facts.is_shared if facts else None

    async def has_us(self, channel: str) -> bool:
        """Whether the bot is a member of ``channel``, so that its messages can stand there. Raises ``SlackTrouble``."""
        facts = await self._facts.get(channel)
        return facts is not None and facts.is_member

    def changed(self, channel: str) -> None:
        """Slack said that this channel changed."""
        self._facts.forget(channel)

    async def _ask(self, channel: str) -> _Facts | None:
        try:
            answer = await asked("conversations.info", self._client.conversations_info(channel=channel))
        except SlackRefusal as error:
            if error.code == "channel_not_found":
                return None
            raise
        found = answer["channel"]
        is_shared = any(found.get(flag) for flag in _SHARED)
        if is_shared:
            await self._say_that_it_is_shared(channel)
        return _Facts(is_shared, is_member=bool(found.get("is_member")))

    async def _say_that_it_is_shared(self, channel: str) -> None:
        if self._tell is None:
            return
        try:
            await self._tell(channel)
        except Exception:  # it is told at the next look, and what is withheld is withheld anyway
            log.exception("nobody could be told that a channel is shared", extra={"channel": channel})
