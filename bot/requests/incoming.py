"""What Slack delivered, as one value: the differences between surfaces end here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from commands.input.quoting import action_words, split_words, unwrapped
from commands.input.straightening import straighten
from commands.request import Surface
from domain.messages.places import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

# Messages that a person writes: plainly, as a reply that is also sent to the channel, with a file, with /me.
_WRITTEN = frozenset({"", "thread_broadcast", "reply_broadcast", "file_share", "me_message"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Something a person asks, before anybody has looked who it is."""

    surface: Surface
    user: str
    teams: frozenset[str]  # workspaces the delivery names as its own; one of them must be ours
    words: tuple[str, ...]
    place: Place
    source_key: str  # the same for every delivery of the same thing
    response_url: str | None = None
    trigger_id: str | None = None
    is_dm_event: bool = False  # an event of the bot's own conversation with the person
    is_home: bool = False  # pressed in the Home tab, where no message can stand


def from_command(body: Mapping[str, Any]) -> Incoming:
    """A slash command."""
    return Incoming(
        surface=Surface.COMMAND,
        user=str(body["user_id"]),
        teams=_teams(body.get("team_id")),
        words=split_words(str(body.get("text") or "")),
        place=Place(channel=str(body["channel_id"])),
        source_key=f"command:{body['trigger_id']}",
        response_url=_text(body.get("response_url")),
        trigger_id=_text(body.get("trigger_id")),
    )


def from_action(body: Mapping[str, Any]) -> Incoming | None:
    """A pressed button or a chosen option; None when it asks nothing of us, as a link does."""
    action = body["actions"][0]
    action_id = str(action.get("action_id") or "")
    if not action_id.startswith(("do:", "pick:")):
        return None
    value = (action.get("selected_option") or action).get("value")
    container = body.get("container") or {}
    user, channel = str(body["user"]["id"]), (body.get("channel") or {}).get("id") or container.get("channel_id")
    return Incoming(
        surface=Surface.SELECT if action_id.startswith("pick:") else Surface.BUTTON,
        user=user,
        teams=_teams((body.get("team") or {}).get("id"), body["user"].get("team_id")),
        words=action_words(action_id, str(value or "")),
        place=Place(channel=str(channel or user), thread_ts=_thread(body, container)),
        source_key=f"action:{user}:{container.get('message_ts') or container.get('view_id')}:{action['action_ts']}",
        response_url=_text(body.get("response_url")),
        trigger_id=_text(body.get("trigger_id")),
        is_home=channel is None,
    )


def from_event(body: Mapping[str, Any], *, bot_user: str) -> Incoming | None:
    """A mention, or a message in the bot's own conversation with somebody; None when no person wrote it."""
    event = body["event"]
    if (event.get("subtype") or "") not in _WRITTEN or event.get("bot_id") or not event.get("user"):
        return None
    text = re.sub(rf"<@{re.escape(bot_user)}(\|[^>]*)?>", " ", unwrapped(straighten(str(event.get("text") or ""))))
    is_dm = event.get("channel_type") == "im"
    thread = event.get("thread_ts") or (None if is_dm else event["ts"])
    return Incoming(
        surface=Surface.MENTION,
        user=str(event["user"]),
        teams=_teams(body.get("team_id"), *(one.get("team_id") for one in body.get("authorizations") or ())),
        words=split_words(text),
        place=Place(channel=str(event["channel"]), thread_ts=_text(thread)),
        source_key=f"message:{event['channel']}:{event['ts']}",
        is_dm_event=is_dm,
    )


def _teams(*ids: object) -> frozenset[str]:
    return frozenset(str(one) for one in ids if one)


def _thread(body: Mapping[str, Any], container: Mapping[str, Any]) -> str | None:
    return _text(container.get("thread_ts") or (body.get("message") or {}).get("thread_ts"))


def _text(value: object) -> str | None:
    return str(value) if value else None
