"""Where the messages about a run or batch belong, and who may be told instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.messages.outbox import Message, MessageKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from domain.messages.outbox import Quote
    from domain.messages.places import Place


@dataclass(frozen=True, slots=True)
class Address:
    """A place in Slack with what delivery has to know of it."""

    place: Place
    asked_by: str | None
    sites: tuple[str, ...]
    expires_at: datetime
    thread_key: str | None = None  # the message in whose thread it hangs
    devices: tuple[str, ...] = ()  # restricted ones whose facts stand in it

    def message(
        self,
        key: str,
        content: Mapping[str, object],
        *,
        kind: MessageKind = MessageKind.POST,
        shows_config: bool = False,
        quotes: tuple[Quote, ...] = (),
    ) -> Message:
        """``content`` as a message of this address; in a channel it falls back to who asked."""
        is_private = self.place.is_private
        return Message(
            key=key,
            kind=kind,
            channel=self.place.channel,
            content=content,
            thread_key=self.thread_key,
            thread_ts=self.place.thread_ts,
            person=self.asked_by if is_private else None,
            sites=self.sites,
            devices=self.devices,
            shows_config=shows_config,
            quotes=quotes,
            fallback=None if is_private else self.asked_by,
            expires_at=self.expires_at,
        )
