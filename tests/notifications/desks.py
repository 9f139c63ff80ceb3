"""An announcer and a herald for tests of this room, with people and channels that the test makes up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from domain.access.people import Person
from domain.errors import SlackTrouble
from notifications.announcer import Announcer
from notifications.events.deferred import Waits
from notifications.events.publisher import Herald
from notifications.events.recipients import Readers
from notifications.rendering.renderer import Renderer
from notifications.runs.messages import RunMessages

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.access.access import Access
    from domain.clock import Clock


@dataclass
class Directory:
    """Who is who, and who is in which channel."""

    rooms: dict[str, frozenset[str]] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)  # Slack cannot be asked about these

    async def person(self, user: str) -> Person:
        """A person of the workspace."""
        if user in self.away:
            raise SlackTrouble("users.info was not answered")
        return Person(id=user, team="T")

    async def readers(self, channel: str) -> frozenset[str]:
        """The members that the test gave the channel."""
        if channel in self.away:
            raise SlackTrouble("conversations.members was not answered")
        return self.rooms.get(channel, frozenset())


@dataclass
class Desks:
    """What tells people, wired as serve does."""

    announcer: Announcer
    herald: Herald
    waits: Waits
    directory: Directory


def desks_of(previews: Any, *, access: Access, clock: Clock, wake: Callable[[], None] = lambda: None) -> Desks:  # noqa: ANN401 - the methods that are asked for
    """Announcer and herald over the open database."""
    directory = Directory()
    say = RunMessages(Renderer(), previews, access=access)
    herald = Herald(Readers(access, directory, clock=clock), say, access=access, clock=clock, wake=wake)
    return Desks(
        announcer=Announcer(say, herald, access=access, clock=clock, wake=wake),
        herald=herald,
        waits=Waits(say, directory, access=access, clock=clock, wake=wake),
        directory=directory,
    )
