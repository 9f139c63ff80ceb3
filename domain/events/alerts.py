"""What the people who look after a site are told without having asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime

    from domain.events.overdue import Overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueOverrun:
    """Runs of a site still waited when their jobs came due again. There is one alert for each site and day."""

    site: str
    day: date  # by the clock of the site
    jobs: tuple[str, ...]  # names; not those of restricted devices
    devices: tuple[str, ...]  # whose runs were ended unstarted

    @property
    def named(self) -> tuple[str, ...]:
        """Every device that it names."""
        return self.devices

    def without(self, hidden: Collection[str]) -> QueueOverrun | None:
        """What somebody may hear who may not know of ``hidden`` devices; None: nothing."""
        left = tuple(name for name in self.devices if name not in hidden)
        return replace(self, devices=left) if left else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDisconnected:
    """An agent has not been heard for a while."""

    agent: str
    since: datetime
    waiting: Mapping[str, tuple[str, ...]]  # by each site that it serves: devices whose runs only it could start

    @property
    def named(self) -> tuple[str, ...]:
        """Every device that it names."""
        return tuple(name for names in self.waiting.values() for name in names)

    def without(self, hidden: Collection[str]) -> AgentDisconnected:
        """What somebody may hear who may not know of ``hidden`` devices."""
        left = {key: tuple(one for one in names if one not in hidden) for key, names in self.waiting.items()}
        return replace(self, waiting=left)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentBack:
    """An agent that was told to be disconnected has reconnected."""

    agent: str
    since: datetime  # when it disconnected
    back_at: datetime
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicesOverdue:
    """Devices of a site have been without a good backup for too long. Each is told of once until it is good again."""

    site: str
    devices: tuple[Overdue, ...]  # the longest overdue first

    @property
    def named(self) -> tuple[str, ...]:
        """Every device that it names."""
        return tuple(one.device for one in self.devices)

    def without(self, hidden: Collection[str]) -> DevicesOverdue | None:
        """What somebody may hear who may not know of ``hidden`` devices; None: nothing."""
        left = tuple(one for one in self.devices if one.device not in hidden)
        return replace(self, devices=left) if left else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelShared:
    """A site's channel is read by people of another organisation now, so no configuration goes there any more."""

    site: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteBroken:
    """Messages for a channel do not arrive; told once, until they have arrived again."""

    channel: str
    code: str  # Slack's word for why, or ours
    sites: tuple[str, ...]  # whose events go there
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveDamaged:
    """What the archive has lost, or somebody has done to it. For owners; one alert for each day, which grows."""

    day: date
    missing: Mapping[str, int]  # by site: versions whose text is missing
    without_text: int  # devices whose newest text is missing
    set_aside: tuple[str, ...]  # sites whose repository cannot be used
    put_back: tuple[str, ...]  # sites whose branch had been moved

    @property
    def sites(self) -> tuple[str, ...]:
        """Every site that it concerns."""
        return tuple(sorted({*self.missing, *self.set_aside, *self.put_back}))


Alert = QueueOverrun | AgentDisconnected | AgentBack | RouteBroken | DevicesOverdue | ChannelShared | ArchiveDamaged
