"""The Home tab as each person sees it: a good day, a bad one, many sites, none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from demo.gallery.entries import Entry
from demo.gallery.samples import LONG_DEVICE, LONG_SITE, NIGHT, OLGA, PEOPLE, make_job, make_run
from demo.gallery.stage import an_inventory
from domain.access.access import Access
from domain.configs.versions import Version
from domain.errors import NotAllowed, SlackTrouble
from domain.failures import FailureKind
from domain.inventory.declared import Device, Endpoint, Inventory, Site
from domain.runs.outcomes import Outcome
from domain.subscriptions.subscriptions import Profile, Subscription, SubscriptionScope
from notifications.home.facts import HomeFacts
from notifications.home.page import home_context, no_home
from storage.runs.dashboard import DeviceStanding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from notifications.rendering.renderer import Context

_LATER = NIGHT + timedelta(hours=6)


def entries() -> Iterator[Entry]:
    """One Home tab for each kind of person, and for many, long and no sites."""
    for who in PEOPLE:
        yield _home(who, _context(who, an_inventory()))
    yield _home("everything failing", _context("Olga, owner", _plants(3, "Plant", devices=4), bad=True))
    some = _plants(3, "Plant", devices=8)
    yield _home("5 of 8 never backed up", _context("Olga, owner", some, never=5))
    yield _home("none ever backed up", _context("Olga, owner", some, never=8))
    yield _home("failing, and some never backed up", _context("Olga, owner", some, never=3, bad=True))
    yield _home("200 sites", _context("Olga, owner", _plants(200, "Plant", devices=1), bad=True))
    yield _home("longest names", _context("Olga, owner", _plants(3, LONG_SITE, devices=9, name=LONG_DEVICE), bad=True))
    yield _home("nothing declared yet", _context("Olga, owner", Inventory({}, {}, {})))
    yield _home("while Slack does not say who it is", no_home(SlackTrouble.advice, slash="/backup"))


def hostile_home(text: str) -> Context:
    """A Home tab with ``text`` wherever people or devices may have written something."""
    return _context("Olga, owner", _plants(3, text, devices=4, name=text), bad=True)


def _home(state: str, context: Context) -> Entry:
    return Entry(group="Home", state=state, template="home", context=context, surface="home", private=True)


def _context(who: str, inventory: Inventory, *, bad: bool = False, never: int = 0) -> Context:
    access, person = Access(inventory, owners=frozenset({OLGA})), PEOPLE[who]
    try:
        access.admit(person)
    except NotAllowed as error:
        return no_home(error.advice, slash="/backup")
    sites = access.visible_sites(person)
    devices = {device.name: device.site for device in access.visible_devices(person)}
    facts = HomeFacts(
        person=person,
        now=_LATER,
        sites=sites,
        devices=devices,
        standings={
            name: _standing(name, site, bad=bad)
            for place, (name, site) in enumerate(devices.items())
            if place % 8 >= never
        },
        before=dict.fromkeys(devices, _LATER - timedelta(days=7)),
        profile=Profile(person=person.id),
    )
    return home_context(_with_trouble(facts) if bad else facts, access, slash="/backup")


def _standing(name: str, site: str, *, bad: bool) -> DeviceStanding:
    good_at = NIGHT - timedelta(days=9) if bad else NIGHT
    return DeviceStanding(
        device=name, site=site, last_good_at=good_at, run=1, outcome=Outcome.FAILED if bad else Outcome.UP_TO_DATE
    )


def _with_trouble(facts: HomeFacts) -> HomeFacts:
    shown = list(facts.devices.items())[:5]
    jobs = [make_job(f"nightly {name}", site=site, next_run_at=_LATER + timedelta(hours=1)) for name, site in shown]
    return replace(
        facts,
        failing=[
            make_run(Outcome.FAILED, device=name, site=site, reason=FailureKind.UNREACHABLE) for name, site in shown
        ],
        running=[make_run(Outcome.IN_PROGRESS, device=name, site=site, started_at=NIGHT) for name, site in shown],
        unfinished={Outcome.IN_PROGRESS: 5, Outcome.PENDING: 120},
        unreviewed=[_version(name, site) for name, site in shown],
        unreviewed_total=1_200,
        upcoming=jobs,
        subscriptions=[
            Subscription(
                id=1, person=OLGA, scope=SubscriptionScope.SITE, target="plant-1", site="plant-1", created_at=NIGHT
            )
        ],
        profile=Profile(person=OLGA, muted_until=_LATER + timedelta(hours=1), muted_at=NIGHT),
    )


def _version(device: str, site: str) -> Version:
    return Version(
        device=device,
        site=site,
        number=7,
        commit="0" * 40,
        run=1,
        captured_at=NIGHT,
        last_checked_at=NIGHT,
        valid_until=None,
        size=1,
        digest="0" * 64,
        added=3,
        removed=1,
    )


def _plants(count: int, called: str, *, devices: int, name: str = "core-sw") -> Inventory:
    sites = [
        Site(key=f"plant-{number}", name=f"{called} {number}", timezone=ZoneInfo("UTC")) for number in range(count)
    ]
    endpoint = Endpoint(host="192.0.2.1")
    named = [
        Device(name=f"{name}{number}-{site.key}", site=site.key, platform="cisco_ios", endpoint=endpoint)
        for site in sites
        for number in range(devices)
    ]
    return Inventory(sites={one.key: one for one in sites}, devices={one.name: one for one in named}, agents={})
