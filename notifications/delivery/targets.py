"""Where a message goes and in which way, after what delivery has learnt so far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from domain.messages.outbox import MessageKind
from notifications.pages.configs import first_lines
from notifications.rendering.block_limits import fit, fit_text
from notifications.rendering.escaping import mrkdwn
from notifications.rendering.tables import preformatted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.messages.outbox import Delivery, Message

CHANNEL_CLOSED: Final = frozenset(
    {"not_in_channel", "channel_not_found", "is_archived", "user_not_in_channel", "restricted_action"}
    | {
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "posting_to_general_channel_denied",
    }
    | {"channel_type_not_supported", "no_permission", "messages_tab_disabled"}
)
GONE: Final = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
UNREADABLE: Final = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "invalid_attachments"}
    | {"invalid_arguments", "invalid_payload", "no_text"}
)
_CHANNELS: Final = ("C", "G")
_METHODS: Final = {
    MessageKind.EPHEMERAL: "chat.postEphemeral",
    MessageKind.RESPOND: "response_url",
    MessageKind.FILE: "files.completeUploadExternal",
}


@dataclass(frozen=True, slots=True)
class Aim:
    """One attempt: what is sent, how, and where.

    ``message`` is the outbox message with channel, person and kind as they are now; the gate judges this one.
    """

    message: Message
    thread_ts: str | None
    ts: str | None  # where it stands already: the message is edited
    closed_channel: str | None  # the channel that could not be used: the person is told how to invite the bot

    @property
    def method(self) -> str:
        """The call that carries it out."""
        usual = "chat.update" if self.ts else "chat.postMessage"
        return _METHODS.get(self.message.kind, usual)

    @property
    def is_public(self) -> bool:
        """Whether a channel reads it, not one person."""
        message = self.message
        kinds = {MessageKind.POST, MessageKind.FILE}
        return message.kind in kinds and message.person is None and message.channel.startswith(_CHANNELS)

    @property
    def key(self) -> str:
        """What names the message for ever."""
        return self.message.key


def aim_of(delivery: Delivery, parent: Delivery | None) -> Aim:
    """Where ``delivery`` goes now; ``parent`` is the message it hangs under."""
    wish, state = delivery.message, delivery.state
    moved = state.get("to") or (parent.state.get("to") if parent else None)
    channel = delivery.posted_channel or (parent.posted_channel if parent else None) or moved or wish.channel
    person = wish.person if moved and moved.startswith(_CHANNELS) else moved or wish.person
    message = replace(wish, channel=channel, person=person)
    if state.get("kind"):
        message = replace(message, kind=MessageKind(state["kind"]))
    if wish.kind is MessageKind.FILE and message.kind is MessageKind.POST:
        message = replace(message, content=_inline(wish.content))
    return Aim(
        message=message,
        thread_ts=_thread(delivery, parent, moved=bool(moved)),
        ts=None if state.get("anew") == delivery.ts else delivery.ts,
        closed_channel=wish.channel if state.get("to") and wish.channel.startswith(_CHANNELS) else None,
    )


def _thread(delivery: Delivery, parent: Delivery | None, *, moved: bool) -> str | None:
    if parent is None:
        return None if moved else delivery.message.thread_ts
    return parent.ts if moved or parent.message.thread_ts is None else parent.message.thread_ts


def other_way(delivery: Delivery, aim: Aim, code: str) -> Mapping[str, Any] | None:
    """The state in which ``delivery`` may still succeed after Slack refused with ``code``; None: there is none."""
    state = delivery.state
    if aim.ts and code in GONE:
        return {**state, "anew": aim.ts}
    match aim.message.kind:
        case MessageKind.RESPOND:
            return {**state, "kind": MessageKind.EPHEMERAL.value} if delivery.message.person else None
        case MessageKind.EPHEMERAL:
            return _moved(delivery, kind=MessageKind.POST.value)
        case MessageKind.FILE if code not in CHANNEL_CLOSED:
            return _another_file(state, code)
        case _:
            return _moved(delivery) if code in CHANNEL_CLOSED else None


def _moved(delivery: Delivery, **changes: str) -> Mapping[str, Any] | None:
    """To the person's own direct messages, or to another channel; None: none is named, or it goes there already."""
    person = delivery.message.fallback or delivery.message.person
    if not person or delivery.state.get("to"):
        return None
    return {**delivery.state, **changes, "to": person}


def _another_file(state: Mapping[str, Any], code: str) -> Mapping[str, Any]:
    kept = {key: value for key, value in state.items() if key != "file"}
    if code == "file_not_found" and "file" in state:
        return kept  # it was kept too long before it was shared: bring it anew
    return {**kept, "kind": MessageKind.POST.value}


def _inline(content: Mapping[str, Any]) -> dict[str, Any]:
    """The beginning of a file as a message, for when Slack takes no file."""
    title = str(content["title"])
    note = "The file could not be uploaded. This is its beginning."
    if "graph" in content:
        note = "The graph could not be drawn or uploaded. These are its numbers."
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"*{mrkdwn(title)}*"}},
        preformatted(first_lines(str(content["text"]))),
        {"type": "context", "elements": [{"type": "mrkdwn", "text": note}]},
    ]
    return {"text": fit_text(mrkdwn(title)), "blocks": fit(blocks)}


def refusal_limit(delivery: Delivery) -> int:
    """How well a message can wait: somebody sits and waits for an answer, nobody for a step in between."""
    if delivery.message.kind in {MessageKind.EPHEMERAL, MessageKind.RESPOND}:
        return 0
    return 2 if is_progress(delivery) else 1


def is_progress(delivery: Delivery) -> bool:
    """Whether it is an edit that a later one will replace: the least urgent of all."""
    return delivery.ts is not None and bool(delivery.message.content.get("progress"))
