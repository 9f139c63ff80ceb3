"""What is declared: sites, devices and agents. Read once from the settings and never changed in place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from domain.configs.patterns import OwnRule
    from domain.roles import Role
    from domain.subscriptions.routes import RouteFields


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A plant, building or region."""

    key: str  # plant-a: what people type
    name: str  # Plant A
    timezone: ZoneInfo
    channel: str | None = None  # Slack id of the channel where its messages may be seen by all members
    access: Mapping[Role, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))  # U... and S... ids
    concurrency: int = 25  # sessions with its devices at once
    link_only: bool = False  # no line of a configuration of its devices may stand in Slack, masked or not
    ignore_secret_changes: bool = False  # a new value of a secret is no change
    overdue: timedelta = timedelta(days=7)  # without a good backup, and people are told
    reminder: timedelta | None = None  # after which a failure that goes on is told again; None: never
    routes: tuple[RouteFields, ...] = ()  # which channels hear what of it
    fallback: str | None = None  # the channel for messages that a route's own channel does not take


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One way in to a machine: where, as whom, and which old algorithms are allowed for it alone."""

    host: str
    port: int = 22
    credentials: tuple[str, ...] = ()  # names: the next one is tried only when the machine refused the one before
    algorithms: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """Host and port, as SSH writes them: ``[10.1.0.254]:22``."""
        return f"[{self.host}]:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One thing that has a configuration."""

    name: str  # unique over all sites
    site: str  # key of its site
    platform: str
    endpoint: Endpoint
    jump: Endpoint | None = None
    commands: tuple[str, ...] = ()  # platform linux: files and commands
    waiting_limit: timedelta = timedelta(minutes=30)
    running_limit: timedelta = timedelta(minutes=5)
    silence_limit: timedelta = timedelta(seconds=30)  # within a command
    retries: int = 2  # further attempts after transient failures
    only: frozenset[str] | None = None  # restricted: it exists for these principals and owners alone
    overdue: timedelta | None = None  # without a good backup, and people are told; None: as its site


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A process that talks to devices."""

    name: str
    sites: frozenset[str] | None = None  # None: all
    concurrency: int = 50  # sessions at once

    def serves(self, site: str) -> bool:
        """Whether this agent may talk to the devices of ``site``."""
        return self.sites is None or site in self.sites


@dataclass(frozen=True)
class Inventory:
    """All that is declared, with the questions that are asked of it."""

    sites: Mapping[str, Site]
    devices: Mapping[str, Device]
    agents: Mapping[str, Agent]
    masking: tuple[OwnRule, ...] = ()  # the user's own rules

    @cached_property
    def by_site(self) -> Mapping[str, tuple[Device, ...]]:
        """The devices of each site, in the order in which they were declared."""
        grouped: dict[str, list[Device]] = {key: [] for key in self.sites}
        for device in self.devices.values():
            grouped[device.site].append(device)
        return MappingProxyType({key: tuple(devices) for key, devices in grouped.items()})

    @cached_property
    def principals(self) -> frozenset[str]:
        """Every id that the declarations of sites and devices name."""
        granted = (ids for site in self.sites.values() for ids in site.access.values())
        named = (device.only or () for device in self.devices.values())
        return frozenset().union(*granted, *named)

    def named_at(self, site: str) -> frozenset[str]:
        """Every id for which a restricted device of ``site`` is there."""
        return self._named_by_site.get(site, frozenset())

    @cached_property
    def _named_by_site(self) -> Mapping[str, frozenset[str]]:
        named: dict[str, frozenset[str]] = {}
        for device in self.devices.values():
            if device.only:
                named[device.site] = named.get(device.site, frozenset()) | device.only
        return MappingProxyType(named)

    @cached_property
    def restricted(self) -> frozenset[str]:
        """Names of the devices that are hidden from somebody."""
        return frozenset(device.name for device in self.devices.values() if device.only is not None)

    def device_at(self, name: str, site: str) -> Device | None:
        """The device of this name, if it belongs to ``site``; None: it is not declared there."""
        found = self.devices.get(name)
        return found if found and found.site == site else None

    def overdue_after(self, device: Device) -> timedelta:
        """For how long ``device`` may be without a good backup before people are told."""
        return device.overdue or self.sites[device.site].overdue

    def is_link_only(self, device: str, site: str | None = None) -> bool:
        """Whether no text of ``device`` may stand in Slack: by its site, or by ``site`` where it once was."""
        declared = self.devices.get(device)
        keys = (declared.site if declared else None, site)
        return any(found.link_only for key in keys if key and (found := self.sites.get(key)))

    def agents_for(self, site: str) -> tuple[Agent, ...]:
        """The agents that serve ``site``, those made for few sites first: they are the nearest."""
        fitting = (agent for agent in self.agents.values() if agent.serves(site))
        return tuple(sorted(fitting, key=lambda agent: (agent.sites is None, len(agent.sites or ()))))

    def site_of_channel(self, channel: str) -> Site | None:
        """The site whose own channel this is."""
        return self._by_channel.get(channel)

    @cached_property
    def _by_channel(self) -> Mapping[str, Site]:
        return {site.channel: site for site in self.sites.values() if site.channel}
