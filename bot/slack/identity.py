"""Asking Slack who we are and what we may do, before anything else."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler

from bot.outgoing import slack_client
from bot.slack.manifest import missing_scopes
from bot.slack.short_pause import ShortPauseRetryHandler
from domain.errors import SettingsError, SlackTrouble
from notifications.delivery.errors import SlackRefusal, asked

if TYPE_CHECKING:
    import aiohttp
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.settings.sections import SlackSection

log = logging.getLogger(__name__)

SLACK_CALL_TIMEOUT = 10  # seconds, for each call
WRONG_TOKEN = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})


def asking_client(slack: SlackSection, token: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client for questions, which may be asked again when the answer is lost."""
    client = posting_client(slack, token, session)
    client.retry_handlers = [
        AsyncConnectionErrorRetryHandler(max_retry_count=2),
        ShortPauseRetryHandler(max_retry_count=1),
    ]
    return client


def posting_client(slack: SlackSection, token: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client for what has an effect: it never repeats a call by itself, or a lost answer would post twice."""
    client = slack_client(token, api_url=slack.api_url, timeout=SLACK_CALL_TIMEOUT, session=session)
    client.retry_handlers = []
    return client


async def who_we_are(client: AsyncWebClient) -> Identity:
    """Ask Slack about our token.

    Raises:
        SettingsError: the token is not good.
        SlackTrouble: Slack could not be asked.
    """
    try:
        answer = await asked("auth.test", client.auth_test())
    except SlackRefusal as error:
        if error.code in WRONG_TOKEN:
            raise SettingsError([f"SLACK_BOT_TOKEN: Slack rejects it ({error.code})"]) from error
        raise
    granted = answer.headers.get("x-oauth-scopes") or answer.headers.get("X-OAuth-Scopes") or ""
    return Identity(
        team=str(answer["team_id"]),
        bot_user=str(answer["user_id"]),
        bot_id=str(answer.get("bot_id") or ""),
        scopes=frozenset(scope.strip() for scope in granted.split(",") if scope.strip()),
        enterprise=answer.get("enterprise_id"),
    )


def warn_of_missing_scopes(identity: Identity) -> None:
    """Name in the log what the Slack app was not granted."""
    missing = missing_scopes(identity.scopes)
    if missing:
        log.error(
            "the Slack app lacks scopes: add them under OAuth & Permissions and install it again",
            extra={"missing": missing},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the bot is, as Slack's auth.test told at the start."""

    team: str
    bot_user: str
    bot_id: str
    scopes: frozenset[str]
    enterprise: str | None = None


class Us:
    """Who the bot is, once Slack has said so: serve begins its work while Slack is away."""

    def __init__(self) -> None:
        self._identity: Identity | None = None

    def known(self, identity: Identity) -> None:
        """Slack has said it."""
        self._identity = identity

    @property
    def identity(self) -> Identity:
        """Who we are.

        Raises:
            SlackTrouble: nobody knows yet.
        """
        if self._identity is None:
            raise SlackTrouble("Slack has not said yet who we are")
        return self._identity
