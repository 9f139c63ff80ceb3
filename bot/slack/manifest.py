"""The Slack app manifest: made from the commands and listeners, so that it cannot disagree with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slack_bolt.response import BoltResponse


from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    Ack = Callable[..., Awaitable[BoltResponse]]
    Body = Mapping[str, Any]

from typing import TYPE_CHECKING, Any

import yaml

from commands.registry import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.settings.loading import Settings

# Every scope with what it is for; the self-check at the start names those that are missing.
SCOPES = {
    "app_mentions:read": "see mentions in channels",
    "channels:history": "find a message again after a lost answer, before sending it twice",
    "channels:read": "see whether a channel is shared, and who joins and leaves",
    "chat:write": "write messages",
    "commands": "the slash command",
    "files:read": "find a file again after a lost answer",
    "files:write": "send long diffs as files",
    "groups:history": "the same as channels:history in private channels",
    "groups:read": "the same for private channels, and the members of those with access",
    "im:history": "read its direct messages",
    "mpim:history": "read mentions in group direct messages",
    "mpim:read": "see whether a group direct message is shared",
    "im:write": "send direct messages",
    "usergroups:read": "see the members of user groups with access",
    "users:read": "see who asks: guests, other organisations, deactivated accounts",
}
_USAGE_HINT = 1_000  # characters


def manifest(settings: Settings) -> str:
    """The manifest for this installation, as YAML to paste at https://api.slack.com/apps."""
    return yaml.safe_dump(_manifest(settings), sort_keys=False, allow_unicode=True, width=200)


def missing_scopes(granted: Iterable[str]) -> list[str]:
    """Each missing scope with what does not work without it."""
    return [f"{scope} ({why})" for scope, why in SCOPES.items() if scope not in set(granted)]


def _manifest(settings: Settings) -> dict[str, Any]:
    slack = settings.file.slack
    is_socket = slack.mode == "socket"
    url = {} if is_socket else {"request_url": f"https://YOUR-HOST{SLACK_PATH}"}
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "Lastgood",
            "description": "Keeps the last good configuration of every network device",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Lastgood", "always_online": True},
            "slash_commands": [_command(slack.command) | ({} if is_socket else {"url": url["request_url"]})],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {**url, "bot_events": list(EVENTS)},
            "interactivity": {
                "is_enabled": True,
                **url,
                **({} if is_socket else {"message_menu_options_url": url["request_url"]}),
            },
            "org_deploy_enabled": False,
            "socket_mode_enabled": is_socket,
            "token_rotation_enabled": False,
        },
    }


def _command(name: str) -> dict[str, Any]:
    hint = " · ".join(kind.usage for kind in KINDS)
    return {
        "command": name,
        "description": "Back up network devices and see what changed",
        "usage_hint": hint[:_USAGE_HINT],
        "should_escape": True,
    }


EVENTS = (
    "app_home_opened",
    "app_mention",
    "channel_archive",
    "channel_deleted",
    "channel_left",
    "channel_rename",
    "channel_shared",
    "channel_unarchive",
    "channel_unshared",
    "group_archive",
    "group_deleted",
    "group_left",
    "group_unarchive",
    "member_joined_channel",
    "member_left_channel",
    "message.im",
    "message.mpim",
    "subteam_created",
    "subteam_members_changed",
    "subteam_updated",
    "user_change",
)


SLACK_PATH = "/slack/events"
