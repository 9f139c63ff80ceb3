"""What should stand in Slack: each message is a wish that delivery works towards until Slack agrees."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


ANSWER: Final = "answer:"  # how the keys of answers begin
RESPOND_LANE: Final = "respond:"  # how the lanes of response URLs begin


class MessageKind(StrEnum):
    """How a message reaches Slack."""

    POST = "post"  # chat.postMessage once, chat.update whenever its content changes
    EPHEMERAL = "ephemeral"  # chat.postEphemeral to one person; sent once, never edited
    RESPOND = "respond"  # through a response_url; sent once
    FILE = "file"  # a snippet or a picture, shared once in a channel or thread


@dataclass(frozen=True, slots=True)
class Quote:
    """A device whose text stands in a message: a stored version of its configuration, or words that it said."""

    device: str
    version: int | None = None  # None: words of a run; the secrets of its newest version may be among them


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as it should be. Putting it again under its key changes its content, never adds a second."""

    key: str  # "run:123": names it for ever
    kind: MessageKind
    channel: str  # C..., D..., or U... for a direct message; for RESPOND the channel it belongs to
    content: Mapping[str, Any]  # POST, EPHEMERAL, RESPOND: text, blocks; FILE: filename, title, text, alt, and
    # snippet_type or graph, which is drawn when it is sent
    thread_key: str | None = None  # key of the message under which this one hangs: waits until that one stands
    thread_ts: str | None = None  # or the thread by its ts
    person: str | None = None  # EPHEMERAL: to whom. POST and FILE: whose DM this is, asked for access when sending
    sites: tuple[str, ...] = ()  # whose facts it holds: access is checked again when sending
    devices: tuple[str, ...] = ()  # that it names: at least those that are hidden from somebody
    shows_config: bool = False  # holds configuration text: never into a channel shared with others
    quotes: tuple[Quote, ...] = ()  # whose text it holds: looked through for secrets when sending
    fallback: str | None = None  # the person or channel to tell instead when the bot is not in the channel
    response_url: str | None = None  # RESPOND
    expires_at: datetime | None = None  # not worth sending after it

    @property
    def lane(self) -> str:
        """What it is sent in turn with: its channel; an answer through a response URL with those of its person."""
        return f"{RESPOND_LANE}{self.person or ''}" if self.kind is MessageKind.RESPOND else self.channel

    @property
    def is_answer(self) -> bool:
        """Whether somebody has just asked for it; it can wait for what nobody has asked for."""
        return self.key.startswith(ANSWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message and how far its delivery has come."""

    id: int
    message: Message
    revision: int  # counts the contents it was given
    sent_revision: int  # 0: nothing stands in Slack yet
    ts: str | None  # where it stands
    posted_channel: str | None  # a DM's real channel, D...
    attempts: int  # since the last success
    in_doubt: bool  # a send began and its end is not known: look before sending again
    not_before: datetime | None
    state: Mapping[str, Any] = field(default_factory=dict)  # FILE: what has been uploaded so far
