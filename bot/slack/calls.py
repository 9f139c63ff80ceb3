"""Asking Slack something, with its two kinds of no as errors of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from domain.errors import SlackTrouble

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from slack_sdk.web.async_slack_response import AsyncSlackResponse


class SlackRefusal(SlackTrouble):
    """Slack was asked and said no; ``code`` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Slack refused: {code}")
        self.code = code


async def asked(question: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """Slack's answer to ``question``.

    Raises:
        SlackRefusal: Slack said no.
        SlackTrouble: Slack could not be reached or answered with nonsense.
    """
    try:
        return await question
    except SlackApiError as error:
        raise SlackRefusal(str(error.response.get("error") or error.response.status_code)) from error
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise SlackTrouble(f"Slack could not be asked: {type(error).__name__}") from error
