"""Who hears from delivery how it goes with each channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from domain.messages.outbox import Message


class Watcher(Protocol):
    """Hears how it goes with each channel."""

    async def arrived(self, message: Message) -> None:
        """``message`` stands in its channel."""
        ...

    async def refused(self, message: Message, code: str) -> None:
        """Slack takes no messages for that channel now; ``code`` is its word for why."""
        ...

    async def withheld(self, message: Message) -> None:
        """The gate let it not into that channel."""
        ...
