"""Times of day as people say them: ``02:00``, ``7.30``, ``2 am``, ``2:00 p.m.``, ``noon``, ``midnight``."""

from __future__ import annotations

import re
from datetime import time
from typing import Final

_TIME: Final = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:[:.](?P<minute>[0-9]{2}))?\s*(?:(?P<half>[ap])\.?\s?m\.?)?", re.IGNORECASE
)
_NAMED: Final = {"noon": time(12), "midday": time(12), "midnight": time(0)}
_NOON: Final = 12
HALVES: Final = frozenset({"am", "pm", "a.m.", "p.m.", "a.m", "p.m", "am.", "pm."})  # may stand apart from their number


def time_of_day(typed: str) -> time | None:
    """The time that is meant; None: it is none. A bare number is none: it may be anything."""
    text = " ".join(typed.casefold().split())[:20]
    found = _TIME.fullmatch(text)
    if text in _NAMED or found is None:
        return _NAMED.get(text)
    hour, minute, half = int(found["hour"]), found["minute"], found["half"]
    if half:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if half == "p" else 0)
    elif minute is None:
        return None
    if hour > 23 or int(minute or 0) > 59:  # noqa: PLR2004 - the last hour and minute of a day
        return None
    return time(hour, int(minute or 0))


def joined(words: list[str]) -> list[str]:
    """``words`` with a half of the day put behind the number that it belongs to: ``2:00 am`` is one word."""
    found: list[str] = []
    for word in words:
        if word in HALVES and found and found[-1][-1:].isdigit():
            found[-1] = f"{found[-1]} {word}"
        else:
            found.append(word)
    return found
