"""Spans of time as settings and platform files write them: ``30s``, ``5m``, ``2h``, ``1d``."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")


def parse_span(text: str) -> timedelta:
    """The span that ``text`` writes.

    Raises:
        ValueError: it is none.
    """
    match = _SPAN.fullmatch(text.strip())
    if not match:
        problem = f'"{text}" is not a duration: write 30s, 5m, 2h or 1d'
        raise ValueError(problem)
    return timedelta(**{_UNITS[match[2]]: float(match[1])})
