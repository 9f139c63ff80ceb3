"""What a digest is about: the devices that its reader may see and cares for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.jobs.job import JobKind
from domain.subscriptions.subscriptions import SubscriptionScope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from domain.access.access import Access
    from domain.access.people import Person
    from domain.inventory.declared import Device
    from domain.jobs.job import Job
    from domain.subscriptions.subscriptions import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whole sites but some of their devices, and single devices of further sites."""

    sites: frozenset[str] = frozenset()  # whole ones
    hidden: frozenset[str] = frozenset()  # left out of them
    devices: frozenset[str] = frozenset()  # single ones ...
    elsewhere: frozenset[str] = frozenset()  # ... of these sites

    @property
    def every_site(self) -> frozenset[str]:
        """The sites of all that it holds."""
        return self.sites | self.elsewhere

    def holds(self, site: str, device: str) -> bool:
        """Whether a device of that name at ``site`` belongs to it."""
        if site in self.sites:
            return device not in self.hidden
        return device in self.devices

    def declared(self, by_site: Mapping[str, Iterable[Device]]) -> list[Device]:
        """All declared devices in it."""
        return [one for site in sorted(self.every_site) for one in by_site.get(site, ()) if self.holds(site, one.name)]


def channel_scope(access: Access, site: str) -> Scope:
    """A site as any channel may read of it: without devices that are hidden from somebody."""
    return Scope(sites=frozenset({site}), hidden=access.restricted_devices())


def seen_scope(access: Access, person: Person, sites: Iterable[str]) -> Scope:
    """All of ``sites`` that exists for ``person``."""
    seen = {site.key for site in access.visible_sites(person)}
    return Scope(sites=frozenset(seen.intersection(sites)), hidden=access.hidden_devices(person))


def subscribed_scope(
    access: Access,
    person: Person,
    subscriptions: Collection[Subscription],
    *,
    jobs: Mapping[int, Job],
    known_since: Mapping[str, datetime | None],
) -> Scope:
    """What ``person`` subscriptions and may see now.

    Args:
        access: who may see what.
        person: whose subscriptions they are.
        subscriptions: all of them.
        jobs: those that are subscribed to.
        known_since: when devices were first declared; those without an entry, or with None, count as there all along.
    """
    seen = {site.key for site in access.visible_sites(person)}
    visible = {device.name: device for device in access.visible_devices(person)}
    silent = {one.target for one in subscriptions if one.scope is SubscriptionScope.DEVICE and one.silent}
    whole = {one.target for one in subscriptions if one.scope is SubscriptionScope.SITE and one.and_new} & seen
    single: set[str] = set()
    for one in subscriptions:
        job = jobs.get(int(one.target)) if one.scope is SubscriptionScope.JOB and one.target.isdecimal() else None
        if job and job.kind is JobKind.SITE and job.site in seen:
            whole.add(job.site)
        elif job and job.device:
            single.add(job.device)
        elif one.scope is SubscriptionScope.DEVICE:
            single.add(one.target)
        elif one.scope is SubscriptionScope.SITE and not one.and_new:
            single |= {
                device.name
                for device in access.inventory.by_site.get(one.target, ())
                if (known_since.get(device.name) or one.created_at) <= one.created_at
            }
    devices = {name for name in single - silent if name in visible and visible[name].site not in whole}
    return Scope(
        sites=frozenset(whole),
        hidden=access.hidden_devices(person) | frozenset(silent) if whole else frozenset(),
        devices=frozenset(devices),
        elsewhere=frozenset(visible[name].site for name in devices),
    )


def restricted_in(access: Access, scope: Scope) -> tuple[str, ...]:
    """Devices that a digest about ``scope`` counts and that are hidden from somebody: asked again when it is sent."""
    declared = access.inventory.devices
    return access.restricted_among(
        name
        for name in access.restricted_devices()
        if name in scope.devices
        or (scope.sites and name not in scope.hidden and (name not in declared or declared[name].site in scope.sites))
    )
