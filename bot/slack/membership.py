"""Who belongs to what access can be granted to: user groups, and the members of private channels."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Final

from bot.slack.cache import Cached
from bot.slack.departures import Departures
from domain.errors import SlackTrouble
from notifications.delivery.errors import SlackRefusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.questions import Questions
    from domain.clock import Clock

log = logging.getLogger(__name__)

MAX_STALENESS = timedelta(minutes=5)  # the longest that a change Slack did not tell us about stays unknown
MEMBERSHIP_RENEWAL_INTERVAL = timedelta(minutes=2)  # after which what is known is asked again, while it still counts
MEMBERSHIP_TIMEOUT = timedelta(seconds=1, milliseconds=500)  # for the list of all groups, or of somebody's channels
MEMBERS_TIMEOUT = timedelta(seconds=1)  # for the members of one channel; then the person's own list is asked for
MAX_CHANNELS_ASKED = 10  # channels whose members are read for one person; of more, the person's own list is read

_GRANTS_NOTHING: Final = frozenset(
    {"no_such_subteam", "subteam_not_found", "plan_upgrade_required", "missing_scope", "permission_denied"}
    | {"channel_not_found", "not_in_channel", "is_archived", "method_not_supported_for_channel_type"}
    | {"paid_teams_only", "user_not_found", "user_not_visible", "users_not_found"}
)
_ALL: Final = ""  # the one key of what is asked for all at once

Groups = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Belonging:
    """To what somebody belongs, and of what Slack did not say so."""

    to: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()

    def __or__(self, other: Belonging) -> Belonging:
        """Both together."""
        return Belonging(self.to | other.to, self.unknown | other.unknown)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChange:
    """What Slack said has become of a user group."""

    group: str
    is_gone: bool
    removed: frozenset[str]
    removed_count: int  # may be more than are named
    members: frozenset[str] | None  # None: not all are named, since events hold the first 500

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> GroupChange:
        """Read Slack's event; one that is incomplete raises whatever Python does."""
        about = event.get("subteam") or {}
        named = frozenset(str(one) for one in about.get("users") or ())
        return cls(
            group=str(event.get("subteam_id") or about.get("id")),
            is_gone=bool(about.get("date_delete")),
            removed=frozenset(str(one) for one in event.get("removed_users") or ()),
            removed_count=int(event.get("removed_users_count") or 0),
            members=named if "users" in about and int(about.get("user_count") or 0) <= len(named) else None,
        )


