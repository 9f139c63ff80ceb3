"""The last resort when even the outbox cannot be reached: a plain sentence straight to the person."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from domain.errors import LastgoodError
from notifications.delivery.errors import asked

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.requests.incoming import Incoming

log = logging.getLogger(__name__)

BUSY = "Lastgood is overloaded, so nothing was done. Please try again in a minute."

_TIMEOUT = aiohttp.ClientTimeout(total=5)


@dataclass(frozen=True)
class Fallback:
    """Says that it went wrong, past the outbox, because silence would be worse. Tried once; never raises."""

    client: AsyncWebClient
    session: aiohttp.ClientSession

    async def say(self, incoming: Incoming, correlation: str) -> None:
        """Tell whoever asked, with the id under which the log has the rest."""
        await self._tell(incoming, f"{LastgoodError.advice} Tell an owner of Lastgood and quote `{correlation}`.")

    async def busy(self, incoming: Incoming) -> None:
        """Tell whoever asked that nothing was done, because there is too much to do."""
        await self._tell(incoming, BUSY)

    async def _tell(self, incoming: Incoming, text: str) -> None:
        try:
            if incoming.response_url:
                await self._respond(incoming.response_url, text)
            else:
                await asked("chat.postMessage", self.client.chat_postMessage(channel=incoming.user, text=text))
        except (LastgoodError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("fallback not delivered", extra={"error": repr(error)})

    async def _respond(self, url: str, text: str) -> None:
        body = {"text": text, "response_type": "ephemeral", "replace_original": False}
        async with self.session.post(url, json=body, timeout=_TIMEOUT) as answer:
            if answer.status != 200:  # noqa: PLR2004 - Slack's one word for yes
                log.warning("fallback refused", extra={"status": answer.status})
