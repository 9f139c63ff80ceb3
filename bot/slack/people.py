"""Who is behind a Slack id: asked of Slack, kept for a few minutes, dropped when Slack says it changed."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.slack.cache import MAX_CACHED, Cached
from bot.slack.membership import MAX_STALENESS, Membership
from bot.slack.questions import Questions
from domain.access.people import Person
from notifications.delivery.errors import SlackRefusal, asked

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.identity import Identity
    from bot.slack.membership import Belonging, GroupChange
    from domain.clock import Clock

log = logging.getLogger(__name__)

_STRANGERS = frozenset({"user_not_found", "user_not_visible", "users_not_found"})
_CLOSED = frozenset(f"{kind}_{what}" for kind in ("channel", "group") for what in ("archive", "deleted", "left"))
_OPENED = frozenset({"channel_unarchive", "group_unarchive"})


class People:
    """Persons by id, with those of their user groups and private channels to which something was granted."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        clock: Clock,
        us: Callable[[], Identity],
        principals: Callable[[Iterable[str] | None], frozenset[str]],
        moved: Callable[[str, str], Awaitable[None]],
    ) -> None:
        """Ask ``client``.

        Args:
            client: asks Slack.
            clock: tells how old an answer is.
            us: who the bot is in which workspace; raises ``SlackTrouble`` while Slack has not said it.
            principals: tells to whom something is granted now, at some sites or at all: those are looked up.
            moved: called with a person and the zone in which Slack says that this person lives.
        """
        self._client = client
        self._us = us
        self._principals = principals
        self._moved = moved
        self._zones: dict[str, str] = {}  # as last told
        self._questions = Questions(clock)
        self._membership = Membership(client, self._questions, clock=clock)
        self._users = Cached[str, "dict[str, Any] | None"](self._user, clock=clock, lifetime=MAX_STALENESS)
        self._recipients = Cached[str, frozenset[str]](self._ask_recipients, clock=clock, lifetime=MAX_STALENESS)
        self._dms = Cached[str, str](self._open_dm, clock=clock, lifetime=timedelta(days=1))

    async def person(self, user: str, sites: Iterable[str] | None = None) -> Person:
        """The person with this id, as far as it matters for these sites, or for all.

        A group or channel of which Slack does not say who is in it counts as one without this person, and is named
        in ``Person.unknown``.

        Raises:
            SlackTrouble: Slack could not be asked; nothing may be done in this person's name.
        """
        principals = self._principals(sites)
        facts, belonging = await asyncio.gather(self._users.get(user), self._membership.belonging(user, principals))
        if facts is None:
            return Person(id=user, team="", is_external=True)
        return self._to_person(user, facts, belonging)

    async def dm(self, user: str) -> str:
        """The id of the conversation between ``user`` and the bot. Raises ``SlackTrouble``."""
        return await self._dms.get(user)

    async def members(self, principal: str) -> frozenset[str]:
        """The ids of those in a user group or private channel. Raises ``SlackTrouble``."""
        return await self._membership.members(principal)

    async def members_now(self, principal: str) -> frozenset[str]:
        """The same, asked at this moment if it can be. Raises ``SlackTrouble``."""
        self._membership.ask_anew(principal)
        return await self._membership.members(principal)

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

    def group_changed(self, change: GroupChange) -> None:
        """Slack said that a user group or its members changed."""
        self._membership.group_changed(change)

    def channel_changed(self, channel: str, event: Mapping[str, Any]) -> None:
        """Slack said that something about this channel changed, such as who is in it."""
        kind, user = str(event.get("type")), str(event.get("user") or "")
        self._recipients.forget(channel)
        is_leaving, is_bot = kind == "member_left_channel", user == self._us().bot_user
        if kind in _CLOSED or (is_leaving and is_bot):
            self._membership.closed(channel)
        elif is_leaving:
            self._membership.left(channel, user)
        elif kind in _OPENED or is_bot:
            self._membership.opened(channel)
        elif kind == "member_joined_channel":
            self._membership.joined(channel, user)

    def forget_all(self) -> None:
        """Trust nothing that was asked before."""
        self._users.forget_all()
        self._membership.forget_all()
        self._recipients.forget_all()

    async def _user(self, user: str) -> dict[str, Any] | None:
        try:
            answer = await self._questions.ask("users.info", lambda: self._client.users_info(user=user))
        except SlackRefusal as error:
            if error.code in _STRANGERS:
                return None
            raise
        await self.follow(answer["user"])
        return dict(answer["user"])

    async def follow(self, facts: Mapping[str, Any]) -> None:
        """Take note of the zone in which a person lives, from what Slack says of this person. Never raises."""
        user, zone = str(facts.get("id")), str(facts.get("tz") or "")
        if not zone or self._zones.get(user) == zone:
            return
        try:
            await self._moved(user, zone)
        except Exception:  # an edge: who somebody is does not hang on it; it is tried at the next answer
            log.exception("the time zone of a person could not be followed", extra={"person": user})
            return
        if len(self._zones) >= MAX_CACHED:
            self._zones.clear()
        self._zones[user] = zone

    async def _ask_recipients(self, channel: str) -> frozenset[str]:
        call = self._client.conversations_members
        return frozenset(await self._questions.pages("conversations.members", call, "members", channel=channel))

    async def _open_dm(self, user: str) -> str:
        answer = await asked("conversations.open", self._client.conversations_open(users=[user]))
        return str(answer["channel"]["id"])

    def _to_person(self, user: str, facts: dict[str, Any], belonging: Belonging) -> Person:
        team = str(facts.get("team_id") or "")  # empty: nobody says that it is one of ours
        teams = {team, *((facts.get("enterprise_user") or {}).get("teams") or ())}
        profile = facts.get("profile") or {}
        return Person(
            id=user,
            team=team,
            name=str(profile.get("display_name") or facts.get("real_name") or facts.get("name") or ""),
            timezone=str(facts.get("tz") or "UTC"),
            groups=frozenset(one for one in belonging.to if one.startswith("S")),
            channels=frozenset(one for one in belonging.to if not one.startswith("S")),
            unknown=belonging.unknown,
            is_guest=bool(facts.get("is_restricted") or facts.get("is_ultra_restricted")),
            is_external=self._us().team not in teams or bool(facts.get("is_stranger")),
            is_bot=bool(facts.get("is_bot") or facts.get("is_workflow_bot") or user == "USLACKBOT"),
            is_deactivated=bool(facts.get("deleted")),
        )
