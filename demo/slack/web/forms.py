"""How Slack writes people, conversations, messages, views and files as JSON."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from demo.slack.state.values import Channel, File, Json, Message, Person, UserGroup, View
    from demo.slack.state.workspace import Workspace

PREVIEW_LINES = 5


def user_form(workspace: Workspace, person: Person) -> Json:
    """A user, as ``users.info`` tells it; a stranger's e-mail address and flags stay hidden."""
    stranger = person.team_id != workspace.identity.team
    offset = workspace.clock.now().astimezone(UTC).astimezone(ZoneInfo(person.tz)).utcoffset()
    profile = {"real_name": person.real_name, "display_name": person.name, "team": person.team_id}
    if "users:read.email" in workspace.identity.scopes and not stranger and not person.is_bot:
        profile["email"] = person.email
    form: Json = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": person.deleted,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": int(workspace.clock.now().timestamp()),
        "profile": profile,
    }
    if stranger:
        form["is_stranger"] = True
    if person.deleted:
        return form
    zone = {"tz": person.tz, "tz_label": person.tz, "tz_offset": int(offset.total_seconds()) if offset else 0}
    flags = {
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
    }
    return {**form, **zone, **flags}


def channel_form(workspace: Workspace, channel: Channel) -> Json:
    """A conversation, as ``conversations.info`` tells it."""
    bot_is_in = workspace.identity.bot_user in channel.members
    if channel.kind == "im":
        return {"id": channel.id, "is_im": True, "is_channel": False, "user": channel.name, "is_archived": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.private,
        "is_group": channel.private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.private,
        "is_archived": channel.archived,
        "is_general": False,
        "is_shared": channel.ext_shared,
        "is_ext_shared": channel.ext_shared,
        "is_org_shared": False,
        "is_member": bot_is_in,
        "context_team_id": workspace.identity.team,
        "num_members": len(channel.members),
    }


def group_form(group: UserGroup) -> Json:
    """A user group."""
    deleted = 1 if group.deleted else 0
    users = {"users": list(group.members), "user_count": len(group.members)}
    return {
        "id": group.id,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "date_delete": deleted,
        **users,
    }


def message_form(workspace: Workspace, message: Message, *, metadata: bool = False) -> Json:
    """A message, as ``conversations.history`` and interaction payloads tell it."""
    form: Json = {"type": "message", "ts": message.ts, "user": message.user, "text": message.text}
    form["team"] = workspace.identity.team
    if message.bot_id:
        form |= {"bot_id": message.bot_id, "app_id": workspace.identity.app}
    if message.blocks:
        form["blocks"] = list(message.blocks)
    if message.attachments:
        form["attachments"] = list(message.attachments)
    if message.files:
        form["files"] = [file_form(workspace, workspace.store.files[one]) for one in message.files]
    if message.edited_ts:
        form["edited"] = {"user": message.user, "ts": message.edited_ts}
    if message.tombstone:
        form |= {"subtype": "tombstone", "hidden": True}
    if message.thread_ts:
        form |= {"thread_ts": message.thread_ts, "parent_user_id": _author(workspace, message)}
    if metadata and message.metadata:
        form["metadata"] = message.metadata
    replies = workspace.store.replies(message.channel, message.ts)
    if replies:
        form |= {"thread_ts": message.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts}
    return form


def _author(workspace: Workspace, message: Message) -> str:
    parent = workspace.store.message(message.channel, message.thread_ts or "")
    return parent.user if parent else message.user


def view_form(workspace: Workspace, view: View) -> Json:
    """A view, as ``views.*`` answers and interaction payloads tell it."""
    form: Json = {
        "id": view.id,
        "team_id": workspace.identity.team,
        "type": view.type,
        "blocks": list(view.blocks),
        "private_metadata": view.private_metadata,
        "callback_id": view.callback_id,
        "state": {"values": {block: dict(actions) for block, actions in view.state.items()}},
        "hash": view.hash,
        "external_id": view.external_id,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
        "app_id": workspace.identity.app,
        "bot_id": workspace.identity.bot,
        "app_installed_team_id": workspace.identity.team,
    }
    if view.type == "home":
        return form
    words = {"title": view.title, "submit": view.submit, "close": view.close}
    shown = {key: None if text is None else plain(text) for key, text in words.items()}
    return {**form, **shown, "notify_on_close": view.notify_on_close, "clear_on_close": view.clear_on_close}


def plain(text: str) -> Json:
    """A plain text object."""
    return {"type": "plain_text", "text": text, "emoji": True}


def file_form(workspace: Workspace, file: File) -> Json:
    """A file, as ``files.info`` tells it."""
    shares: dict[str, dict[str, list[Json]]] = {}
    for channel_id, ts in file.shares:
        channel = workspace.store.channels[channel_id]
        message = workspace.store.message(channel_id, ts)
        place = shares.setdefault("private" if channel.private else "public", {}).setdefault(channel_id, [])
        thread = {"thread_ts": message.thread_ts} if message and message.thread_ts else {}
        place.append({"ts": ts, "channel_name": channel.name, "team_id": workspace.identity.team, **thread})
    form: Json = {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "user": workspace.identity.bot_user,
        "created": file.created,
        "size": len(file.content),
        "mode": "snippet" if file.snippet_type else "hosted",
        "filetype": file.snippet_type or file.name.rpartition(".")[2] or "binary",
        "pretty_type": (file.snippet_type or "file").capitalize(),
        "url_private": f"{workspace.url}/files/{file.id}",
        "permalink": f"{workspace.url}/files/{file.id}",
        "alt_txt": file.alt_txt,
        "shares": shares,
        "channels": sorted({channel for channel, _ in file.shares}),
    }
    if file.snippet_type:
        lines = file.content.decode("utf-8", "replace").splitlines()
        form |= {"preview": "\n".join(lines[:PREVIEW_LINES]), "lines": len(lines)}
    return form
