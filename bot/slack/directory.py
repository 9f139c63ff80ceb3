"""Who can be given access: asked of Slack before it is given, so that nobody wonders later why it grants nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.errors import NotAllowed
from notifications.delivery.errors import SlackRefusal

if TYPE_CHECKING:
    from bot.slack.people import People
    from domain.access.access import Access


@dataclass(frozen=True)
class SlackDirectory:
    """Looks people, user groups and private channels up."""

    people: People
    access: Access

    async def named(self, user: str) -> str:
        """The name of the person with this id; empty: there is none. Raises ``SlackTrouble``."""
        return (await self.people.person(user, ())).name

    async def problem(self, principal: str) -> str:
        """Why access cannot be given to ``principal``; empty: it can. Raises ``SlackTrouble``."""
        if principal.startswith(("U", "W")):
            return await self._of_person(principal)
        if principal.startswith("S"):
            return "" if await self.people.members_now(principal) else "This user group does not exist or is empty."
        return await self._of_channel(principal)

    async def _of_person(self, user: str) -> str:
        try:
            self.access.admit(await self.people.person(user, ()))
        except NotAllowed as error:
            return error.advice
        return ""

    async def _of_channel(self, channel: str) -> str:
        try:
            is_private = await self.people.is_private(channel)
        except SlackRefusal:
            return "Lastgood is not in that channel. Type `/invite @Lastgood` there, then try again."
        if not is_private:
            return "Anybody can join a public channel, so its members cannot get access. Name a private one."
        return ""
