"""Answers to an interaction: in its ack, or posted to its response URL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from demo.slack.state.values import Json, Message, Refused
from demo.slack.web import posting
from demo.slack.web.arguments import Arguments

if TYPE_CHECKING:
    from demo.slack.state.workspace import ResponseUrl, Workspace

_KEYS: Final = frozenset(
    {
        *("text", "blocks", "attachments", "response_type", "replace_original", "delete_original", "thread_ts"),
        *("unfurl_links", "unfurl_media", "mrkdwn", "parse", "link_names", "metadata", "channel", "as_user"),
    }
)


def reply(workspace: Workspace, url: ResponseUrl, body: Json) -> Message | None:
    """Carry out one answer; returns the message it made or changed, None after a deletion.

    Ephemeral unless ``response_type`` says ``in_channel``.

    Raises:
        Refused: ``invalid_payload``, ``no_text``, ``invalid_blocks`` and the like, ``message_not_found``.
    """
    args = Arguments(body)
    strange = set(body) - _KEYS
    if strange:
        raise Refused("invalid_payload", f"unknown keys: {', '.join(sorted(strange))}")
    if args.text("response_type", "ephemeral") not in ("ephemeral", "in_channel"):
        raise Refused("invalid_payload", "response_type must be ephemeral or in_channel")
    if args.flag("delete_original"):
        workspace.store.drop_message(_original(workspace, url))
        return None
    content = posting.content(workspace, args)
    if args.flag("replace_original"):
        return _replaced(workspace, _original(workspace, url), content)
    return _posted(workspace, url, args, content)


def _original(workspace: Workspace, url: ResponseUrl) -> Message:
    message = workspace.store.message(url.channel, url.original or "")
    if message is None or message.user != workspace.identity.bot_user:
        raise Refused("message_not_found", "there is no original message of the bot's to replace or delete")
    return message


def _replaced(workspace: Workspace, original: Message, content: Json) -> Message:
    stamp = workspace.store.next_ts()
    edited = replace(original, **content, edited_ts=stamp, edits=original.edits + 1)
    workspace.store.put_message(edited)
    return edited


def _posted(workspace: Workspace, url: ResponseUrl, args: Arguments, content: Json) -> Message:
    channel = workspace.store.channels[url.channel]
    thread_ts = posting.thread_of(workspace, channel, args)
    in_channel = args.text("response_type") == "in_channel"
    if in_channel and channel.archived:
        raise Refused("is_archived", f"{channel.id} is archived")
    only = None if in_channel else url.person
    message = workspace.post(channel, thread_ts=thread_ts, ephemeral_for=only, **content)
    if url.original is None:
        url.original = message.ts  # a command's later answers may replace its first one
    return message
