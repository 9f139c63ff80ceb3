"""Waiting for the database instead of losing what came in while it is away or busy."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from tenacity import AsyncRetrying, RetryCallState, stop_after_delay, wait_exponential

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

T = TypeVar("T")

DATABASE_RETRY_TIMEOUT = timedelta(minutes=1)  # so long a failing database is tried again
DATABASE_RETRY_MAX_PAUSE = 10  # seconds


async def patiently(ask: Callable[[], Awaitable[T]], *, at_most: timedelta = DATABASE_RETRY_TIMEOUT) -> T:
    """Ask the database, and again until ``at_most`` is over: every driver has its own errors, the last one passes."""
    trying = AsyncRetrying(
        stop=stop_after_delay(at_most),
        wait=wait_exponential(multiplier=0.1, max=DATABASE_RETRY_MAX_PAUSE),
        before_sleep=_note,
        reraise=True,
    )

    async def asked() -> T:
        return await ask()

    return await trying(asked)


def _note(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.warning(
        "the database did not answer, trying again", extra={"error": repr(error), "tries": state.attempt_number}
    )
