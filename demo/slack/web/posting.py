"""What every posted message goes through: the text, the blocks, the thread, the metadata."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from demo.slack.blocks import limits
from demo.slack.blocks.contents import check_message_blocks
from demo.slack.blocks.rules import kind
from demo.slack.state.values import Json, Refused

if TYPE_CHECKING:
    from demo.slack.state.values import Channel
    from demo.slack.state.workspace import Workspace
    from demo.slack.web.arguments import Arguments


def content(workspace: Workspace, args: Arguments) -> Json:
    """The text, blocks and attachments of a call, checked; at least one of them must say something.

    Raises:
        Refused: ``no_text`` and what ``check_message_blocks`` raises.
    """
    text = args.text("text")
    blocks = blocks_of(workspace, args)
    attachments = attachments_of(args)
    if not text.strip() and not blocks and not attachments:
        raise Refused("no_text", "a message needs text, blocks or attachments")
    return {"text": text[: limits.TEXT_CUT], "blocks": blocks, "attachments": attachments}


def blocks_of(workspace: Workspace, args: Arguments) -> tuple[Json, ...]:
    """The checked blocks of a call; none if it has no ``blocks``."""
    if "blocks" not in args:
        return ()
    return check_message_blocks(args.structure("blocks"), files=workspace.file_exists)


def attachments_of(args: Arguments) -> tuple[Json, ...]:
    """The attachments of a call. Blocks inside them are held to the same rules."""
    given = args.structure("attachments")
    if given is None:
        return ()
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise Refused("invalid_attachments", "attachments must be an array of objects")
    if len(given) > limits.ATTACHMENTS:
        raise Refused("too_many_attachments", f"no more than {limits.ATTACHMENTS} attachments allowed")
    return tuple(_attachment(one) for one in given)


def _attachment(one: Json) -> Json:
    return {**one, "blocks": list(check_message_blocks(one["blocks"]))} if "blocks" in one else one


def warnings(args: Arguments) -> Json:
    """What Slack warns of in its answer to a call that it accepts."""
    found = []
    if len(args.text("text")) > limits.TEXT_CUT:
        found.append("message_truncated")
    if not found:
        return {}
    return {"warning": ",".join(found), "response_metadata": {"warnings": found}}


def thread_of(workspace: Workspace, channel: Channel, args: Arguments) -> str | None:
    """The parent of a reply; it must be there, and be a parent.

    Raises:
        Refused: ``invalid_thread_ts``, ``thread_not_found``, ``cannot_reply_to_message``.
    """
    thread_ts = args.text("thread_ts")
    if not thread_ts:
        return None
    parent = workspace.store.message(channel.id, thread_ts)
    if parent is None or parent.ephemeral_for is not None:
        raise Refused("thread_not_found", f"there is no message {thread_ts} in {channel.id}")
    if parent.thread_ts is not None:
        raise Refused("cannot_reply_to_message", f"{thread_ts} is a reply itself")
    return thread_ts


def metadata_of(args: Arguments) -> Json | None:
    """The metadata of a call; an empty object takes it away.

    Raises:
        Refused: ``invalid_metadata_format``, ``invalid_metadata_schema``, ``metadata_too_large``.
    """
    given: Any = args.structure("metadata")
    if given is None or given == {}:
        return None
    if not isinstance(given, dict):
        raise Refused("invalid_metadata_format", f"metadata must be an object, not {kind(given)}")
    event_type, payload = given.get("event_type"), given.get("event_payload")
    good_type = isinstance(event_type, str) and 0 < len(event_type) <= limits.METADATA_TYPE
    if not good_type or not isinstance(payload, dict) or set(given) - {"event_type", "event_payload", "entities"}:
        raise Refused("invalid_metadata_schema", "metadata needs event_type (a string) and event_payload (an object)")
    if len(json.dumps(given)) > limits.METADATA:
        raise Refused("metadata_too_large", f"metadata: no more than {limits.METADATA} bytes")
    return given
