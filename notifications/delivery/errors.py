"""The one way to read Slack's "no": what can go wrong when Slack is asked, told apart by what to do next.

SlackTrouble (domain/errors)
├── Paused        Slack wants fewer calls: nothing was done, ask again later
├── InDoubt       no answer, or a 5xx: it may have been done
└── SlackRefusal  Slack said no: nothing was done, and asking the same again is no use
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from slack_sdk.errors import SlackApiError

from domain.errors import SlackTrouble

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)

MAX_RATE_LIMIT_PAUSE: Final = timedelta(hours=1)  # the longest pause that Slack's Retry-After is believed
DEFAULT_RATE_LIMIT_PAUSE: Final = 30  # seconds, when Slack names none
_TOO_MANY: Final = 429
_SERVER_FAULT: Final = 500
_MAYBE_DONE: Final = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})


class Paused(SlackTrouble):
    """Slack wants this method left alone for ``pause``. Nothing was done."""

    def __init__(self, method: str, pause: timedelta) -> None:
        super().__init__(f"{method} paused for {pause.total_seconds():g} s")
        self.pause = pause


class InDoubt(SlackTrouble):
    """The call may have taken effect or not."""

    def __init__(self, method: str, facts: str) -> None:
        super().__init__(f"{method} in doubt: {facts}")


class SlackRefusal(SlackTrouble):
    """Slack refused the call with ``code``. Nothing was done."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"{method} refused: {code}")
        self.code = code


async def asked(method: str, call: Awaitable[Answer]) -> Answer:
    """The answer to ``call``.

    Raises:
        Paused, InDoubt, SlackRefusal: there was no good one.
    """
    try:
        return await call
    except SlackApiError as error:
        raise _told_apart(method, error) from error
    except Exception as error:  # whatever the HTTP library raises: the answer is not known
        log.warning("slack did not answer", extra={"method": method, "error": repr(error)})
        raise InDoubt(method, type(error).__name__) from error


def answered(method: str, status: int, headers: Mapping[str, str], code: str) -> None:
    """Judge a plain HTTP answer, such as that of a response URL.

    Raises:
        Paused, InDoubt, SlackRefusal: it was no good one.
    """
    if status == _TOO_MANY:
        raise Paused(method, _pause(headers))
    if status >= _SERVER_FAULT:
        raise InDoubt(method, f"HTTP {status}")
    if status != 200:  # noqa: PLR2004 - the one good status
        raise SlackRefusal(method, code or f"http_{status}")


def _told_apart(method: str, error: SlackApiError) -> SlackTrouble:
    response = error.response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    data = getattr(response, "data", None)
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    if status == _TOO_MANY or code in {"ratelimited", "rate_limited"}:
        return Paused(method, _pause(getattr(response, "headers", {})))
    if status >= _SERVER_FAULT or not code or code in _MAYBE_DONE:
        return InDoubt(method, code or f"HTTP {status}")
    return SlackRefusal(method, code)


def _pause(headers: Mapping[str, str]) -> timedelta:
    given = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    seconds = int(given) if given.isdecimal() else DEFAULT_RATE_LIMIT_PAUSE
    return min(timedelta(seconds=max(seconds, 1)), MAX_RATE_LIMIT_PAUSE)
