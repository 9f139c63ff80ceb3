"""An answer on its way out: which kind of message carries it, so that it reaches the person who asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.messages.outbox import ANSWER, Message, MessageKind

if TYPE_CHECKING:
    from datetime import datetime

    from bot.requests.incoming import Incoming
    from commands.request import Reply, ReplyFile

RESPONSE_URL_LIFETIME = timedelta(minutes=29)  # Slack gives it 30
EPHEMERAL_LIFETIME = timedelta(minutes=30)  # later nobody remembers having asked


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRequest:
    """What was asked, as far as its answer needs to know."""

    incoming: Incoming
    id: str  # correlation
    at: datetime
    own_dm: bool  # asked in the person's own conversation with the bot


def answer_messages(asked: AskedRequest, reply: Reply, content: dict[str, Any]) -> list[Message]:
    """The message of ``reply``, rendered as ``content``, and its file if it has one."""
    messages = [_message(asked, reply, content)]
    return [*messages, _file(asked, reply, reply.file)] if reply.file else messages


def _message(asked: AskedRequest, reply: Reply, content: dict[str, Any]) -> Message:
    incoming, place = asked.incoming, asked.incoming.place
    shared: dict[str, Any] = {
        "key": f"{ANSWER}{asked.id}",
        "content": content,
        "sites": reply.sites,
        "devices": reply.devices,
        "shows_config": reply.shows_config,
        "quotes": reply.quotes,
    }
    if reply.public:
        shared["fallback"] = incoming.user
        return Message(kind=MessageKind.POST, channel=place.channel, thread_ts=place.thread_ts, **shared)
    shared["person"] = incoming.user
    if incoming.response_url:
        return Message(
            kind=MessageKind.RESPOND,
            channel=place.channel,
            response_url=incoming.response_url,
            expires_at=asked.at + RESPONSE_URL_LIFETIME,
            **shared,
        )
    if asked.own_dm or incoming.is_home:
        channel = incoming.user if incoming.is_home else place.channel
        return Message(kind=MessageKind.POST, channel=channel, thread_ts=place.thread_ts, **shared)
    return Message(
        kind=MessageKind.EPHEMERAL,
        channel=place.channel,
        thread_ts=place.thread_ts,
        expires_at=asked.at + EPHEMERAL_LIFETIME,
        **shared,
    )


def _file(asked: AskedRequest, reply: Reply, file: ReplyFile) -> Message:
    user, place = asked.incoming.user, asked.incoming.place
    content: dict[str, Any] = {"filename": file.filename, "title": file.title, "text": file.text, "alt": file.alt}
    shared: dict[str, Any] = {
        "key": f"{ANSWER}{asked.id}:file",
        "kind": MessageKind.FILE,
        "sites": reply.sites,
        "devices": reply.devices,
        "quotes": reply.quotes,
    }
    if file.graph is None:
        content["snippet_type"] = file.snippet_type
        return Message(channel=user, person=user, shows_config=reply.shows_config, content=content, **shared)
    content["graph"] = file.graph
    if reply.public:
        return Message(channel=place.channel, thread_ts=place.thread_ts, content=content, fallback=user, **shared)
    return Message(channel=user, person=user, content=content, **shared)
