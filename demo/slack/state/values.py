"""What the local Slack is made of: people, channels, messages, views, files, and the records of what went by.

All are snapshots: an edit puts a new value into the store, and one read before keeps what it showed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Json = dict[str, Any]
Surface = Literal["message", "modal", "home"]


class Refused(Exception):
    """A call was refused: Slack's error code, the rules that were broken, and fields to add to the answer."""

    def __init__(self, code: str, *rules: str, **extra: object) -> None:
        super().__init__(f"{code}: {'; '.join(rules)}" if rules else code)
        self.code = code
        self.rules = rules
        self.extra = extra


@dataclass(frozen=True)
class Person:
    """A user: a member unless a flag says otherwise. ``team_id`` of another organisation makes a stranger."""

    id: str
    name: str
    real_name: str
    team_id: str
    tz: str = "Europe/Berlin"
    email: str = ""
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_bot: bool = False
    is_admin: bool = False
    deleted: bool = False


@dataclass(frozen=True)
class Channel:
    """A conversation. ``kind`` is ``channel`` (public or private), ``im`` (bot and one person) or ``mpim`` (a few)."""

    id: str
    name: str
    members: frozenset[str] = frozenset()  # user ids, the bot's own among them
    private: bool = False
    archived: bool = False
    ext_shared: bool = False  # shared with another organisation
    kind: Literal["channel", "im", "mpim"] = "channel"


@dataclass(frozen=True)
class UserGroup:
    """A user group: ``handle`` is what people type after the @."""

    id: str
    handle: str
    name: str
    members: tuple[str, ...] = ()
    deleted: bool = False


@dataclass(frozen=True)
class Message:
    """One message as it stands. ``ephemeral_for`` names the only person who sees it."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    thread_ts: str | None = None  # the parent's ts, for a reply
    bot_id: str | None = None
    ephemeral_for: str | None = None
    metadata: Json | None = None
    files: tuple[str, ...] = ()  # file ids
    edited_ts: str | None = None
    edits: int = 0
    broadcast: bool = False
    tombstone: bool = False  # deleted, kept because replies hang on it


@dataclass(frozen=True)
class View:
    """A modal or a Home tab. ``state`` is what the person has entered: block id, action id, value object."""

    id: str
    person: str
    type: Literal["modal", "home"]
    blocks: tuple[Json, ...]
    hash: str
    callback_id: str = ""
    private_metadata: str = ""
    external_id: str = ""
    title: str = ""
    submit: str | None = None
    close: str | None = None
    notify_on_close: bool = False
    clear_on_close: bool = False
    root_id: str = ""
    previous_id: str | None = None
    channel: str | None = None  # where the modal was opened from, if there
    state: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)


@dataclass(frozen=True)
class File:
    """An uploaded file. ``shares`` lists the places it was shared to: channel and message ts."""

    id: str
    name: str
    title: str
    content: bytes
    snippet_type: str | None = None
    alt_txt: str = ""
    created: int = 0  # seconds since 1970
    shares: tuple[tuple[str, str], ...] = ()
    deleted: bool = False


@dataclass(frozen=True)
class Call:
    """One call that came in. ``rules`` says what was broken when ``error`` is set."""

    method: str
    args: Json  # without the token
    at: datetime
    status: int  # HTTP; 0: the connection was dropped
    answer: Json
    error: str | None = None
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Traffic:
    """One frame or request between Slack and the bot, other than Web API calls.

    ``direction`` is ``to_bot`` or ``from_bot``; ``kind`` is the envelope's or frame's type, ``ack`` for an
    acknowledgement.
    """

    direction: Literal["to_bot", "from_bot"]
    kind: str
    body: Json
    at: datetime
    transport: Literal["socket", "http"]
    envelope_id: str | None = None
    ack_ms: float | None = None


@dataclass(frozen=True)
class Interaction:
    """What became of something a person did.

    ``error`` is what that person sees: ``operation_timeout`` (no ack in time), ``dispatch_failed`` (no
    connection, or a refusal over HTTP), ``invalid_blocks`` and the like for an unusable answer.
    ``field_errors`` are shown beside the inputs of a modal.
    """

    kind: str
    person: Person
    payload: Json
    acked: bool = False
    ack: Json | None = None
    ack_ms: float | None = None  # by the wall clock, however the handed clock moves
    error: str | None = None
    rules: tuple[str, ...] = ()
    field_errors: Mapping[str, str] = field(default_factory=dict)
    message: Message | None = None  # the answer that the ack carried


@dataclass(frozen=True)
class Change:
    """Something in the store has changed: ``kind`` says what, ``where`` its channel, person or id."""

    number: int
    kind: str
    where: str
    what: str = ""
