"""A dispatcher with a real database and a real archive, and agents whose every word is the test's."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from domain.failures import FailureKind
from domain.inventory.declared import Agent, Device, Endpoint, Inventory, Site
from domain.runs.run import Trigger
from runners.dispatcher import Dispatcher
from runners.platforms.reading import load_platforms
from runners.transport.base import AgentAway, Connected, Disconnected, Received
from runners.wire.messages import Cancel, Capture, Captured, Failed, Heartbeat, Hello, Started
from storage.archive.archive import Archive
from storage.database.opening import database
from storage.devices.devices import sync_devices
from storage.runs import runs as run_store
from tests.support.clock import MovedClock
from tests.support.database_fixtures import migrate_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from domain.runs.run import Run
    from runners.transport.base import Event
    from runners.wire.messages import FromAgent, ToAgent

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFirst"
CONFIG = b"!\nversion 15.2\nhostname core-sw1\n!\ninterface Vlan1\n ip address 10.0.0.1 255.255.255.0\n!\nend\n"
CHANGED = CONFIG.replace(b"10.0.0.1", b"10.0.0.2")
PLATFORMS = load_platforms(None)


def make_device(name: str, *, site: str = "plant-a", **changes: object) -> Device:
    endpoint = Endpoint(host="127.0.0.1", credentials=("lab",))
    return Device(name=name, site=site, platform="cisco_ios", endpoint=endpoint, **changes)  # type: ignore[arg-type]


def make_site(key: str, *, concurrency: int = 25) -> Site:
    name = key.replace("-", " ").title()
    return Site(key=key, name=name, timezone=ZoneInfo("Europe/Berlin"), concurrency=concurrency)


def make_inventory(
    devices: Sequence[Device] = (), *, sites: Sequence[Site] = (), agents: Sequence[Agent] | None = None
) -> Inventory:
    devices = devices or [make_device("core-sw1"), make_device("edge-sw2")]
    sites = sites or [make_site(key) for key in dict.fromkeys(device.site for device in devices)]
    agents = [Agent(name="local")] if agents is None else agents
    return Inventory(
        sites={site.key: site for site in sites},
        devices={device.name: device for device in devices},
        agents={agent.name: agent for agent in agents},
    )


class FakeTransport:
    """Carries messages to nobody and events from the test."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, ToAgent]] = []
        self.connected: set[str] = set()
        self.confirms_cancels = False  # as real agents do, whatever the test's own did until now
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()

    async def start(self) -> None:
        """Nothing to listen to."""

    async def send(self, agent: str, message: ToAgent) -> None:
        """Remember it, unless the agent is away."""
        if agent not in self.connected:
            raise AgentAway(agent)
        self.sent.append((agent, message))
        if self.confirms_cancels and isinstance(message, Cancel):
            self.happen(Received(agent, _confirmed(message, agent)))

    async def events(self) -> AsyncIterator[Event]:
        """What the test says that happened."""
        while (event := await self._events.get()) is not None:
            yield event
            self._events.task_done()
        self._events.task_done()

    async def close(self) -> None:
        """End the events; as with real ones, every agent goes away by it."""
        for agent in sorted(self.connected):
            self._events.put_nowait(Disconnected(agent, "closed"))
        self.connected.clear()
        self._events.put_nowait(None)

    def happen(self, event: Event) -> None:
        """Let the dispatcher see ``event``."""
        if isinstance(event, Connected):
            self.connected.add(event.agent)
        if isinstance(event, Disconnected):
            self.connected.discard(event.agent)
        self._events.put_nowait(event)

    async def read(self) -> None:
        """Wait until everything that happened has been read."""
        await self._events.join()


