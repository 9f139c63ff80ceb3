"""The real ``lastgood serve`` as a process that tests kill, beside a local Slack and a fleet in the test's own process.

Each site has the same simulated devices under names of its own, so that every site begins with fifty baselines. What
is true is read from the outside: the tables by plain SQL, the commits by git, the messages from the local Slack.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pygit2
import yaml

from bot.clock import SystemClock
from demo.fleet import DEMO_PASSWORD, Fleet
from demo.slack import LocalSlack
from tests.support.books import Books, PostgresBooks, SqliteBooks
from tests.support.database_fixtures import empty_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from demo.fleet import Fault
    from demo.slack import Message

T = TypeVar("T")

TIMEOUT = 120.0  # seconds of the wall clock: a last resort, never a measure
LOOK_EVERY = 0.004  # seconds between two looks at another process, which nobody announces
PASSWORD = "KILLS_DEVICE_PASSWORD"
DECLARED_AHEAD = 2  # sites in app.yaml: the one in use and the next
CONCURRENCY = 10  # of the agent: no more runs than this can be interrupted by one kill


async def until(found: Callable[[], Awaitable[T]], what: str, *, every: float = LOOK_EVERY) -> T:
    """Look until there is something. For what happens in other processes."""
    try:
        async with asyncio.timeout(TIMEOUT):
            while not (result := await found()):  # noqa: ASYNC110 - another process sets no event here
                await asyncio.sleep(every)
            return result
    except TimeoutError:
        message = f"waited in vain: {what}"
        raise AssertionError(message) from None


class ServeProcess:
    """``python -m bot serve``, started, killed and started again."""

    def __init__(self, config: Path, environ: Mapping[str, str]) -> None:
        self._config = config
        self.environ = dict(environ)  # beside this process's own
        self._process: asyncio.subprocess.Process | None = None
        self.log = config.with_name(f"serve-{config.stem}.log")

    async def start(self) -> None:
        """Start it; it is not ready yet."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "serve", "--config", str(self._config)),
                env=os.environ | self.environ,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    @property
    def agents(self) -> list[int]:
        """The processes that it has started and that have not ended."""
        if self._process is None:
            return []
        pid = self._process.pid
        try:
            return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            return []

    def kill(self) -> None:
        """End it on the spot, as a power cut does."""
        self._signal(signal.SIGKILL)

    def send(self, number: int) -> None:
        """Send it a signal."""
        self._signal(number)

    def lines(self, event: str) -> list[dict[str, Any]]:
        """What it has logged under this name, by its every life."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        found = [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]
        return [line for line in found if line.get("event") == event]

    def terminate(self) -> None:
        """Ask it to stop."""
        self._signal(signal.SIGTERM)

    def kill_agents(self) -> None:
        """End its agents on the spot."""
        for agent in self.agents:
            with suppress(ProcessLookupError):
                os.kill(agent, signal.SIGKILL)

    async def ended(self) -> int:
        """Wait for its end; returns the exit status, below zero if a signal ended it."""
        assert self._process is not None
        async with asyncio.timeout(TIMEOUT):
            return await self._process.wait()

    def _signal(self, number: int) -> None:
        if self._process is not None and self.is_running:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)


class Works:
    """An installation: its folder, its database, its Slack, its devices, and the bot that is killed."""

    def __init__(self, folder: Path, slack: LocalSlack, fleet: Fleet, books: Books) -> None:
        self.folder = folder
        self.slack = slack
        self.fleet = fleet
        self.books = books
        self.anna = slack.add_person("anna", id="U02ANNA")
        self.before: dict[str, bytes] = {}  # what each device printed before the last change
        self.environ = _environ(slack)
        self.serve = ServeProcess(folder / "app.yaml", self.environ)
        self.more: dict[str, Any] = {}  # sections of app.yaml beside the usual ones
        self._declared: list[str] = []
        self._used = 0

    @property
    def devices(self) -> list[str]:
        """The names of the simulated devices."""
        return list(self.fleet.devices)

    def archive(self, site: str) -> Path:
        """The repository of ``site``."""
        return self.folder / "data" / "archive" / f"{site}.git"

    def next_site(self) -> str:
        """A site of which nothing is known yet."""
        self._used += 1
        return _site(self._used)

    async def ready(self, site: str) -> None:
        """A bot that declares ``site``, reached by Slack, with an agent."""
        if self.serve.is_running and site not in self._declared:
            self.serve.kill()
            await self.serve.ended()
        if not self.serve.is_running:
            await self.start()
        await self.slack.connected(timeout=TIMEOUT)

    async def start(self) -> None:
        """Start the bot with the settings of the sites that are in use and come next."""
        sites = [_site(number) for number in range(max(1, self._used), self._used + DECLARED_AHEAD)]
        self._declared = sites
        for site in sites:
            if _channel(site) not in self.slack.store.channels:
                self.slack.add_channel(site, id=_channel(site), members=[self.anna])
        text = yaml.safe_dump(_settings(self, sites), sort_keys=False)
        (self.folder / "app.yaml").write_text(text, encoding="utf-8")
        await self.serve.start()

    async def ask(self, typed: str, site: str) -> asyncio.Task[Any]:
        """Type a command as Anna in the channel of ``site``; nobody waits for its answer."""
        channel = self.slack.channel(_channel(site))
        task = asyncio.create_task(self.slack.command(self.anna, channel, typed), name=typed)
        await asyncio.sleep(0)
        return task

    async def change(self, devices: Sequence[str]) -> None:
        """Add a line to the configurations of these simulated devices, and no other difference."""
        self.before = {device.name: device.wire for device in self.fleet}
        for name in devices:
            config = self.fleet[name].config
            changed = config.replace(b"\nend\n", b"\nntp server 10.9.%d.1\nend\n" % config.count(b"ntp server 10.9."))
            self.fleet[name].set_config(changed, exact=True)

    def let_all(self, fault: Fault | None) -> None:
        """Give every simulated device this fault, or none."""
        for device in self.fleet:
            device.fault = fault

    async def count(self, table: str, where: str) -> int:
        """How many rows there are."""
        rows = await self.books.rows(f"SELECT COUNT(*) AS found FROM {table} WHERE {where}")  # noqa: S608 - of tests
        return int(rows[0]["found"]) if rows else 0

    def commits(self, site: str) -> list[pygit2.Commit]:
        """The commits of ``site``, oldest first."""
        if not self.archive(site).exists():
            return []
        repository = pygit2.Repository(str(self.archive(site)))
        tip = repository.references.get("refs/heads/main")
        return list(reversed(list(repository.walk(tip.target)))) if tip else []

    async def settled(self) -> None:
        """Wait until no run is unfinished and Slack has been told everything."""
        await until(self._is_settled, f"runs end and messages stand, see {self.serve.log}", every=0.03)

    async def _is_settled(self) -> bool:
        unfinished = await self.count("run", "outcome IN ('pending', 'in_progress')")
        untold = await self.count("run", "NOT announced")
        return not unfinished and not untold and not await self.count("outbox", "waiting")

    def keyed(self) -> list[tuple[str, Message]]:
        """Every message of the bot that carries a key, with the key."""
        found: list[tuple[str, Message]] = []
        for channel in self.slack.store.messages:
            for message in self.slack.messages(channel):
                payload = (message.metadata or {}).get("event_payload") or {}
                found += [(payload["key"], message)] if "key" in payload else []
        return found


@asynccontextmanager
async def works(kind: str, folder: Path, *, devices: Sequence[str]) -> AsyncIterator[Works]:
    """An installation over a database of this kind; its bot is not started yet, and is killed at the end."""
    async with (
        empty_database(kind, folder) as url,
        # Without limits on how often: a bot that starts thirty times in two minutes asks who it is too often.
        LocalSlack(clock=SystemClock(), rate_limits=False) as slack,
        Fleet() as fleet,
    ):
        for seed, name in enumerate(devices):
            device = await fleet.add(name, platform="cisco_ios", seed=seed, lines=40)
            device.set_config(device.config, exact=True)  # its bytes stay the same until a test changes them
        books: Books = SqliteBooks(url) if kind == "sqlite" else PostgresBooks(url)
        here = Works(folder, slack, fleet, books)
        try:
            yield here
        finally:
            await books.close()
            if here.serve.is_running:
                here.serve.kill()
                await here.serve.ended()


def is_alive(pid: int) -> bool:
    """Whether this process has not ended; one that waits to be buried has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def named(site: str, device: str) -> str:
    """The name under which ``site`` declares a simulated device."""
    return f"{site}-{device}"


def _site(number: int) -> str:
    return f"plant-{number:02}"


def _channel(site: str) -> str:
    return f"C0{site.replace('-', '').upper()}"


def _environ(slack: LocalSlack) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        PASSWORD: DEMO_PASSWORD,
    }


def _settings(here: Works, sites: Sequence[str]) -> dict[str, Any]:
    endpoint = {"host": "127.0.0.1", "platform": "cisco_ios", "credential": "lab"}
    return {
        "slack": {"api_url": here.slack.api_url, "owners": [here.anna.id]},
        "http": {"listen": "127.0.0.1:0"},
        "log": {"format": "json"},
        "database": here.books.url,
        "credentials": {"lab": {"username": "backup", "password": f"env:{PASSWORD}"}},
        "sites": {site: {"channel": _channel(site)} for site in sites},
        "agents": {"local": {"sites": "*", "concurrency": CONCURRENCY}},
        "devices": {
            named(site, one.name): {"site": site, "port": one.port, **endpoint} for site in sites for one in here.fleet
        },
        **here.more,
    }
