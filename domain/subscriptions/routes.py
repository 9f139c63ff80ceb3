"""Channel routes: which channel hears what of a site, and whether that works."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.subscriptions.kinds import USUAL

if TYPE_CHECKING:
    from datetime import datetime

    from domain.subscriptions.kinds import EventKind


class RouteHealth(StrEnum):
    """Whether messages arrive; the value is what the database stores."""

    UNKNOWN = "unknown"  # nothing was sent there yet
    GOOD = "good"
    BAD = "bad"

    @property
    def dot(self) -> str:
        """As a list shows it; words always stand beside it."""
        return {RouteHealth.UNKNOWN: "❔", RouteHealth.GOOD: "🟢", RouteHealth.BAD: "🔴"}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFields:
    """What people choose of a route."""

    site: str
    channel: str  # C... or G...
    events: frozenset[EventKind] = USUAL
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(RouteFields):
    """A route as it stands; there is one for each site and channel."""

    id: int
    declared: bool = False  # in app.yaml: people can switch it off, but not change or remove it
    revision: int = 1
    changed_by: str = ""  # Slack user id; empty: app.yaml
    changed_at: datetime | None = None
    health: RouteHealth = RouteHealth.UNKNOWN
    trouble: str = ""  # Slack's word for what is wrong, or ours: "channel_not_found"
    health_at: datetime | None = None
