"""``chat.*``: posting, editing and deleting messages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from demo.slack.blocks import limits
from demo.slack.blocks.contents import check_message_blocks, check_view
from demo.slack.methods.registry import method
from demo.slack.state.rates import POSTING, SPECIAL, TIER_3, TIER_4
from demo.slack.state.values import Json, Message, Refused
from demo.slack.web import posting
from demo.slack.web.forms import message_form

if TYPE_CHECKING:
    from demo.slack.state.workspace import Workspace
    from demo.slack.web.arguments import Arguments


@method("chat.postMessage", scope="chat:write", rate=POSTING)
def post_message(workspace: Workspace, args: Arguments) -> Json:
    """Post a message to a conversation, or to a person by id."""
    channel = workspace.posting_channel(args.need("channel"))
    content = posting.content(workspace, args)
    thread_ts = posting.thread_of(workspace, channel, args)
    broadcast = args.flag("reply_broadcast")
    metadata = posting.metadata_of(args)
    message = workspace.post(channel, thread_ts=thread_ts, broadcast=broadcast, metadata=metadata, **content)
    answer = {"channel": channel.id, "ts": message.ts, "message": message_form(workspace, message, metadata=True)}
    return answer | posting.warnings(args)


@method("chat.update", scope="chat:write", rate=TIER_3)
def update(workspace: Workspace, args: Arguments) -> Json:
    """Edit a message of the bot's own; what is not given stays."""
    message = _own(workspace, args, "cant_update_message")
    if len(args.text("text")) > limits.TEXT_UPDATE:
        raise Refused("msg_too_long", f"text: no more than {limits.TEXT_UPDATE} characters when editing")
    if not {"text", "blocks", "attachments"} & set(args.values):
        raise Refused("no_text", "an edit needs text, blocks or attachments")
    edited = replace(
        message,
        text=args.text("text", message.text),
        blocks=posting.blocks_of(workspace, args) if "blocks" in args else message.blocks,
        attachments=posting.attachments_of(args) if "attachments" in args else message.attachments,
        metadata=posting.metadata_of(args) if "metadata" in args else message.metadata,
        edited_ts=workspace.store.next_ts(),
        edits=message.edits + 1,
    )
    if not edited.text.strip() and not edited.blocks and not edited.attachments:
        raise Refused("no_text", "the edit would leave the message empty")
    workspace.store.put_message(edited)
    form = message_form(workspace, edited, metadata=True)
    return {"channel": message.channel, "ts": message.ts, "text": edited.text, "message": form}


@method("chat.delete", scope="chat:write", rate=TIER_3)
def delete(workspace: Workspace, args: Arguments) -> Json:
    """Delete a message of the bot's own."""
    message = _own(workspace, args, "cant_delete_message")
    workspace.store.drop_message(message)
    return {"channel": message.channel, "ts": message.ts}


def _own(workspace: Workspace, args: Arguments, code: str) -> Message:
    channel = workspace.visible_channel(args.need("channel"))
    message = workspace.store.message(channel.id, args.need("ts"))
    if message is None or message.tombstone or message.ephemeral_for is not None:
        raise Refused("message_not_found", f"there is no message {args.text('ts')} in {channel.id}")
    if channel.archived:
        raise Refused("is_archived", f"{channel.id} is archived")
    if message.user != workspace.identity.bot_user:
        raise Refused(code, "the bot did not write this message")
    return message


@method("chat.postEphemeral", scope="chat:write", rate=TIER_4)
def post_ephemeral(workspace: Workspace, args: Arguments) -> Json:
    """Show a message to one person of a conversation."""
    channel = workspace.posting_channel(args.need("channel"))
    person = args.need("user")
    if person not in channel.members:
        raise Refused("user_not_in_channel", f"{person} is not in {channel.id}")
    content = posting.content(workspace, args)
    thread_ts = posting.thread_of(workspace, channel, args)
    message = workspace.post(channel, thread_ts=thread_ts, ephemeral_for=person, **content)
    return {"message_ts": message.ts}


@method("chat.getPermalink", rate=SPECIAL)
def get_permalink(workspace: Workspace, args: Arguments) -> Json:
    """The address of a message."""
    channel = workspace.visible_channel(args.need("channel"))
    message = workspace.store.message(channel.id, args.need("message_ts"))
    if message is None or message.ephemeral_for is not None:
        raise Refused("message_not_found", f"there is no message {args.text('message_ts')} in {channel.id}")
    permalink = f"https://{workspace.identity.domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": permalink}


@method("blocks.validate", rate=TIER_3)
def validate(workspace: Workspace, args: Arguments) -> Json:
    """Check blocks, a message or a view without showing them."""
    view, message = args.structure("view"), args.structure("message")
    if view is not None:
        surface = view.get("type") if isinstance(view, dict) else None
        check_view(view, "home" if surface == "home" else "modal", files=workspace.file_exists)
        return {}
    blocks = message.get("blocks", []) if isinstance(message, dict) else args.structure("blocks")
    if blocks is None:
        raise Refused("invalid_arguments", "one of blocks, message or view is required")
    check_message_blocks(blocks, files=workspace.file_exists)
    return {}
