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
    from notifications.delivery.errors import SlackRefusal

GONE: Final = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "block_mismatch"})
_THREAD_CLOSED: Final = frozenset(
    {"thread_not_found", "invalid_thread_ts", "cannot_reply_to_message", "restricted_action_thread_locked"}
    | {"restricted_action_non_threadable_channel"}
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
    base = parent if parent and not _has_left(delivery, parent) else None
    moved = state.get("to") or (base.state.get("to") if base else None)
    anew = delivery.ts is not None and state.get("anew") == delivery.ts
    stands_in = None if anew and state.get("to") else delivery.posted_channel
    channel = stands_in or (base.posted_channel if base else None) or moved or wish.channel
    person = wish.person if moved and moved.startswith(_CHANNELS) else moved or wish.person
    message = replace(wish, channel=channel, person=person)
    if state.get("kind"):
        message = replace(message, kind=MessageKind(state["kind"]))
    if wish.kind is MessageKind.FILE and message.kind is MessageKind.POST:
        message = replace(message, content=_inline(wish.content))
    return Aim(
        message=message,
        thread_ts=None if state.get("unthreaded") else _thread(delivery, base, moved=bool(moved)),
        ts=None if anew else delivery.ts,
        closed_channel=wish.channel if state.get("to") and wish.channel.startswith(_CHANNELS) else None,
    )


def _has_left(delivery: Delivery, parent: Delivery) -> bool:
    """Whether it went elsewhere by itself, because the channel in which its parent stands was closed meanwhile."""
    return bool(delivery.state.get("to")) and not parent.state.get("to")


def _thread(delivery: Delivery, parent: Delivery | None, *, moved: bool) -> str | None:
    if parent is None:
        return None if moved else delivery.message.thread_ts
    return parent.ts if moved or parent.message.thread_ts is None else parent.message.thread_ts


def other_way(delivery: Delivery, aim: Aim, refusal: SlackRefusal) -> Mapping[str, Any] | None:
    """The state in which ``delivery`` may still succeed after Slack refused it; None: there is none."""
    state, code = delivery.state, refusal.code
    if aim.ts and code in GONE:
        return {**state, "anew": aim.ts}
    if aim.thread_ts and code in _THREAD_CLOSED:
        return {**state, "unthreaded": True}
    match aim.message.kind:
        case MessageKind.RESPOND:
            return {**state, "kind": MessageKind.EPHEMERAL.value} if delivery.message.person else None
        case MessageKind.EPHEMERAL:
            return _moved(delivery, kind=MessageKind.POST.value)
        case MessageKind.FILE if not refusal.is_about_place:
            return another_file(state, code)
        case _:
            anew = {"anew": aim.ts} if aim.ts else {}  # what stands there can be edited no more
            return _moved(delivery, **anew) if refusal.is_about_place else None


def _moved(delivery: Delivery, **changes: str) -> Mapping[str, Any] | None:
    """To the person's own direct messages, or to another channel; None: none is named, or it goes there already."""
    person = delivery.message.fallback or delivery.message.person
    if not person or delivery.state.get("to") or person == delivery.message.channel:
        return None
    return {**delivery.state, **changes, "to": person}


def stayed(state: Mapping[str, Any]) -> dict[str, Any]:
    """``state`` of a message that waits for its own channel, and no longer tries another."""
    return {key: value for key, value in state.items() if key not in {"to", "anew"}}


def another_file(state: Mapping[str, Any], code: str) -> Mapping[str, Any]:
    """Another way for a file that Slack does not take as it is: brought anew, or its beginning in the message."""
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


def asks_for_no_token(delivery: Delivery) -> bool:
    """Whether it goes through a response URL, whether or not Slack accepts the app."""
    return delivery.message.kind is MessageKind.RESPOND and "kind" not in delivery.state


def lane_method(delivery: Delivery) -> str:
    """The call that carries it out, as far as that is known without its parent."""
    return aim_of(delivery, None).method


def urgency(delivery: Delivery) -> int:
    """The lower, the sooner: what nobody has asked for, such as alerts and ends of runs; answers; steps in between."""
    if is_progress(delivery):
        return 2
    return 1 if delivery.message.is_answer else 0


def is_progress(delivery: Delivery) -> bool:
    """Whether it is an edit that a later one will replace: the least urgent of all."""
    return delivery.ts is not None and bool(delivery.message.content.get("progress"))
