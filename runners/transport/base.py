"""How ``serve`` and its agents reach each other: the same messages over every transport."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from domain.errors import LastgoodError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from runners.wire.messages import FromAgent, ToAgent


class AgentAway(LastgoodError):
    """The agent is not connected, so the message was not handed over."""

    advice = "The agent is not connected. The run starts when the agent is back."

    def __init__(self, agent: str) -> None:
        super().__init__(f"agent {agent!r} is not connected")
        self.agent = agent


class TransportEnded(LastgoodError):
    """No agent can be heard any more, though nobody stopped the transport."""

    def __init__(self) -> None:
        super().__init__("the transport to the agents ended by itself")


@dataclass(frozen=True, slots=True)
class Connected:
    """The agent is there and may be sent to. Its ``Hello`` follows as the next event of this agent."""

    agent: str


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The agent is gone; whatever it was at is lost unless its result was received before this event."""

    agent: str
    reason: str  # plain words for the log, such as "ended with status 1"


@dataclass(frozen=True, slots=True)
class Received:
    """A message from the agent."""

    agent: str
    message: FromAgent


Event = Connected | Disconnected | Received


class Transport(Protocol):
    """Carries messages between ``serve`` and its agents, each agent by its name.

    Delivery is at most once: a message may be lost with the agent or the connection, never doubled and never
    reordered. Whoever needs certainty recovers from the database after ``Disconnected``.
    """

    async def start(self) -> None:
        """Begin to listen, and start the agents where they are this transport's own children.

        Returns at once: agents make themselves known by ``Connected`` events.
        """
        ...

    async def send(self, agent: str, message: ToAgent) -> None:
        """Hand ``message`` to ``agent``; returns when it has left, and waits while the agent is slow to read.

        Raises:
            AgentAway: the agent is not connected, or went away before the message had left.
        """
        ...

    def events(self) -> AsyncIterator[Event]:
        """What happens, in order, until ``close``; to be iterated by one task only.

        For each agent the order is ``Connected``, any number of ``Received`` (the first is its ``Hello``),
        ``Disconnected``, and again. The buffer behind it is bounded: while nobody takes events, agents are
        not read from and wait.
        """
        ...

    async def close(self) -> None:
        """Stop listening and end the children: politely first, by force after a few seconds. Ends ``events``."""
        ...
