"""How we reach Slack, and who we are there."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from bot.gate import AccessGate, Channels
from bot.identity import asking_client, posting_client, warn_of_missing_scopes, who_we_are
from bot.people import People

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.core import Core
    from bot.slack_app import Identity


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
    async with aiohttp.ClientSession() as session:
        asking = asking_client(slack, token, session)
        identity = await who_we_are(asking)
        warn_of_missing_scopes(identity)
        people = People(asking, clock=core.clock, team=identity.team, groups=core.settings.groups)
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
