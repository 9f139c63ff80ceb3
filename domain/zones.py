"""Time zones by their names, as people, Slack and stored rows name them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

UTC_ZONE = ZoneInfo("UTC")


def zone_or_utc(name: str) -> ZoneInfo:
    """The zone of this name; UTC if this machine does not know it: Slack may know zones that it does not."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC_ZONE
