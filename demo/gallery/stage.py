"""A small installation with the real commands over a real database, in which people ask and are answered."""

from __future__ import annotations

import logging
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from commands.input.quoting import split_words
from commands.registry import Commands
from commands.request import Reply, Request, Surface
from commands.services import Services
from demo.gallery.samples import ANNA, LONG_DEVICE, NIGHT, OLGA, PEOPLE, config
from domain.access.access import Access
from domain.errors import NotNow
from domain.inventory.declared import Agent, Device, Endpoint, Inventory, Site
from domain.messages.places import Place
from domain.roles import Role
from domain.runs.agent_status import AgentStatus
from domain.runs.outcomes import Outcome
from domain.runs.run import NewRun, Run, Trigger
from domain.runs.steps import RunEnd, StoredVersion
from notifications.previews import ConfigDiff
from storage.database.opening import database
from storage.devices import devices
from storage.runs import runs
from storage.runs.endings import finish_runs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from domain.configs.versions import Version
    from domain.jobs.job import Job
    from domain.runs.batches import Batch
    from domain.runs.evidence import Evidence
    from domain.subscriptions.routes import Route

KNOWN_KEY: Final = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ6x0hbIFEmdBJvA6d6ZlQwYLGOPWNkDcMdCjd1Hx0aT"
OTHER_KEY: Final = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDw1ywxVJ4Zz8h3s0mTqJmYGuCLxqkV9UJ5m3b8yq6rN"
CONFIGS: Final = {  # by device: its versions, the oldest first
    "core-sw1": (config(40), config(40).replace("desk 003", "printer")),
    "core-sw2": (config(400), config(400).replace("access vlan", "trunk native vlan")),
    "edge-rt1": (config(30),),
}
_PLANT_A: Final = Site(
    key="plant-a",
    name="Plant A",
    timezone=ZoneInfo("Europe/Berlin"),
    channel="C0PLANTA",
    access={Role.OPERATOR: frozenset({ANNA}), Role.VIEWER: frozenset({"U03TOM"})},
)
_PLANT_B: Final = Site(key="plant-b", name="Plant B", timezone=ZoneInfo("Asia/Kolkata"), channel="C0PLANTB")
_EMPTY: Final = replace(_PLANT_A, key="empty", name="Plant C", channel=None)
_DEVICES: Final = ("core-sw1", "core-sw2", "edge-rt1", "fw1", "new-sw9", "plant-b", LONG_DEVICE)


