"""How we reach Slack, and who we are there."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.outgoing import outgoing_session
from bot.slack.access_gate import AccessGate
from bot.slack.channels import Channels
from bot.slack.identity import asking_client, posting_client, warn_of_missing_scopes, who_we_are
from bot.slack.people import People
from domain.errors import SlackTrouble
from storage.subscriptions.zones import follow_zone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.core import Core
    from bot.slack.identity import Identity
    from domain.clock import Clock

log = logging.getLogger(__name__)

_PAUSES = (1, 2, 4, 8, 15, 30)  # seconds between tries at the start; then whatever supervises serve decides


@dataclass(frozen=True, kw_only=True)
class SlackSide:
    """The clients, and what they are asked about people and channels."""

    session: aiohttp.ClientSession
    asking: AsyncWebClient  # may repeat a question by itself
    posting: AsyncWebClient  # never does
    identity: Identity
    people: People
    channels: Channels
    gate: AccessGate


@asynccontextmanager
async def slack_side(core: Core) -> AsyncIterator[SlackSide]:
    """Reach Slack and check what we may do there. Raises ``SettingsError`` or ``SlackTrouble``."""
    slack, token = core.settings.file.slack, core.settings.secrets.bot_token.get_secret_value()
    async with outgoing_session() as session:
        asking = asking_client(slack, token, session)
        identity = await _patiently(asking, core.clock)
        warn_of_missing_scopes(identity)
        people = People(
            asking,
            clock=core.clock,
            team=identity.team,
            bot_user=identity.bot_user,
            principals=core.access.principals_at,
            moved=lambda user, zone: follow_zone(user, zone, now=core.clock.now()),
        )
        channels = Channels(asking, clock=core.clock)
        yield SlackSide(
            session=session,
            asking=asking,
            posting=posting_client(slack, token, session),
            identity=identity,
            people=people,
            channels=channels,
            gate=AccessGate(core.access, people, channels),
        )


async def _patiently(client: AsyncWebClient, clock: Clock) -> Identity:
    """Who we are, also when Slack is away for a minute while we start."""
    for pause in _PAUSES:
        try:
            return await who_we_are(client)
        except SlackTrouble as error:
            log.warning("Slack does not answer yet", extra={"error": str(error), "pause": pause})
            await clock.sleep(timedelta(seconds=pause))
    return await who_we_are(client)
