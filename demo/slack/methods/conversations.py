"""``conversations.*``: what conversations there are, who is in them, opening and joining them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from demo.slack.methods.registry import method
from demo.slack.state.rates import TIER_2, TIER_3, TIER_4
from demo.slack.state.values import Json, Refused
from demo.slack.web.forms import channel_form
from demo.slack.web.pages import page

if TYPE_CHECKING:
    from demo.slack.state.values import Channel
    from demo.slack.state.workspace import Workspace
    from demo.slack.web.arguments import Arguments

_TYPES = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def family(channel: Channel) -> str:
    """The word that a conversation's scopes begin with: ``channels``, ``groups``, ``im`` or ``mpim``."""
    if channel.kind != "channel":
        return channel.kind
    return "groups" if channel.private else "channels"


def require_scope(workspace: Workspace, scope: str) -> None:
    """Refuse with ``missing_scope`` unless the bot has ``scope``."""
    if scope not in workspace.identity.scopes:
        provided = ",".join(sorted(workspace.identity.scopes))
        raise Refused("missing_scope", f"needs {scope}", needed=scope, provided=provided)


def _readable(workspace: Workspace, args: Arguments, what: str = "read") -> Channel:
    channel = workspace.visible_channel(args.need("channel"))
    require_scope(workspace, f"{family(channel)}:{what}")
    return channel


@method("conversations.info", rate=TIER_3)
def info(workspace: Workspace, args: Arguments) -> Json:
    """One conversation."""
    return {"channel": channel_form(workspace, _readable(workspace, args))}


@method("conversations.members", rate=TIER_4)
def members(workspace: Workspace, args: Arguments) -> Json:
    """The ids of those in a conversation, by pages."""
    channel = _readable(workspace, args)
    return page(sorted(channel.members), args, key="members", default=100)


@method("conversations.list", rate=TIER_2)
def list_all(workspace: Workspace, args: Arguments) -> Json:
    """The conversations that the bot can see, by pages."""
    found = [channel for channel in _of_types(workspace, args) if _can_see(workspace, channel)]
    return page([channel_form(workspace, one) for one in found], args, key="channels", default=100)


@method("users.conversations", rate=TIER_3)
def of_user(workspace: Workspace, args: Arguments) -> Json:
    """The conversations that a person is in and the bot can see; without ``user``, the bot's own."""
    member = args.text("user") or workspace.identity.bot_user
    if member not in workspace.store.people:
        raise Refused("user_not_found", f"there is no user {member!r}")
    theirs = [one for one in _of_types(workspace, args) if member in one.members and _can_see(workspace, one)]
    return page([channel_form(workspace, one) for one in theirs], args, key="channels", default=100)


def _of_types(workspace: Workspace, args: Arguments) -> list[Channel]:
    types = [word.strip() for word in args.text("types", "public_channel").split(",")]
    for word in types:
        if word not in _TYPES:
            raise Refused("invalid_types", f"no such type: {word!r}")
        require_scope(workspace, f"{_TYPES[word]}:read")
    families = {_TYPES[word] for word in types}
    hidden = args.flag("exclude_archived")
    everything = sorted(workspace.store.channels.values(), key=lambda channel: channel.id)
    return [one for one in everything if family(one) in families and not (hidden and one.archived)]


def _can_see(workspace: Workspace, channel: Channel) -> bool:
    return not channel.private or workspace.identity.bot_user in channel.members


@method("conversations.open", scope="im:write", rate=TIER_3)
def open_dm(workspace: Workspace, args: Arguments) -> Json:
    """Open the conversation between the bot and one person."""
    users = [one for one in args.text("users").split(",") if one]
    if "channel" in args:
        return {"channel": {"id": workspace.visible_channel(args.text("channel")).id}}
    if len(users) != 1:
        raise Refused("users_list_not_supplied" if not users else "method_not_supported_for_channel_type", "one user")
    person = workspace.store.people.get(users[0])
    if person is None:
        raise Refused("user_not_found", f"there is no user {users[0]!r}")
    if person.deleted:
        raise Refused("user_disabled", f"{person.id} is deactivated")
    already = f"D{person.id[1:]}" in workspace.store.channels
    channel = workspace.dm(person.id)
    opened = {"no_op": True, "already_open": True} if already else {}
    whole = channel_form(workspace, channel) if args.flag("return_im") else {"id": channel.id}
    return {**opened, "channel": whole}


@method("conversations.join", scope="channels:join", rate=TIER_3)
def join(workspace: Workspace, args: Arguments) -> Json:
    """Let the bot into a public channel."""
    channel = workspace.visible_channel(args.need("channel"))
    if channel.kind == "im" or channel.private:
        raise Refused("method_not_supported_for_channel_type", "only public channels can be joined")
    if channel.archived:
        raise Refused("is_archived", f"{channel.id} is archived")
    was_in = workspace.identity.bot_user in channel.members
    joined = replace(channel, members=channel.members | {workspace.identity.bot_user})
    workspace.store.put_channel(joined)
    note = (
        {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}} if was_in else {}
    )
    return {"channel": channel_form(workspace, joined), **note}
