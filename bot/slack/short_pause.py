"""Asking Slack once more when it wants a short pause first, however it writes how long."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from slack_sdk.http_retry.async_handler import AsyncRetryHandler

from notifications.delivery.retry_after import pause_of

if TYPE_CHECKING:
    from slack_sdk.http_retry.request import HttpRequest
    from slack_sdk.http_retry.response import HttpResponse
    from slack_sdk.http_retry.state import RetryState

MAX_ASKING_PAUSE: Final = timedelta(seconds=30)  # the longest that a question waits; longer ones are trouble at once
_TOO_MANY: Final = 429


class ShortPauseRetryHandler(AsyncRetryHandler):
    """Waits as long as ``Retry-After`` says, in any form; the client's own fails on all but whole seconds."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,  # noqa: ARG002 - the form that the client calls
        request: HttpRequest,  # noqa: ARG002
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002
    ) -> bool:
        return (
            response is not None
            and response.status_code == _TOO_MANY
            and pause_of(response.headers) <= MAX_ASKING_PAUSE
        )

    async def prepare_for_next_attempt_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002 - the form that the client calls
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002
    ) -> None:
        """Wait, and ask for another attempt."""
        state.next_attempt_requested = True
        await asyncio.sleep(pause_of(response.headers if response else {}).total_seconds())
        state.increment_current_attempt()
