"""Who belongs to what access can be granted to: user groups, and the members of private channels."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from notifications.delivery.errors import SlackRefusal, asked

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)

_GRANTS_NOTHING = frozenset(
    {"no_such_subteam", "subteam_not_found", "plan_upgrade_required", "missing_scope", "permission_denied"}
    | {"channel_not_found", "not_in_channel", "is_archived", "method_not_supported_for_channel_type"}
)
MEMBERS_PAGE = 200  # members of a channel in one answer, as Slack advises
MAX_MEMBER_PAGES = 250  # pages of members that are read of one channel


async def members_of(client: AsyncWebClient, principal: str) -> frozenset[str]:
    """The ids of those in a user group (S...) or a private channel (C..., G...).

    A public channel has none for this purpose: anybody can join it, so it grants nothing. Nor does what is gone,
    or a channel that the bot is not in.

    Raises:
        SlackTrouble: Slack could not be asked.
    """
    try:
        return await (_of_group(client, principal) if principal.startswith("S") else _of_channel(client, principal))
    except SlackRefusal as error:
        if error.code in _GRANTS_NOTHING:
            log.warning("a group or channel grants nothing", extra={"principal": principal, "why": error.code})
            return frozenset()
        raise


async def _of_group(client: AsyncWebClient, group: str) -> frozenset[str]:
    answer = await asked("usergroups.users.list", client.usergroups_users_list(usergroup=group))
    return frozenset(answer["users"])


async def _of_channel(client: AsyncWebClient, channel: str) -> frozenset[str]:
    found = (await asked("conversations.info", client.conversations_info(channel=channel)))["channel"]
    if not found.get("is_private") or found.get("is_archived"):
        log.warning("a public or archived channel grants nothing", extra={"principal": channel})
        return frozenset()
    return await recipients_of(client, channel)


async def recipients_of(client: AsyncWebClient, channel: str) -> frozenset[str]:
    """The ids of all members of a channel, public or private. Raises ``SlackTrouble``."""
    members: set[str] = set()
    more: dict[str, Any] = {}
    for _ in range(MAX_MEMBER_PAGES):
        page = await asked(
            "conversations.members", client.conversations_members(channel=channel, limit=MEMBERS_PAGE, **more)
        )
        members.update(page["members"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
        more = {"cursor": cursor}
    return frozenset(members)
