"""What a person asks, and what a command answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.access.people import Person
    from domain.messages.outbox import Quote
    from domain.messages.places import Place


class Surface(StrEnum):
    """Where in Slack it was asked."""

    COMMAND = "command"
    MENTION = "mention"
    BUTTON = "button"
    SELECT = "select"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One thing that one person asks. ``Commands.answer`` takes the command's name off the words."""

    person: Person
    words: tuple[str, ...]  # as commands.input.quoting splits them
    place: Place  # where it was asked
    surface: Surface
    id: str  # correlation id: in every log line, and quoted to the person after an internal error
    source_key: str = ""  # names the delivery by Slack, so that a second one is known as such
    response_url: str | None = None
    trigger_id: str | None = None
    own_dm: bool = False  # whether place is known to be this person's own conversation with the bot


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyFile:
    """What does not fit into a message: goes as a file into the asker's DM. Secrets are masked already."""

    filename: str
    title: str
    text: str
    snippet_type: str  # "diff", "text"; empty: a picture
    alt: str
    graph: Mapping[str, Any] | None = None  # drawn when it is sent; goes where the answer goes if that is public

    @classmethod
    def of(cls, content: Mapping[str, object]) -> Self:
        """The file whose content ``notifications.pages.configs`` made."""
        texts: Mapping[str, Any] = {key: str(value) for key, value in content.items()}
        return cls(**texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A modal: a template's name and its context, and who takes the answers."""

    callback: str  # of commands.forms
    template: str
    context: Mapping[str, Any]
    memory: str = ""  # comes back with the answers: at most 3,000 characters, and never trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What to say: a template's name and its context. With ``form`` it is what to say if that cannot be opened."""

    template: str
    context: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    sites: tuple[str, ...] = ()  # whose facts it holds: access is asked again when sending
    devices: tuple[str, ...] = ()  # those among the devices it names that are hidden from somebody
    public: bool = False  # to everybody in the thread; set by Commands.answer alone
    for_asker_alone: bool = False  # never to everybody, wherever it was asked
    shows_config: bool = False
    quotes: tuple[Quote, ...] = ()  # whose text it holds: looked through for secrets when sending
    is_denial: bool = False  # this person may not do that: who hears it too often is not answered any more
    is_plain_to_see: bool = False  # a message that comes to the same place says it all: send this only if that cannot
    file: ReplyFile | None = None
    form: Form | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One line of a picker, within Slack's limits."""

    text: str  # at most 75 characters
    value: str  # the words it stands for, at most 150
    description: str = ""  # at most 75
