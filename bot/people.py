"""Who is behind a Slack id: asked of Slack, kept for a few minutes, dropped when Slack says it changed."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.cached import Cached
from domain.errors import SlackTrouble
from domain.people import Person

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from slack_sdk.web.async_client import AsyncWebClient
    from slack_sdk.web.async_slack_response import AsyncSlackResponse

    from domain.clock import Clock

log = logging.getLogger(__name__)

LIFETIME = timedelta(minutes=5)  # the longest that a change Slack did not tell us about stays unknown

_STRANGERS = frozenset({"user_not_found", "user_not_visible", "users_not_found"})
_GROUP_GRANTS_NOTHING = frozenset(
    {"no_such_subteam", "subteam_not_found", "plan_upgrade_required", "missing_scope", "permission_denied"}
)


class People:
    """Persons by id, with those of their user groups that app.yaml names."""

    def __init__(self, client: AsyncWebClient, *, clock: Clock, team: str, groups: frozenset[str]) -> None:
        self._client = client
        self._team = team
        self._groups = groups
        self._users = Cached[str, "dict[str, Any] | None"](self._user, clock=clock, lifetime=LIFETIME)
        self._members = Cached[str, frozenset[str]](self._members_of, clock=clock, lifetime=LIFETIME)
        self._dms = Cached[str, str](self._open_dm, clock=clock, lifetime=timedelta(days=1))

    async def person(self, user: str) -> Person:
        """The person with this id.

        Raises:
            SlackTrouble: Slack could not be asked; nothing may be done in this person's name.
        """
        facts, groups = await asyncio.gather(self._users.get(user), self._groups_of(user))
        if facts is None:
            return Person(id=user, team="", is_external=True)
        return self._to_person(user, facts, groups)

    async def dm(self, user: str) -> str:
        """The id of the conversation between ``user`` and the bot. Raises ``SlackTrouble``."""
        return await self._dms.get(user)

    async def members(self, group: str) -> frozenset[str]:
        """The ids of those in a user group. Raises ``SlackTrouble``."""
        return await self._members.get(group)

    def changed(self, user: str) -> None:
        """Slack said that this person changed."""
        self._users.forget(user)

    def group_changed(self, group: str) -> None:
        """Slack said that the members of this group changed."""
        self._members.forget(group)

    def forget_all(self) -> None:
        """Trust nothing that was asked before."""
        self._users.forget_all()
        self._members.forget_all()

    async def _groups_of(self, user: str) -> frozenset[str]:
        groups = sorted(self._groups)
        members = await asyncio.gather(*(self._members.get(group) for group in groups))
        return frozenset(group for group, ids in zip(groups, members, strict=True) if user in ids)

    async def _user(self, user: str) -> dict[str, Any] | None:
        try:
            answer = await asked(self._client.users_info(user=user))
        except SlackRefusal as error:
            if error.code in _STRANGERS:
                return None
            raise
        return dict(answer["user"])

    async def _members_of(self, group: str) -> frozenset[str]:
        try:
            answer = await asked(self._client.usergroups_users_list(usergroup=group))
        except SlackRefusal as error:
            if error.code in _GROUP_GRANTS_NOTHING:
                log.warning("a user group named in app.yaml grants nothing", extra={"group": group, "why": error.code})
                return frozenset()
            raise
        return frozenset(answer["users"])

    async def _open_dm(self, user: str) -> str:
        answer = await asked(self._client.conversations_open(users=[user]))
        return str(answer["channel"]["id"])

    def _to_person(self, user: str, facts: dict[str, Any], groups: frozenset[str]) -> Person:
        team = str(facts.get("team_id") or self._team)
        profile = facts.get("profile") or {}
        return Person(
            id=user,
            team=team,
            name=str(profile.get("display_name") or facts.get("real_name") or facts.get("name") or ""),
            timezone=str(facts.get("tz") or "UTC"),
            groups=groups,
            is_guest=bool(facts.get("is_restricted") or facts.get("is_ultra_restricted")),
            is_external=team != self._team or bool(facts.get("is_stranger")),
            is_bot=bool(facts.get("is_bot") or facts.get("is_workflow_bot") or user == "USLACKBOT"),
            is_deactivated=bool(facts.get("deleted")),
        )


class SlackRefusal(SlackTrouble):
    """Slack was asked and said no; ``code`` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Slack refused: {code}")
        self.code = code


async def asked(question: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """Slack's answer to ``question``.

    Raises:
        SlackRefusal: Slack said no.
        SlackTrouble: Slack could not be reached or answered with nonsense.
    """
    try:
        return await question
    except SlackApiError as error:
        raise SlackRefusal(str(error.response.get("error") or error.response.status_code)) from error
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise SlackTrouble(f"Slack could not be asked: {type(error).__name__}") from error