class Membership:
    """Members of groups and private channels: asked in few calls however many there are, told of by events.

    All user groups come in one answer. Of few channels the members are read, which then serve everybody; where more
    are asked about, the channels of the person are. A public channel has no members for this purpose, since anybody
    can join it; nor has what is gone, archived, or left by the bot.
    """

    def __init__(self, client: AsyncWebClient, questions: Questions, *, clock: Clock) -> None:
        self._client = client
        self._questions = questions
        keeping: dict[str, Any] = {"clock": clock, "lifetime": MAX_STALENESS, "renewal": MEMBERSHIP_RENEWAL_INTERVAL}
        keeping["timeout"] = MEMBERSHIP_TIMEOUT
        self._groups = Cached[str, Groups](self._ask_groups, **keeping)
        self._private = Cached[str, frozenset[str]](self._ask_private, **keeping)
        self._members = Cached[str, frozenset[str]](self._ask_members, **{**keeping, "timeout": MEMBERS_TIMEOUT})
        self._channels = Cached[str, frozenset[str]](self._ask_channels, **keeping)
        self._departures = Departures(clock, lifetime=MAX_STALENESS)

    async def belonging(self, user: str, principals: Iterable[str]) -> Belonging:
        """To which of ``principals`` this person belongs. Never raises ``SlackTrouble``."""
        several = frozenset(principals)
        groups = frozenset(one for one in several if one.startswith("S"))
        channels = frozenset(one for one in several if one.startswith(("C", "G")))
        found = await asyncio.gather(self._in_groups(user, groups), self._in_channels(user, channels))
        return found[0] | found[1]

    async def members(self, principal: str) -> frozenset[str]:
        """The ids of those in a user group (S...) or a private channel (C..., G...). Raises ``SlackTrouble``."""
        if not principal.startswith("S"):
            channel = await self._members.answered(principal)
            return self._still_there(principal, channel.value, channel.moment)
        groups = await self._groups.answered(_ALL)
        return self._still_there(principal, groups.value.get(principal, frozenset()), groups.moment)

    def ask_anew(self, principal: str) -> None:
        """Ask about this group or channel before it is answered for again."""
        (self._groups.outdate(_ALL) if principal.startswith("S") else self.opened(principal))

    def forget_all(self) -> None:
        """Trust nothing that was asked before."""
        for kept in (self._groups, self._private, self._members, self._channels):
            kept.forget_all()

    def group_changed(self, change: GroupChange) -> None:
        """Slack said that a user group was made, or that it or its members changed."""
        if change.is_gone:
            self._departures.note(change.group)
        removed = change.removed | self._missing(change)
        for user in removed:
            self._departures.note(change.group, user)
        if change.removed_count > len(removed):  # not all are named: nothing known may count
            self._groups.forget(_ALL)
        self._groups.outdate(_ALL)

    def joined(self, channel: str, user: str) -> None:
        """Slack said that somebody came into a channel."""
        self._members.outdate(channel)
        self._channels.outdate(user)

    def left(self, channel: str, user: str) -> None:
        """Slack said that somebody left a channel."""
        self._departures.note(channel, user)

    def closed(self, channel: str) -> None:
        """Slack said that a channel was archived or deleted, or that the bot left it: it grants nothing."""
        self._departures.note(channel)
        self.opened(channel)

    def opened(self, channel: str) -> None:
        """Slack said that a channel was unarchived or that the bot was invited, so that it may grant something."""
        self._private.outdate(_ALL)
        self._members.outdate(channel)
        self._channels.outdate_all()

    async def _in_groups(self, user: str, groups: frozenset[str]) -> Belonging:
        if not groups:
            return Belonging()
        try:
            known = await self._groups.answered(_ALL)
        except SlackTrouble as error:
            log.warning("user groups are not known", extra={"error": str(error)})
            return Belonging(unknown=groups)
        inside = (one for one in groups if user in known.value.get(one, ()))
        return Belonging(frozenset(one for one in inside if not self._departures.since(known.moment, one, user)))

    async def _in_channels(self, user: str, channels: frozenset[str]) -> Belonging:
        missing = [one for one in channels if self._members.known(one) is None]
        if missing and (len(missing) > MAX_CHANNELS_ASKED or self._channels.known(user)):
            return await self._by_own_list(user, channels)
        found = await self._by_members(user, channels)
        return Belonging(found.to) | await self._by_own_list(user, found.unknown) if found.unknown else found

    async def _by_members(self, user: str, channels: frozenset[str]) -> Belonging:
        """By the members of each channel, which serve everybody."""
        found = await asyncio.gather(*(self._in_channel(user, one) for one in sorted(channels)))
        return reduce(or_, found, Belonging())

    async def _by_own_list(self, user: str, channels: frozenset[str]) -> Belonging:
        """By the channels that the person is in: one question, however many there are."""
        try:
            own = await self._channels.answered(user)
        except SlackTrouble as error:
            log.warning("channels of somebody are not known", extra={"person": user, "error": str(error)})
            known = frozenset(one for one in channels if self._members.known(one))
            return await self._by_members(user, known) | Belonging(unknown=channels - known)
        inside = (one for one in channels & own.value if not self._departures.since(own.moment, one, user))
        return Belonging(frozenset(inside))

    async def _in_channel(self, user: str, channel: str) -> Belonging:
        try:
            members = await self.members(channel)
        except SlackTrouble as error:
            log.warning("members of a channel are not known", extra={"channel": channel, "error": str(error)})
            return Belonging(unknown=frozenset({channel}))
        return Belonging(frozenset({channel}) if user in members else frozenset())

    def _still_there(self, place: str, members: frozenset[str], moment: int) -> frozenset[str]:
        return frozenset(one for one in members if not self._departures.since(moment, place, one))

    def _missing(self, change: GroupChange) -> frozenset[str]:
        """Who was known as a member of the group and is not in Slack's new list."""
        known = self._groups.known(_ALL)
        if known is None or change.members is None:
            return frozenset()
        return known.value.get(change.group, frozenset()) - change.members

    async def _ask_groups(self, _: str) -> Groups:
        try:
            answer = await self._questions.ask(
                "usergroups.list", lambda: self._client.usergroups_list(include_users=True)
            )
        except SlackRefusal as error:
            _check_that_it_grants_nothing(error)
            return {}
        return {str(one["id"]): frozenset(one.get("users") or ()) for one in answer["usergroups"]}

    async def _ask_private(self, _: str) -> frozenset[str]:
        return await self._private_channels()

    async def _ask_channels(self, user: str) -> frozenset[str]:
        return await self._private_channels(user=user)

    async def _private_channels(self, **whose: str) -> frozenset[str]:
        """The private channels that a person shares with the bot; without a person, those of the bot."""
        wanted = {"types": "private_channel", "exclude_archived": True, **whose}
        call = self._client.users_conversations
        try:
            found = await self._questions.pages("users.conversations", call, "channels", **wanted)
        except SlackRefusal as error:
            _check_that_it_grants_nothing(error)
            return frozenset()
        return frozenset(str(one["id"]) for one in found if one.get("is_private") and not one.get("is_archived"))

    async def _ask_members(self, channel: str) -> frozenset[str]:
        if channel not in await self._private.get(_ALL):
            log.warning("a channel that is public, archived or not ours grants nothing", extra={"channel": channel})
            return frozenset()
        call = self._client.conversations_members
        try:
            return frozenset(await self._questions.pages("conversations.members", call, "members", channel=channel))
        except SlackRefusal as error:
            _check_that_it_grants_nothing(error)
            return frozenset()


def _check_that_it_grants_nothing(error: SlackRefusal) -> None:
    """Pass if Slack has said that there is nobody; raise ``error`` if it leaves open who there is."""
    if error.code not in _GRANTS_NOTHING:
        raise error
    log.warning("groups or channels grant nothing", extra={"why": str(error)})
