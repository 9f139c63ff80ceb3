"""Who is behind a Slack id: asked of Slack, kept for a few minutes, dropped when Slack says it changed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.slack.cache import Cached
from bot.slack.membership import members_of, recipients_of
from domain.access.people import Person
from notifications.delivery.errors import SlackRefusal, asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from slack_sdk.web.async_client import AsyncWebClient

    from domain.clock import Clock

MAX_STALENESS = timedelta(minutes=5)  # the longest that a change Slack did not tell us about stays unknown

_STRANGERS = frozenset({"user_not_found", "user_not_visible", "users_not_found"})


class People:
    """Persons by id, with those of their user groups and private channels to which something was granted."""

    def __init__(
        self, client: AsyncWebClient, *, clock: Clock, team: Callable[[], str], principals: Callable[[], frozenset[str]]
    ) -> None:
        """Ask about people of the workspace ``team``, which may not be known yet (``SlackTrouble``).

        ``principals`` tells to whom something is granted now; of these, groups and channels are looked up.
        """
        self._client = client
        self._team = team
        self._principals = principals
        self._users = Cached[str, "dict[str, Any] | None"](self._user, clock=clock, lifetime=MAX_STALENESS)
        self._members = Cached[str, frozenset[str]](self._ask_members, clock=clock, lifetime=MAX_STALENESS)
        self._recipients = Cached[str, frozenset[str]](self._ask_recipients, clock=clock, lifetime=MAX_STALENESS)
        self._dms = Cached[str, str](self._open_dm, clock=clock, lifetime=timedelta(days=1))

    async def person(self, user: str) -> Person:
        """The person with this id.

        Raises:
            SlackTrouble: Slack could not be asked; nothing may be done in this person's name.
        """
        facts, belongs = await asyncio.gather(self._users.get(user), self._belongs_to(user))
        if facts is None:
            return Person(id=user, team="", is_external=True)
        return self._to_person(user, facts, belongs)

    async def dm(self, user: str) -> str:
        """The id of the conversation between ``user`` and the bot. Raises ``SlackTrouble``."""
        return await self._dms.get(user)

    async def members(self, principal: str) -> frozenset[str]:
        """The ids of those in a user group or private channel. Raises ``SlackTrouble``."""
        return await self._members.get(principal)

    async def recipients(self, channel: str) -> frozenset[str]:
        """The ids of all members of a channel, public or private. Raises ``SlackTrouble``."""
        return await self._recipients.get(channel)

    async def is_private(self, channel: str) -> bool:
        """Whether nobody enters ``channel`` without an invitation. Raises ``SlackRefusal`` or ``SlackTrouble``."""
        found = (await asked("conversations.info", self._client.conversations_info(channel=channel)))["channel"]
        return bool(found.get("is_private") and found.get("is_member"))

    def changed(self, user: str) -> None:
        """Slack said that this person changed."""
        self._users.forget(user)

    def members_changed(self, principal: str) -> None:
        """Slack said that the members of this group or channel changed."""
        self._members.forget(principal)
        self._recipients.forget(principal)

    def forget_all(self) -> None:
        """Trust nothing that was asked before."""
        self._users.forget_all()
        self._members.forget_all()
        self._recipients.forget_all()

    async def _belongs_to(self, user: str) -> frozenset[str]:
        several = sorted(one for one in self._principals() if one.startswith(("S", "C", "G")))
        members = await asyncio.gather(*(self._members.get(one) for one in several))
        return frozenset(one for one, ids in zip(several, members, strict=True) if user in ids)

    async def _user(self, user: str) -> dict[str, Any] | None:
        try:
            answer = await asked("users.info", self._client.users_info(user=user))
        except SlackRefusal as error:
            if error.code in _STRANGERS:
                return None
            raise
        return dict(answer["user"])

    async def _ask_members(self, principal: str) -> frozenset[str]:
        return await members_of(self._client, principal)

    async def _ask_recipients(self, channel: str) -> frozenset[str]:
        return await recipients_of(self._client, channel)

    async def _open_dm(self, user: str) -> str:
        answer = await asked("conversations.open", self._client.conversations_open(users=[user]))
        return str(answer["channel"]["id"])

    def _to_person(self, user: str, facts: dict[str, Any], belongs: frozenset[str]) -> Person:
        team = str(facts.get("team_id") or "")  # empty: nobody says that it is one of ours
        teams = {team, *((facts.get("enterprise_user") or {}).get("teams") or ())}
        profile = facts.get("profile") or {}
        return Person(
            id=user,
            team=team,
            name=str(profile.get("display_name") or facts.get("real_name") or facts.get("name") or ""),
            timezone=str(facts.get("tz") or "UTC"),
            groups=frozenset(one for one in belongs if one.startswith("S")),
            channels=frozenset(one for one in belongs if not one.startswith("S")),
            is_guest=bool(facts.get("is_restricted") or facts.get("is_ultra_restricted")),
            is_external=self._team() not in teams or bool(facts.get("is_stranger")),
            is_bot=bool(facts.get("is_bot") or facts.get("is_workflow_bot") or user == "USLACKBOT"),
            is_deactivated=bool(facts.get("deleted")),
        )