class Workshop:
    """The dispatcher under test with the hands to play its agents."""

    def __init__(self, archive: Archive, inventory: Inventory, clock: MovedClock, *, close_timeout: timedelta) -> None:
        self.archive = archive
        self.inventory = inventory
        self.clock = clock
        self.transport = FakeTransport()
        self.announced: list[Run] = []
        self.announcing_fails = False
        self.has_crashed = False
        self.dispatcher = Dispatcher(
            inventory=inventory,
            platforms=PLATFORMS,
            transport=self.transport,
            archive=archive,
            clock=clock,
            announce=self._announce,
            close_timeout=close_timeout,
            pace=timedelta(0),
        )

    async def start(self, device: str = "core-sw1") -> Run:
        """Ask for a run as Anna."""
        return await self.dispatcher.start(
            self.inventory.devices[device], asked_by="U02ANNA", trigger=Trigger.MANUAL, place=None
        )

    async def start_site(self, site: str = "plant-a") -> list[Run]:
        """Ask for a run of each device as Anna."""
        _, runs = await self.dispatcher.start_site(
            self.inventory.sites[site], asked_by="U02ANNA", trigger=Trigger.MANUAL, place=None
        )
        return runs

    async def connect(self, agent: str = "local", *, concurrency: int = 50, running: Sequence[int] = ()) -> None:
        """The agent comes and says hello."""
        self.transport.happen(Connected(agent))
        hello = Hello(agent=agent, concurrency=concurrency, running=tuple(running))
        await self.say(hello, agent=agent)

    async def disconnect(self, agent: str = "local", reason: str = "ended with status 1") -> None:
        """The agent is gone."""
        self.transport.happen(Disconnected(agent, reason))
        await self.settle()

    async def say(self, *messages: FromAgent, agent: str = "local") -> None:
        """The agent says this, and the dispatcher deals with it."""
        for message in messages:
            self.transport.happen(Received(agent, message))
        await self.settle()

    async def begin(self, run: Run | int, *, attempt: int = 1, agent: str = "local") -> None:
        """The agent begins an attempt."""
        await self.say(self.started(run, attempt=attempt, agent=agent), agent=agent)

    async def heartbeat(self, *running: int, agent: str = "local") -> None:
        """The agent says that it is there and what it is at."""
        await self.say(Heartbeat(agent=agent, running=running), agent=agent)

    def started(self, run: Run | int, *, attempt: int = 1, agent: str = "local") -> Started:
        """The word that an attempt has begun."""
        return Started(run=_number(run), agent=agent, attempt=attempt, at=self.clock.now())

    def captured(self, run: Run | int, text: bytes = CONFIG, *, attempts: int = 1, agent: str = "local") -> Captured:
        """The word that a configuration came."""
        now = self.clock.now()
        return Captured(
            run=_number(run),
            agent=agent,
            attempts=attempts,
            started_at=now - timedelta(seconds=2),
            finished_at=now,
            text=text,
            host_key=HOST_KEY,
        )

    def failed(self, run: Run | int, kind: FailureKind, *, facts: str = "", offered: str | None = None) -> Failed:
        """The word that none came."""
        now = self.clock.now()
        return Failed(
            run=_number(run),
            agent="local",
            attempts=1,
            started_at=now - timedelta(seconds=2),
            finished_at=now,
            kind=kind,
            facts=facts,
            offered_host_key=offered,
        )

    async def crash(self) -> None:
        """End everything on the spot, as a kill does: nothing is finished, nothing is said."""
        self.has_crashed = True
        tasks = self.dispatcher._tasks  # noqa: SLF001 - a kill does not ask either
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def settle(self) -> None:
        """Wait until nothing is left to do."""
        await self.transport.read()
        await self.dispatcher.settled()

    async def pass_time(self, step: timedelta, *, heard: bool = True) -> None:
        """Move the clock, then let the watchdog look; ``heard``: agents keep saying that they are there."""
        await self.clock.advance(step)
        for agent in self.transport.connected if heard else ():
            begun = [run.id for run in await run_store.unfinished_runs() if run.agent == agent]
            await self.heartbeat(*begun, agent=agent)
        await self.dispatcher.watch()
        await self.settle()

    async def back_up(
        self, text: bytes, device: str = "core-sw1", *, own_words: tuple[tuple[int, int], ...] = ()
    ) -> Run:
        """A whole run that brings ``text``, in which the agent marks ``own_words``."""
        run = await self.start(device)
        await self.settle()
        await self.begin(run)
        await self.say(self.captured(run, text).model_copy(update={"own_words": own_words}))
        return await self.look_up(run)

    async def look_up(self, run: Run | int) -> Run:
        """The run as the database has it."""
        found = await run_store.run_by_id(_number(run))
        assert found
        return found

    def captures(self, agent: str = "local") -> list[Capture]:
        """What the agent was told to capture."""
        return [message for name, message in self.transport.sent if name == agent and isinstance(message, Capture)]

    def cancels(self, agent: str = "local") -> list[int]:
        """The runs that the agent was told to cancel."""
        return [message.run for name, message in self.transport.sent if name == agent and isinstance(message, Cancel)]

    async def _announce(self, runs: Sequence[Run]) -> None:
        if self.announcing_fails:
            raise RuntimeError("rendering broke")
        self.announced += runs
        await run_store.mark_announced([run.id for run in runs])


@asynccontextmanager
async def workshop(
    folder: Path,
    inventory: Inventory | None = None,
    *,
    clock: MovedClock | None = None,
    archive: Archive | None = None,
    close_timeout: timedelta = timedelta(seconds=10),
) -> AsyncIterator[Workshop]:
    """A dispatcher at work in ``folder``; opened again in the same folder it is its own next life."""
    inventory = inventory or make_inventory()
    await migrate_file(folder / "lastgood.db")
    async with database(f"sqlite://{folder}/lastgood.db"):
        await sync_devices(inventory)
        archive = archive or Archive(folder / "archive", durable=False)
        await archive.open(inventory.sites)
        shop = Workshop(archive, inventory, clock or MovedClock(), close_timeout=close_timeout)
        try:
            await shop.dispatcher.__aenter__()
            yield shop
        finally:
            if not shop.has_crashed:
                shop.transport.confirms_cancels = True
                await shop.dispatcher.close()
            await archive.close()


def _confirmed(cancel: Cancel, agent: str) -> Failed:
    now = datetime.now(UTC)
    times = {"started_at": now, "finished_at": now}
    return Failed(run=cancel.run, agent=agent, attempts=0, kind=FailureKind.CANCELLED, **times)


def _number(run: Run | int) -> int:
    return run if isinstance(run, int) else run.id
