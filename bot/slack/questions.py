"""Asking Slack at its pace: a method that Slack wants left alone is left alone by everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from notifications.delivery.errors import Paused, asked

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from domain.clock import Clock

Answer = TypeVar("Answer")

PAGE = 200  # entries of a list in one answer: more is allowed and advised against
MAX_PAGES = 250  # pages of one list that are read


class Questions:
    """The way in which people, groups and channels are asked about."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._paused: dict[str, datetime] = {}

    async def ask(self, method: str, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer to ``call``, unless Slack has said that it wants no more of this method just now.

        Raises:
            SlackTrouble: there was no good one.
        """
        until = self._paused.get(method)
        left = until - self._clock.now() if until else None
        if left is not None and left.total_seconds() > 0:
            raise Paused(method, left)
        try:
            return await asked(method, call())
        except Paused as pause:
            self._paused[method] = self._clock.now() + pause.pause
            raise

    async def pages(self, method: str, call: Callable[..., Awaitable[Any]], key: str, **arguments: Any) -> list[Any]:  # noqa: ANN401 - what Slack's methods take
        """All entries of a list that comes in pages. Raises ``SlackTrouble``."""
        found: list[Any] = []
        more: dict[str, str] = {}
        for _ in range(MAX_PAGES):
            asks = {"limit": PAGE, **arguments, **more}
            page = await self.ask(method, lambda asks=asks: call(**asks))  # type: ignore[misc]  # bound at once
            found += page[key] or ()
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
            more = {"cursor": cursor}
        return found
