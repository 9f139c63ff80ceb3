"""The last look at a message: no secret of the configurations that it quotes may stand in it.

Masking comes before and is usually enough. This one trusts neither rules nor templates: it reads the versions again,
takes out their secrets by the rules of now, and looks for them in everything that is about to be sent.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from domain.configs.leaks import Secrets
from domain.errors import LastgoodError, SlackTrouble
from domain.messages.outbox import Message, MessageKind
from notifications.alerts import pages
from notifications.pages import answers
from storage.devices.versions import newest_version, version_of
from storage.messages import outbox

if TYPE_CHECKING:
    from collections.abc import Collection

    from domain.clock import Clock
    from domain.configs.versions import Version
    from domain.messages.outbox import Quote
    from notifications.delivery.deliverer import Gate
    from notifications.rendering.renderer import Renderer

log = logging.getLogger(__name__)

WITHHELD_LIFETIME: Final = timedelta(days=2)  # so long a message that was withheld may be made anew
_HELD: Final = "This message was not sent because it contained a secret. The owners have been notified."


class Reads(Protocol):
    """Knows what of a version must not be shown: ``notifications.previews``."""

    async def secrets(self, device: str, version: Version) -> Secrets:
        """What of ``version`` must stand in no message. Raises ``ArchiveError``."""
        ...

    def is_link_only(self, device: str, site: str | None = None) -> bool:
        """Whether no text of ``device`` may stand in Slack."""
        ...


class LeakGuard:
    """A gate behind another, which knows who may read what; this one knows what nobody may read."""

    def __init__(self, gate: Gate, texts: Reads, *, renderer: Renderer, clock: Clock, owners: Collection[str]) -> None:
        self._gate = gate
        self._texts = texts
        self._renderer = renderer
        self._clock = clock
        self._owners = owners

    async def verdict(self, message: Message) -> str | None:
        """Why ``message`` is withheld; None: it may be sent. Of a secret in it the owners are told.

        Raises:
            SlackTrouble: it cannot be told now; the message waits.
        """
        reason = await self._gate.verdict(message) or self._never(message)
        if reason is not None or not message.quotes:
            return reason
        secrets = await self._secrets_of(message)
        if secrets is None:
            return "it holds a configuration that is stored no longer"
        if not await asyncio.to_thread(secrets.are_in, message.content):
            return None
        await self._tell(message)
        return "a secret stands in it"

    def _never(self, message: Message) -> str | None:
        """Why ``message`` may be shown to nobody, whatever stands in it."""
        if not message.shows_config:
            return None
        if not message.quotes:
            return "it holds a configuration, and nobody said which"
        sites = (None, *message.sites)  # of a device that moved also where its text was captured
        closed = any(self._texts.is_link_only(quote.device, site) for quote in message.quotes for site in sites)
        return "its site shows no configuration in Slack" if closed else None

    async def _secrets_of(self, message: Message) -> Secrets | None:
        """What must not stand in ``message``; None: a version that it shows is gone, so nobody can tell."""
        found = Secrets()
        for quote in message.quotes:
            try:
                secrets = await self._secrets(quote, message.sites)
            except LastgoodError as error:
                if message.shows_config:
                    raise SlackTrouble(f"secrets of {quote.device} cannot be looked up: {error}") from error
                log.warning("message not looked through", extra={"message_key": message.key, "error": str(error)})
                continue
            if secrets is None and quote.version is not None:
                return None
            found |= secrets or Secrets()
        return found

    async def _secrets(self, quote: Quote, sites: Collection[str]) -> Secrets | None:
        version = await (version_of(quote.device, quote.version) if quote.version else self._newest(quote, sites))
        return await self._texts.secrets(quote.device, version) if version and not version.missing_since else None

    async def _newest(self, quote: Quote, sites: Collection[str]) -> Version | None:
        """What the device had when it said something at ``sites``, else what it had anywhere: more is looked for."""
        return await newest_version(quote.device, sites=sites) or await newest_version(quote.device)

    async def _tell(self, message: Message) -> None:
        """Tell the owners, and whoever waits for the message that it will not come; keep nothing of it."""
        devices = sorted({quote.device for quote in message.quotes})
        log.error("message held back: a secret stands in it", extra={"message_key": message.key, "devices": devices})
        alert = self._renderer.render("alert", pages.secret_held_back(devices, message.key)).as_payload()
        told = [self._to_owner(owner, message.key, alert) for owner in sorted(self._owners)]
        if message.kind is not MessageKind.FILE:  # the message beside it says what there is to say
            told.append(self._instead(message))
        await outbox.put(told, now=self._clock.now())
        await outbox.blank(message.key)

    def _to_owner(self, owner: str, key: str, content: dict[str, object]) -> Message:
        return Message(
            key=f"leak:{key}:{owner}",
            kind=MessageKind.POST,
            channel=owner,
            person=owner,
            content=content,
            expires_at=self._clock.now() + WITHHELD_LIFETIME,
        )

    def _instead(self, message: Message) -> Message:
        content = self._renderer.render("notice", answers.notice(_HELD)).as_payload()
        return replace(message, key=f"{message.key}:held", content=content, shows_config=False, quotes=())
