"""Telling the owners that Slack refused the app: written down while it lasts, read when it is over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from domain.messages.outbox import Message, MessageKind
from notifications.alerts import pages
from storage.messages import outbox

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from domain.clock import Clock
    from notifications.rendering.renderer import Renderer

APP_REFUSED_NOTICE_LIFETIME: Final = timedelta(days=7)  # so long it waits for Slack


class OwnersNotice:
    """Puts one message for each owner into the outbox. Like all others it waits until Slack accepts the app again.

    So it is told once, and also when the bot was started anew with another token meanwhile.
    """

    def __init__(self, renderer: Renderer, *, clock: Clock, owners: Collection[str]) -> None:
        self._renderer = renderer
        self._clock = clock
        self._owners = owners

    async def app_refused(self, since: datetime, code: str) -> None:
        """Slack has refused the app since then; the same again changes nothing."""
        content = self._renderer.render("alert", pages.app_refused(since, code)).as_payload()
        now = self._clock.now()
        await outbox.put([self._message(owner, since, content) for owner in sorted(self._owners)], now=now)

    def _message(self, owner: str, since: datetime, content: dict[str, object]) -> Message:
        return Message(
            key=f"refused:{since.isoformat()}:{owner}",
            kind=MessageKind.POST,
            channel=owner,
            person=owner,
            content=content,
            expires_at=self._clock.now() + APP_REFUSED_NOTICE_LIFETIME,
        )
