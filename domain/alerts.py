"""What the people who look after a site are told without having asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from domain.overdue import Overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueOverrun:
    """Runs of a site still waited when their jobs came due again. There is one alert for each site and day."""

    site: str
    day: date  # by the clock of the site
    jobs: tuple[str, ...]  # names
    devices: tuple[str, ...]  # whose runs were ended unstarted


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSilent:
    """An agent has not been heard for a while."""

    agent: str
    since: datetime
    waiting: Mapping[str, tuple[str, ...]]  # by each site that it serves: devices whose runs only it could start


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentBack:
    """An agent whose silence was told is heard again."""

    agent: str
    since: datetime  # when it fell silent
    back_at: datetime
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicesOverdue:
    """Devices of a site have been without a good backup for too long. Each is told of once until it is good again."""

    site: str
    devices: tuple[Overdue, ...]  # the longest overdue first


Alert = QueueOverrun | AgentSilent | AgentBack | DevicesOverdue
