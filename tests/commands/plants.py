"""Two plants, their people, a real database, and small fakes of the rooms that run and render."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from commands.input.quoting import split_words
from commands.registry import Commands
from commands.request import Reply, Request, Surface
from commands.services import Services
from demo.slack.blocks.contents import check_message_blocks
from domain.access.access import Access
from domain.access.people import Person
from domain.inventory.declared import Agent, Device, Endpoint, Inventory, Site
from domain.messages.places import Place
from domain.roles import Role
from domain.runs.agent_status import AgentStatus
from domain.runs.outcomes import Outcome
from domain.runs.run import NewRun, Run, Trigger
from domain.runs.steps import RunEnd, StoredVersion
from notifications.previews import ConfigDiff
from notifications.rendering.renderer import Renderer
from storage.runs import runs
from storage.runs.endings import finish_runs
from tests.support.clock import MovedClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.configs.versions import Version
    from domain.jobs.job import Job
    from domain.runs.batches import Batch
    from domain.runs.evidence import Evidence
    from domain.subscriptions.routes import Route


PEOPLE = {
    "owner": Person(id="U0OWNER", team="T1", timezone="Europe/Berlin"),
    "admin": Person(id="U0ADMIN", team="T1", timezone="Europe/Berlin"),
    "operator": Person(id="U0OPER", team="T1", timezone="Europe/Berlin"),
    "viewer": Person(id="U0VIEW", team="T1", groups=frozenset({"S0VIEWERS"})),
    "other_plant": Person(id="U0OTHER", team="T1"),
    "stranger": Person(id="U0NOBODY", team="T1"),
    "guest": Person(id="U0GUEST", team="T1", is_guest=True),
    "external": Person(id="U0EXT", team="T9", is_external=True),
    "bot": Person(id="U0BOT", team="T1", is_bot=True),
    "leaver": Person(id="U0LEFT", team="T1", is_deactivated=True),
}
SHUT_OUT = ("guest", "external", "bot", "leaver")
PLANT_A = Site(
    key="plant-a",
    name="Plant A",
    timezone=ZoneInfo("Europe/Berlin"),
    channel="C0PLANTA",
    access={
        Role.ADMIN: frozenset({"U0ADMIN"}),
        Role.OPERATOR: frozenset({"U0OPER", "U0GUEST", "U0EXT", "U0BOT", "U0LEFT"}),
        Role.VIEWER: frozenset({"S0VIEWERS"}),
    },
)
PLANT_B = Site(
    key="plant-b",
    name="Plant B",
    timezone=ZoneInfo("America/New_York"),
    channel="C0PLANTB",
    access={Role.ADMIN: frozenset({"U0OTHER"})},
)
RENDERER = Renderer()
OLD_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ6x0hbIFEmdBJvA6d6ZlQwYLGOPWNkDcMdCjd1Hx0aT"
NEW_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDw1ywxVJ4Zz8h3s0mTqJmYGuCLxqkV9UJ5m3b8yq6rN"


def make_device(name: str, site: str = "plant-a", platform: str = "cisco_ios") -> Device:
    """A device that needs nothing but a name."""
    return Device(name=name, site=site, platform=platform, endpoint=Endpoint(host="192.0.2.1"))


def make_inventory(*named: Device, sites: Sequence[Site] = (PLANT_A, PLANT_B)) -> Inventory:
    """The two plants with these devices, an agent for each and one for all."""
    agents = (
        Agent(name="agent-a", sites=frozenset({"plant-a"})),
        Agent(name="agent-b", sites=frozenset({"plant-b"})),
        Agent(name="anywhere"),
    )
    return Inventory(
        sites={site.key: site for site in sites},
        devices={device.name: device for device in named},
        agents={agent.name: agent for agent in agents},
    )


def two_plants() -> Inventory:
    """Plant A with four devices, Plant B with two."""
    return make_inventory(
        make_device("core-sw1"),
        make_device("core-sw2"),
        make_device("edge-rt1", platform="juniper_junos"),
        make_device("Büro Switch"),
        make_device("hidden-fw1", "plant-b", "fortinet_fortios"),
        make_device("hidden-fw2", "plant-b", "fortinet_fortios"),
    )


@dataclass
class FakeDispatcher:
    """Writes runs into the database as the real one does, and remembers what it was asked."""

    clock: MovedClock
    inventory: Inventory
    places: list[Place | None] = field(default_factory=list)
    cancelled: list[tuple[int, str]] = field(default_factory=list)

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
        self.places.append(place)
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
        self.places.append(place)
        open_ones = [one for one in self.inventory.by_site[site.key] if one.name not in hidden]
        wanted = [one for one in open_ones if not await runs.unfinished_run_of(one.name)]
        new = [self._new(device, asked_by, trigger, place) for device in wanted]
        return await runs.add_batch(site.key, trigger, asked_by, place, self.clock.now(), new)

    async def start_job(
        self, job: Job, *, asked_by: str | None, place: Place | None, hidden: frozenset[str] = frozenset()
    ) -> Run | tuple[Batch, list[Run]]:
        """A run that waits, for each device that the job covers."""
        if job.device:
            device = self.inventory.devices[job.device]
            return await self.start(device, asked_by=asked_by, trigger=Trigger.MANUAL, place=place)
        site = self.inventory.sites[job.site]
        return await self.start_site(site, asked_by=asked_by, trigger=Trigger.MANUAL, place=place, hidden=hidden)

    async def cancel(self, run: Run, *, by: str) -> None:
        """Remembers the wish."""
        self.cancelled.append((run.id, by))

    def agents(
        self,
        *,
        hidden: frozenset[str] = frozenset(),  # noqa: ARG002 - none of these is at a restricted device
        sites: frozenset[str] | None = None,
    ) -> list[AgentStatus]:
        """All declared agents, connected, and at a run of each site that is counted."""
        counted = self.inventory.sites.keys() if sites is None else sites
        return [
            AgentStatus(
                name=agent.name,
                sites=agent.sites,
                concurrency=agent.concurrency,
                running=sum(agent.serves(site) for site in counted),
                waiting=0,
                connected_since=self.clock.now(),
                disconnected_since=None,
            )
            for agent in self.inventory.agents.values()
        ]

    def _new(self, device: Device, asked_by: str | None, trigger: Trigger, place: Place | None) -> NewRun:
        return NewRun(
            device=device.name,
            site=device.site,
            trigger=trigger,
            created_at=self.clock.now(),
            waiting_limit=timedelta(minutes=30),
            running_limit=timedelta(minutes=5),
            asked_by=asked_by,
            place=place,
        )


@dataclass
class FakePreviews:
    """Says which versions it was asked for; ``long`` makes its texts too long for a message."""

    long: bool = False
    empty: bool = False
    link_only: bool = False

    async def diff(self, device: str, before: Version, after: Version) -> ConfigDiff:
        """A diff that names both versions."""
        text = f"-{device} v{before.number}\n+{device} v{after.number}\n" * (500 if self.long else 1)
        return ConfigDiff(text="" if self.empty else text, added=1, removed=1)

    async def masked_text(self, device: str, version: Version) -> str:
        """A configuration that names its version."""
        return f"hostname {device}\n! v{version.number}\n" * (500 if self.long else 1)

    def masked(self, _device: str, text: str) -> str:
        """The text with one secret masked."""
        return text.replace("hunter2", "<secret removed>")

    def facts(self, run: Run) -> str:
        """Hides one word."""
        return run.facts.replace("s3cret", f"<{run.device} hides it>")

    def evidence(self, run: Run) -> Evidence | None:
        """Hides the same word."""
        found = run.evidence
        return found and replace(found, screen=tuple(line.replace("s3cret", "<hidden>") for line in found.screen))

    def is_link_only(self, device: str, site: str | None = None) -> bool:  # noqa: ARG002 - all are alike
        """As the test says."""
        return self.link_only


@dataclass
class FakeDirectory:
    """Knows everybody of PEOPLE, and says of whom it was told what is wrong with them."""

    problems: dict[str, str] = field(default_factory=dict)

    async def named(self, user: str) -> str:
        """The name of one of PEOPLE."""
        return next((one.name for one in PEOPLE.values() if one.id == user), "")

    async def problem(self, principal: str) -> str:
        """What the test has set."""
        return self.problems.get(principal, "")


@dataclass
class FakePublisher:
    """Is in every channel but one, and remembers which routes were tested."""

    tested: list[Route] = field(default_factory=list)

    async def has_us(self, channel: str) -> bool:
        """Whether the bot is in it."""
        return channel != "C0FOREIGN"

    async def test_route(self, route: Route) -> None:
        """Remember it."""
        self.tested.append(route)


@dataclass
class Plant:
    """Everything a test of commands asks and looks at."""

    clock: MovedClock
    dispatcher: FakeDispatcher
    previews: FakePreviews
    directory: FakeDirectory
    publisher: FakePublisher
    services: Services
    commands: Commands

    async def ask(
        self,
        line: str,
        *,
        by: str = "operator",
        channel: str = "C0PLANTA",
        surface: Surface = Surface.COMMAND,
        own_dm: bool = False,
    ) -> Reply:
        """Type ``line``, without the slash command, as one of PEOPLE."""
        return await self.ask_words(split_words(line), by=by, channel=channel, surface=surface, own_dm=own_dm)

    async def ask_words(
        self,
        words: tuple[str, ...],
        *,
        by: str = "operator",
        channel: str = "C0PLANTA",
        surface: Surface = Surface.COMMAND,
        own_dm: bool = False,
    ) -> Reply:
        """Ask with the words as they are."""
        place = Place(channel=channel, thread_ts="1.2" if surface is Surface.MENTION else None)
        reply = await self.commands.answer(
            Request(person=PEOPLE[by], words=words, place=place, surface=surface, id="c0ffee", own_dm=own_dm)
        )
        content = RENDERER.render(reply.template, reply.context)  # an answer that has no message is none
        check_message_blocks(json.loads(json.dumps(content.blocks)))  # nor is one that Slack refuses
        return reply

    async def going(self, device: str) -> Run:
        """A run of ``device`` that waits."""
        found = self.services.inventory.devices[device]
        return await self.dispatcher.start(found, asked_by="U0OPER", trigger=Trigger.MANUAL, place=None)

    async def ended(self, device: str, outcome: Outcome = Outcome.UP_TO_DATE, **facts: object) -> Run:
        """A run of ``device`` that has ended, one minute after the one before."""
        await self.clock.advance(timedelta(minutes=1))
        run = await self.going(device)
        end = RunEnd(run=run.id, outcome=outcome, at=self.clock.now(), agent="agent-a", attempts=1)
        [done] = await finish_runs([replace(end, **facts)])  # type: ignore[arg-type]
        return done

    async def stored(self, device: str, number: int) -> Run:
        """A run of ``device`` that made version ``number``."""
        await self.clock.advance(timedelta(minutes=1))
        run = await self.going(device)
        stored = StoredVersion(
            device=device,
            site=run.site,
            number=number,
            commit=f"{number:040x}",
            run=run.id,
            captured_at=self.clock.now(),
            size=100,
            digest=f"{number:064x}",
        )
        end = RunEnd(
            run=run.id,
            outcome=Outcome.MODIFIED if number > 1 else Outcome.UP_TO_DATE,
            at=self.clock.now(),
            base_version=number - 1 or None,
            version=number,
            stored=stored,
        )
        [done] = await finish_runs([end])
        return done


def build_plant(inventory: Inventory) -> Plant:
    """A plant around ``inventory``, on 4 May 2026 at 10:00 UTC."""
    clock = MovedClock(datetime(2026, 5, 4, 10, 0, tzinfo=UTC))
    dispatcher, previews, directory = FakeDispatcher(clock, inventory), FakePreviews(), FakeDirectory()
    publisher = FakePublisher()
    services = Services(
        access=Access(inventory, owners=frozenset({"U0OWNER"})),
        inventory=inventory,
        dispatcher=dispatcher,
        directory=directory,
        channels=publisher,
        publisher=publisher,
        previews=previews,
        clock=clock,
    )
    return Plant(clock, dispatcher, previews, directory, publisher, services, Commands(services))


def sentence(reply: Reply) -> str:
    """The words of a refusal or notice."""
    return str(reply.context.get("advice") or reply.context.get("sentence") or reply.context.get("remark"))
