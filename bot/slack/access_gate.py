"""The last door: access is asked again at the moment a message is sent."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.errors import SlackTrouble
from domain.messages.outbox import MessageKind
from domain.roles import Action
from storage.subscriptions.routes import routes_to

if TYPE_CHECKING:
    from bot.slack.channels import Channels
    from bot.slack.people import People
    from domain.access.access import Access
    from domain.messages.outbox import Message

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AccessGate:
    """Lets a message out only to those who may read it now."""

    access: Access
    people: People
    channels: Channels

    async def verdict(self, message: Message) -> str | None:
        """None: it may be sent; otherwise why it is withheld, for the log.

        Raises:
            SlackTrouble: it cannot be told just now; to be asked again later.
        """
        reader = _reader(message)
        if reader:
            return await self._for_person(reader, message)
        return await self._for_channel(message)

    async def _for_person(self, reader: str, message: Message) -> str | None:
        if not message.sites:  # no facts of any site in it: a refusal must reach whoever was refused
            return None
        places = self.access.places(message.sites, message.devices)
        person = await self.people.person(reader, places)
        unseen = [site for site in message.sites if not self.access.may(person, Action.SEE, site)]
        unseen += [name for name in message.devices if self.access.is_hidden(person, name)]
        if unseen and self.access.is_unsure(person, places):
            raise SlackTrouble(f"not known whether {reader} may see {unseen[0]}")
        return f"{reader} may not see {unseen[0]}" if unseen else None

    async def _for_channel(self, message: Message) -> str | None:
        for site in message.sites:
            if not await self._hears_of(message.channel, site):
                return f"{message.channel} is not the channel of {site}"
        hidden = self.access.restricted_among(message.devices)
        if hidden:
            return f"{hidden[0]} is hidden from some members of {message.channel}"
        if not message.shows_config:
            return None
        match await self.channels.is_shared(message.channel):
            case True:
                return f"{message.channel} is shared with others, so no configuration goes there"
            case None:
                return f"{message.channel} cannot be looked at, so no configuration goes there"
        return None

    async def _hears_of(self, channel: str, site: str) -> bool:
        """Whether it is the site's own channel or stands in for another, or an active route of the site leads there."""
        found = self.access.inventory.sites.get(site)
        if found is None:
            return False
        if channel in {found.channel, found.fallback}:
            return True
        return any(one.active and one.site == site for one in await routes_to(channel))


def _reader(message: Message) -> str | None:
    """The one person who will read it; None: a channel. What stands in a channel is read by all its members."""
    is_for_one = message.kind in {MessageKind.EPHEMERAL, MessageKind.RESPOND}
    if message.person and (is_for_one or message.channel.startswith(("U", "W", "D"))):
        return message.person
    return message.channel if message.channel.startswith(("U", "W")) else None
