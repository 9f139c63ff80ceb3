"""A company: sites, devices, people with different choices, channels. Plain values, known to the test alone.

What is written here is carried into the real database and the local Slack by ``company_stage``, and believed by
``company_model``. Nothing of the product is imported.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from datetime import datetime

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney", "Europe/London")  # of whole hours
USUAL = frozenset({"failed", "modified", "recovered"})
OWNER = "U0BOSS"
NIGHT = (22, 7)  # the quiet hours of those who have some


@dataclass(frozen=True, slots=True)
class Size:
    """How large the company is, and how much happens in it."""

    sites: int = 20
    devices: int = 100  # of each site
    people: int = 200
    days: int = 70
    busy: float = 0.15  # the share of nights in which something happens at a site


@dataclass(slots=True)
class Site:
    """One site. ``routes`` tells which channel hears what."""

    key: str
    name: str
    zone: str
    channel: str
    routes: dict[str, frozenset[str]]
    off: set[str] = field(default_factory=set)  # channels of routes that are switched off
    fallback: str | None = None
    reminds: bool = False  # once a day of what still fails


@dataclass(slots=True)
class Device:
    """One device."""

    name: str
    site: str
    only: frozenset[str] | None = None  # the people or groups for whom alone it exists
    is_new: bool = False  # declared later than the others


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What somebody wants to hear at once."""

    scope: str
    target: str
    site: str
    failed: bool = True
    modified: bool = False
    and_new: bool = True
    silent: bool = False


@dataclass(slots=True)
class Person:
    """One person, with what was chosen."""

    id: str
    zone: str
    subscriptions: list[Subscription] = field(default_factory=list)
    quiet: tuple[int, int] | None = None  # hours of the own clock
    wants_both: bool = False  # also what stands in a channel that the person is in
    digests: tuple[str, ...] = ()  # "day", "week"
    mute: tuple[datetime, datetime] | None = None


@dataclass(slots=True)
class Company:
    """Everything as it is at the moment."""

    sites: dict[str, Site] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, set[str]] = field(default_factory=dict)
    rooms: dict[str, set[str]] = field(default_factory=dict)  # channel: its members
    roles: dict[str, dict[str, str]] = field(default_factory=dict)  # site: person or group: role
    gone: set[str] = field(default_factory=set)  # people whose account was deactivated
    archived: set[str] = field(default_factory=set)  # channels
    digests: dict[tuple[str, str], str] = field(default_factory=dict)  # channel and site: "day" or "week"

    def principals(self, person: str) -> set[str]:
        """The person, and every group that the person is in."""
        return {person, *(group for group, members in self.groups.items() if person in members)}

    def sees(self, person: str, site: str, device: str | None = None) -> bool:
        """Whether ``device`` of ``site``, or the site itself, exists for ``person``."""
        if person in self.gone:
            return False
        if person == OWNER:
            return True
        own = self.principals(person)
        if not own & self.roles[site].keys():
            return False
        only = self.devices[device].only if device else None
        return only is None or bool(own & only)

    def admins(self, site: str) -> set[str]:
        """Who looks after ``site``: its admins, or else the owner."""
        return {person for person, role in self.roles[site].items() if role == "admin"} or {OWNER}

    def may_show(self, channel: str, site: str, device: str | None = None) -> bool:
        """Whether facts of ``device`` of ``site`` may stand in ``channel``, which several people read."""
        found = self.sites[site]
        is_told = channel in {found.channel, found.fallback} or channel in found.routes.keys() - found.off
        return is_told and (device is None or self.devices[device].only is None)

    def at(self, site: str) -> list[Device]:
        """The devices of ``site`` that are declared."""
        return [device for device in self.devices.values() if device.site == site]


def found_company(size: Size, chance: random.Random) -> Company:
    """The company on its first day."""
    company = Company()
    company.people[OWNER] = Person(OWNER, "UTC")
    for number in range(size.people):
        person = Person(f"U0P{number:03d}", chance.choice(ZONES))
        company.people[person.id] = person
    for number in range(size.sites):
        _add_site(company, number, size, chance)
    for person in list(company.people.values())[1:]:
        _choose(company, person, chance)
    return company


def _add_site(company: Company, number: int, size: Size, chance: random.Random) -> None:
    key, channel = f"plant-{number:02d}", f"C0TEAM{number:02d}"
    routes = {channel: USUAL}
    if number % 3 == 0:
        routes[f"C0OPS{number:02d}"] = frozenset({"failed"})
    if number % 7 == 2:
        routes[channel] = frozenset({"modified", "recovered"})
    site = Site(key, f"Plant {number:02d}", ZONES[number % len(ZONES)], channel, routes, reminds=number % 4 == 1)
    site.fallback = f"C0SPARE{number:02d}" if number % 5 == 4 else None
    company.sites[key] = site
    company.rooms |= {one: set() for one in (*routes, *([site.fallback] if site.fallback else []))}
    people = [one for one in company.people if one != OWNER]
    group = f"S0VIEW{number:02d}"
    company.groups[group] = set(chance.sample(people, max(2, len(people) // 20)))
    direct = chance.sample(people, max(2, len(people) // 20))
    company.roles[key] = {group: "viewer", **dict.fromkeys(direct, "viewer"), direct[0]: "admin"}
    for count in range(size.devices):
        name = f"s{number:02d}-sw{count:03d}"
        company.devices[name] = Device(name, key, frozenset({direct[1], direct[0]}) if count == 1 else None)
    if number in {2, 3}:
        company.digests[channel, key] = "day" if number == 2 else "week"


def _choose(company: Company, person: Person, chance: random.Random) -> None:
    """What ``person`` chooses; who may see nothing may have chosen before that was so."""
    seen = [key for key in company.sites if company.sees(person.id, key)]
    strange = chance.choice(list(company.sites))
    for key in seen or [strange]:
        person.subscriptions += _subscriptions(company, key, chance)
        if chance.random() < 0.4:
            company.rooms[company.sites[key].channel].add(person.id)
    if chance.random() < 0.1:
        person.subscriptions += (
            [Subscription(scope="site", target=strange, site=strange)] if strange not in seen else []
        )
    person.quiet = NIGHT if chance.random() < 0.4 else None
    person.wants_both = chance.random() < 0.15
    number = int(person.id[3:])
    if number % 25 == 3:
        person.digests = ("week", "day") if number % 50 == 3 else ("week",)
    if number % 50 == 3:
        person.zone = ZONES[1]  # where a digest is due soon after an outage begins


def _subscriptions(company: Company, key: str, chance: random.Random) -> Iterator[Subscription]:
    names = [device.name for device in company.at(key)]
    dice = chance.random()
    if dice < 0.45:
        failed, modified = chance.choice([(True, False), (False, True), (True, True), (False, False)])
        yield Subscription(
            scope="site", target=key, site=key, failed=failed, modified=modified, and_new=chance.random() < 0.6
        )
    if 0.35 < dice < 0.6:
        for name in chance.sample(names, 3):
            yield Subscription(scope="device", target=name, site=key, modified=True, silent=chance.random() < 0.3)
    if 0.6 < dice < 0.7:
        yield Subscription(scope="job", target=key, site=key, failed=True, modified=chance.random() < 0.5)


def local(moment: datetime, zone: str) -> datetime:
    """The moment by the clock of ``zone``."""
    return moment.astimezone(ZoneInfo(zone))
