"""``conversations.history`` and ``conversations.replies``: reading messages back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.slack.methods.conversations import family, require_scope
from demo.slack.methods.registry import method
from demo.slack.state.rates import TIER_3
from demo.slack.state.values import Json, Refused
from demo.slack.web.forms import message_form
from demo.slack.web.pages import page

if TYPE_CHECKING:
    from demo.slack.state.values import Channel, Message
    from demo.slack.state.workspace import Workspace
    from demo.slack.web.arguments import Arguments


def _history_of(workspace: Workspace, args: Arguments) -> Channel:
    channel = workspace.visible_channel(args.need("channel"))
    require_scope(workspace, f"{family(channel)}:history")
    if workspace.identity.bot_user not in channel.members:
        raise Refused("not_in_channel", f"the bot is not in {channel.id}")
    return channel


@method("conversations.history", rate=TIER_3)
def history(workspace: Workspace, args: Arguments) -> Json:
    """The messages of a conversation, newest first, without replies and ephemerals."""
    channel = _history_of(workspace, args)
    stored = workspace.store.messages[channel.id].values()
    shown = [one for one in stored if one.thread_ts is None or one.broadcast]
    return _listed(workspace, args, list(reversed(shown)))


@method("conversations.replies", rate=TIER_3)
def replies(workspace: Workspace, args: Arguments) -> Json:
    """A message and the replies below it, oldest first."""
    channel = _history_of(workspace, args)
    message = workspace.store.message(channel.id, args.need("ts"))
    if message is None or message.ephemeral_for is not None:
        raise Refused("thread_not_found", f"there is no message {args.text('ts')} in {channel.id}")
    parent = message.thread_ts or message.ts
    first = workspace.store.message(channel.id, parent)
    return _listed(workspace, args, [*([first] if first else []), *workspace.store.replies(channel.id, parent)])


def _listed(workspace: Workspace, args: Arguments, messages: list[Message]) -> Json:
    oldest, latest = args.text("oldest", "0"), args.text("latest") or "9999999999"
    inclusive = args.flag("inclusive")
    metadata = args.flag("include_all_metadata")
    wanted = [
        message_form(workspace, one, metadata=metadata)
        for one in messages
        if one.ephemeral_for is None and _within(one.ts, oldest, latest, inclusive=inclusive)
    ]
    listed = page(wanted, args, key="messages", default=100)
    return {**listed, "has_more": bool(listed["response_metadata"]["next_cursor"])}


def _within(ts: str, oldest: str, latest: str, *, inclusive: bool) -> bool:
    try:
        low, high = float(oldest), float(latest)
    except ValueError as error:
        raise Refused("invalid_ts_oldest", "oldest and latest are timestamps") from error
    return low <= float(ts) <= high if inclusive else low < float(ts) < high
