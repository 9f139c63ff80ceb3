"""Time zones by their names, as people, Slack and stored rows name them."""

from __future__ import annotations

import logging
from functools import lru_cache
from zoneinfo import ZoneInfo

log = logging.getLogger(__name__)

UTC_ZONE = ZoneInfo("UTC")


@lru_cache(maxsize=1024)
def zone_or_utc(name: str) -> ZoneInfo:
    """The zone of this name; UTC if this machine does not know it, which the log then names once."""
    found = _zone(name)
    if found is None:
        log.warning("unknown time zone, counted as UTC", extra={"zone": name[:100]})
    return found or UTC_ZONE


def zone_in_words(name: str) -> str:
    """The name of a zone as people read it, who are told if it counts as UTC."""
    return name if _zone(name) else f"UTC, because the time zone {name[:100]} is unknown"


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, TypeError, ValueError, OSError):
        return None
