"""How we reach Slack, and who we are there."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.clock import SteadyClock
from bot.outgoing import outgoing_session
from bot.slack.access_gate import AccessGate
from bot.slack.channels import Channels
from bot.slack.identity import Us, asking_client, posting_client, warn_of_missing_scopes, who_we_are
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

AWAY_FIRST_PAUSE = timedelta(seconds=1)  # between two tries while Slack is away at the start; doubles with each
AWAY_MAX_PAUSE = timedelta(seconds=30)  # the longest such pause


@dataclass(frozen=True, kw_only=True)
class SlackSide:
    """The clients, and what they are asked about people and channels."""

    session: aiohttp.ClientSession
    asking: AsyncWebClient  # may repeat a question by itself
    posting: AsyncWebClient  # never does
    us: Us
    people: People
    channels: Channels
    gate: AccessGate

    @property
    def identity(self) -> Identity:
        """Who we are. Raises ``SlackTrouble`` before ``introduced``."""
        return self.us.identity

    async def introduced(self, clock: Clock) -> Identity:
        """Who we are, asked until Slack answers: whatever else serve does goes on meanwhile.

        Raises:
            SettingsError: Slack rejects the token.
        """
        pause = AWAY_FIRST_PAUSE
        while True:
            try:
                identity = await who_we_are(self.asking)
            except SlackTrouble as error:
                log.warning(
                    "Slack cannot be used yet: schedules run, messages wait",
                    extra={"error": str(error), "next_try_in": pause.total_seconds()},
                )
                await clock.sleep(pause)
                pause = min(pause * 2, AWAY_MAX_PAUSE)
            else:
                warn_of_missing_scopes(identity)
                self.us.known(identity)
                return identity


@asynccontextmanager
async def slack_side(core: Core) -> AsyncIterator[SlackSide]:
    """What speaks to Slack. Nothing is asked yet: Slack may be away."""
    slack, token = core.settings.file.slack, core.settings.secrets.bot_token.get_secret_value()
    us, steady = Us(), SteadyClock(core.clock)
    async with outgoing_session(ca=core.settings.company_ca) as session:
        asking = asking_client(slack, token, session)
        people = People(
            asking,
            clock=steady,
            us=lambda: us.identity,
            principals=core.access.principals_at,
            moved=lambda user, zone: follow_zone(user, zone, now=core.clock.now()),
        )
        channels = Channels(asking, clock=steady)
        yield SlackSide(
            session=session,
            asking=asking,
            posting=posting_client(slack, token, session),
            us=us,
            people=people,
            channels=channels,
            gate=AccessGate(core.access, people, channels),
        )
