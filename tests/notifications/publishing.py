"""An announcer and a publisher for tests of this room, with people and channels that the test makes up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from domain.access.people import Person
from domain.errors import SlackTrouble
from notifications.announcer import Announcer
from notifications.events.deferred import DeferredEvents
from notifications.events.publisher import EventPublisher
from notifications.events.recipients import Recipients
from notifications.rendering.renderer import Renderer
from notifications.runs.messages import RunMessages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from domain.access.access import Access
    from domain.clock import Clock


@dataclass
class Directory:
    """Who is who, and who is in which channel."""

    rooms: dict[str, frozenset[str]] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)  # Slack cannot be asked about these

    async def person(self, user: str, sites: Iterable[str] | None = None) -> Person:  # noqa: ARG002 - the same at all
        """A person of the workspace."""
        if user in self.away:
            raise SlackTrouble("users.info was not answered")
        return Person(id=user, team="T")

    async def recipients(self, channel: str) -> frozenset[str]:
        """The members that the test gave the channel."""
        if channel in self.away:
            raise SlackTrouble("conversations.members was not answered")
        return self.rooms.get(channel, frozenset())


@dataclass
class Publishing:
    """What tells people, wired as serve does."""

    announcer: Announcer
    publisher: EventPublisher
    deferred: DeferredEvents
    directory: Directory


def publishing_of(
    previews: Any,  # noqa: ANN401 - real ones, or a stand-in
    *,
    access: Access,
    clock: Clock,
    wake: Callable[[], None] = lambda: None,
) -> Publishing:
    """Announcer and publisher over the open database."""
    directory = Directory()
    say = RunMessages(Renderer(), previews, access=access)
    publisher = EventPublisher(Recipients(access, directory, clock=clock), say, access=access, clock=clock, wake=wake)
    return Publishing(
        announcer=Announcer(say, publisher, access=access, clock=clock, wake=wake),
        publisher=publisher,
        deferred=DeferredEvents(say, directory, access=access, clock=clock, wake=wake),
        directory=directory,
    )
