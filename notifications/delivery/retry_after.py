"""How long Slack wants to be left alone, in whatever form a server or a proxy between wrote it."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_RATE_LIMIT_PAUSE: Final = timedelta(hours=1)  # the longest pause that Slack's Retry-After is believed
DEFAULT_RATE_LIMIT_PAUSE: Final = timedelta(seconds=30)  # when Slack names none, or none that can be read
_SHORTEST: Final = timedelta(seconds=1)


def pause_of(headers: Mapping[str, str] | Mapping[str, Sequence[str]]) -> timedelta:
    """How long to wait: seconds, whole or not, or until a moment by the clock of whoever wrote it."""
    given = _header(headers, "retry-after")
    seconds = _seconds(given)
    if seconds is None:
        seconds = _until(given, _header(headers, "date"))
    if seconds is None:
        return DEFAULT_RATE_LIMIT_PAUSE
    limit = MAX_RATE_LIMIT_PAUSE.total_seconds()
    return max(timedelta(seconds=min(seconds, limit)), _SHORTEST)


def _header(headers: Mapping[str, str] | Mapping[str, Sequence[str]], wanted: str) -> str:
    for name, value in headers.items():
        if name.lower() == wanted:
            return (value if isinstance(value, str) else next(iter(value), "")).strip()
    return ""


def _seconds(given: str) -> float | None:
    """The number that is written there; None: it is none, or no length of time."""
    try:
        seconds = float(given)
    except ValueError:
        return None
    return None if math.isnan(seconds) else max(seconds, 0.0)


def _until(given: str, written: str) -> float | None:
    """The seconds from when the answer was written until the moment that it names."""
    moment = _moment(given)
    if moment is None:
        return None
    return max((moment - (_moment(written) or datetime.now(UTC))).total_seconds(), 0.0)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
