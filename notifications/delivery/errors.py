"""The one way to read Slack's "no": what can go wrong when Slack is asked, told apart by what to do next.

SlackTrouble (domain/errors)
├── Paused         Slack wants fewer calls: nothing was done, ask again later
├── InDoubt        no answer, a 5xx, or a fault of Slack's own: it may have been done
└── SlackRefusal   Slack said no to this message or for this place: asking the same again is no use
    └── AppRefusal Slack said no to the app: nothing was done, and nothing else will be until that is mended

Which code means what stands in ``domain/messages/refusals.py``.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, TypeVar

from slack_sdk.errors import SlackApiError

from domain.errors import SlackTrouble
from domain.messages.refusals import RefusalKind, about
from notifications.delivery.retry_after import pause_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping
    from datetime import timedelta

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)

_TOO_MANY: Final = 429
_SERVER_FAULT: Final = 500
_REFUSED: Final = 400
_LONGEST_CODE: Final = 60  # characters


class Paused(SlackTrouble):
    """Slack wants this method left alone for ``pause``. Nothing was done."""

    def __init__(self, method: str, pause: timedelta) -> None:
        super().__init__(f"{method} paused for {pause.total_seconds():g} s")
        self.pause = pause


class InDoubt(SlackTrouble):
    """The call may have taken effect or not. ``code`` is Slack's word for why, if there was one."""

    def __init__(self, method: str, facts: str, *, code: str = "") -> None:
        super().__init__(f"{method} in doubt: {facts}")
        self.code = code


class SlackRefusal(SlackTrouble):
    """Slack refused the call with ``code``. Nothing was done."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"{method} refused: {code}")
        self.method = method
        self.code = code

    @property
    def is_about_place(self) -> bool:
        """Whether the channel, person or address was refused, and not what was to be sent there."""
        return about(self.code) is RefusalKind.PLACE


class AppRefusal(SlackRefusal):
    """Slack refused the app itself. Nothing was done, and nothing is lost by waiting."""


def refusal(method: str, code: str) -> SlackTrouble:
    """What Slack's ``code`` for a call of ``method`` comes to."""
    match about(code):
        case RefusalKind.APP:
            return AppRefusal(method, code)
        case RefusalKind.PASSING:
            return InDoubt(method, code, code=code)
        case _:
            return SlackRefusal(method, code)


async def asked(method: str, call: Awaitable[Answer]) -> Answer:
    """The answer to ``call``.

    Raises:
        Paused, InDoubt, SlackRefusal, AppRefusal: there was no good one.
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
        Paused, InDoubt, SlackRefusal, AppRefusal: it was no good one.
    """
    if status == _TOO_MANY:
        raise Paused(method, pause_of(headers))
    if status >= _SERVER_FAULT:
        raise InDoubt(method, f"HTTP {status}")
    if status != 200:  # noqa: PLR2004 - the one good status
        raise refusal(method, code or f"http_{status}")


def _told_apart(method: str, error: SlackApiError) -> SlackTrouble:
    response = error.response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    data = getattr(response, "data", None)
    code = str(data.get("error") or "")[:_LONGEST_CODE] if isinstance(data, dict) else ""
    if status == _TOO_MANY or code in {"ratelimited", "rate_limited"}:
        return Paused(method, pause_of(getattr(response, "headers", {})))
    if status >= _SERVER_FAULT:
        return InDoubt(method, code or f"HTTP {status}", code=code)
    if code or status >= _REFUSED:
        return refusal(method, code or f"http_{status}")
    return InDoubt(method, f"HTTP {status} without an answer")