class ClockOnShow:
    """Shows the catalogue's time."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        """The moment of the next answer."""
        return self.time

    steady = now  # nobody sets it

    async def sleep(self, pause: timedelta) -> None:
        """No command waits."""
        self.time += pause


@dataclass
class RunsOnShow:
    """Starts runs as far as the database is concerned; no agent ever takes them."""

    clock: ClockOnShow
    inventory: Inventory
    broken: bool = False

    async def start(
        self,
        device: Device,
        *,
        asked_by: str | None,
        trigger: Trigger,
        place: Place | None,
        accept_smaller: bool = False,
    ) -> Run:
        """A run that waits."""
        if self.broken:
            raise OSError("the disk is full")
        going = await runs.unfinished_run_of(device.name)
        if going:
            raise NotNow("a run is going", advice=f"Run {going.id} of `{device.name}` is still going.")
        new = replace(self._new(device, asked_by, trigger, place), accept_smaller=accept_smaller)
        [run] = await runs.add_runs([new])
        return run

    async def start_site(
        self,
        site: Site,
        *,
        asked_by: str | None,
        trigger: Trigger,
        place: Place | None,
        hidden: frozenset[str] = frozenset(),
    ) -> tuple[Batch, list[Run]]:
        """A run that waits, for each device that has none."""
        open_ones = [one for one in self.inventory.by_site[site.key] if one.name not in hidden]
        idle = [one for one in open_ones if not await runs.unfinished_run_of(one.name)]
        new = [self._new(device, asked_by, trigger, place) for device in idle]
        return await runs.add_batch(site.key, trigger, asked_by, place, self.clock.now(), new)

    async def start_job(
        self, job: Job, *, asked_by: str | None, place: Place | None, hidden: frozenset[str] = frozenset()
    ) -> Run | tuple[Batch, list[Run]]:
        """What ``job`` covers."""
        if job.device is None:
            site = self.inventory.sites[job.site]
            return await self.start_site(site, asked_by=asked_by, trigger=Trigger.MANUAL, place=place, hidden=hidden)
        device = self.inventory.devices[job.device]
        return await self.start(device, asked_by=asked_by, trigger=Trigger.MANUAL, place=place)

    async def cancel(self, run: Run, *, by: str) -> None:
        """Nobody is at it."""

    def agents(self, **_: object) -> list[AgentStatus]:
        """One, and it is idle."""
        [agent] = self.inventory.agents.values()
        idle: dict[str, Any] = {"concurrency": 50, "running": 0, "waiting": 0, "disconnected_since": None}
        return [AgentStatus(name=agent.name, sites=None, connected_since=self.clock.now(), **idle)]

    def _new(self, device: Device, asked_by: str | None, trigger: Trigger, place: Place | None) -> NewRun:
        return NewRun(
            device=device.name,
            site=device.site,
            trigger=trigger,
            created_at=self.clock.now(),
            waiting_limit=device.waiting_limit,
            running_limit=device.running_limit,
            asked_by=asked_by,
            place=place,
        )


class PeopleOnShow:
    """Anybody can be given access."""

    async def named(self, user: str) -> str:  # noqa: ARG002 - the same for all
        """Nobody has a name."""
        return ""

    async def problem(self, principal: str) -> str:  # noqa: ARG002 - the same for all
        """None."""
        return ""


class TextsOnShow:
    """Previews of ``CONFIGS``; there are no secrets in them."""

    async def diff(self, device: str, before: Version, after: Version) -> ConfigDiff:
        """What differs."""
        return ConfigDiff.of(self._text(device, before), self._text(device, after))

    async def masked_text(self, device: str, version: Version) -> str:
        """The whole text."""
        return self._text(device, version)

    def masked(self, _device: str, text: str) -> str:
        """The text as it is."""
        return text

    def facts(self, run: Run) -> str:
        """The facts as they are."""
        return run.facts

    def evidence(self, run: Run) -> Evidence | None:
        """As it is."""
        return run.evidence

    def is_link_only(self, _device: str, _site: str | None = None) -> bool:
        """No site keeps its configurations out of Slack."""
        return False

    def _text(self, device: str, version: Version) -> str:
        return CONFIGS[device][version.number - 1]


class ChannelsOnShow:
    """Every channel can be written to."""

    async def has_us(self, _channel: str) -> bool:
        """Whether the bot is in it."""
        return True

    async def test_route(self, _route: Route) -> None:  # noqa: PT019 - no test
        """Nothing is sent."""


@dataclass
class Stage:
    """Where people ask."""

    clock: ClockOnShow
    dispatcher: RunsOnShow
    services: Services
    commands: Commands

    async def ask(self, line: str, *, by: str, channel: str = "C0PLANTA", mention: bool = False) -> Reply:
        """What ``by``, one of ``PEOPLE``, is answered for ``line``, typed without the slash command."""
        surface = Surface.MENTION if mention else Surface.COMMAND
        place = Place(channel=channel, thread_ts="1.2" if mention else None)
        request = Request(person=PEOPLE[by], words=split_words(line), place=place, surface=surface, id="7c9e2f41")
        return await self.commands.answer(request)

    async def going(self, device: str) -> Run:
        """A run of ``device`` that waits."""
        found = self.services.inventory.devices[device]
        return await self.dispatcher.start(found, asked_by=ANNA, trigger=Trigger.MANUAL, place=None)

    async def end(self, run: Run, outcome: Outcome, *, version: int | None = None, **facts: object) -> None:
        """``run`` ends four seconds later; ``version`` is the one it stored."""
        self.clock.time += timedelta(seconds=4)
        base = (version - 1 or None) if version else None
        end = RunEnd(run=run.id, outcome=outcome, at=self.clock.now(), agent="local", attempts=1, started_at=NIGHT)
        stored = self._stored(run, version) if version else None
        await finish_runs([replace(end, version=version, base_version=base, stored=stored, **facts)])  # type: ignore[arg-type]  # facts are fields

    def _stored(self, run: Run, number: int) -> StoredVersion:
        text = CONFIGS[run.device][number - 1]
        return StoredVersion(
            device=run.device,
            site=run.site,
            number=number,
            commit=f"{number:040x}",
            run=run.id,
            captured_at=self.clock.now(),
            size=len(text),
            digest=f"{number:064x}",
            author="jschmidt",
            added=2 if number > 1 else 0,
            removed=1 if number > 1 else 0,
        )


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """An installation in a folder of its own, gone afterwards; some devices have a past."""
    inventory = an_inventory()
    logging.getLogger("commands").addHandler(logging.NullHandler())  # one of the answers shows how we stumble
    with tempfile.TemporaryDirectory(prefix="lastgood-gallery-") as folder:
        async with database(f"sqlite:///{Path(folder) / 'gallery.db'}"):
            await devices.sync_devices(inventory)
            clock = ClockOnShow(NIGHT)
            dispatcher = RunsOnShow(clock, inventory)
            services = Services(
                access=Access(inventory, owners=frozenset({OLGA})),
                inventory=inventory,
                dispatcher=dispatcher,
                directory=PeopleOnShow(),
                channels=ChannelsOnShow(),
                publisher=ChannelsOnShow(),
                previews=TextsOnShow(),
                clock=clock,
            )
            set_up = Stage(clock, dispatcher, services, Commands(services))
            await _give_a_past(set_up)
            yield set_up


def an_inventory() -> Inventory:
    """Three sites, one of them without devices."""
    sites = {site.key: site for site in (_PLANT_A, _PLANT_B, _EMPTY)}
    here = [_device(name, "plant-a") for name in _DEVICES]
    return Inventory(
        sites=sites,
        devices={one.name: one for one in [*here, _device("hidden-fw1", "plant-b")]},
        agents={"local": Agent(name="local")},
    )


def _device(name: str, site: str) -> Device:
    return Device(name=name, site=site, platform="cisco_ios", endpoint=Endpoint(host="192.0.2.1"))


async def _give_a_past(at: Stage) -> None:
    for device, texts in CONFIGS.items():
        for number in range(1, len(texts) + 1):
            outcome = Outcome.MODIFIED if number > 1 else Outcome.UP_TO_DATE
            await at.end(await at.going(device), outcome, version=number)
