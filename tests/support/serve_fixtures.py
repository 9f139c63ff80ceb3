"""A whole bot in a test: the real ``serve``, a local Slack and a fleet around it, everything else in a folder.

    from tests.support.serve_fixtures import town, town_clock, town_slack  # noqa: F401 (in the room's conftest.py)

    async def test_something(town: Town) -> None:
        await town.add_device("core-sw1")
        await town.start()

        await town.command(town.anna, "/backup now core-sw1")

        message = await town.final("core-sw1")

``town.start("http")`` uses signed HTTP. Agents are real child processes, SSH and git are real, and time goes on by
itself; ``town.clock.advance`` makes it jump for ``serve`` and the local Slack alike.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
import yaml

from bot.serving.serve import Serve, serving
from bot.settings.loading import Settings
from demo.fleet import Fleet
from demo.fleet.device import DeviceOptions
from demo.slack import LocalSlack
from domain.runs.outcomes import UNFINISHED, Outcome
from tests.support.database_fixtures import migrate_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from demo.fleet import Device
    from demo.slack import Channel, Interaction, Message, Person
    from runners.transport.base import Transport

T = TypeVar("T")

_FINAL = tuple(outcome.chip for outcome in Outcome if outcome not in UNFINISHED)
TIMEOUT = 120.0  # seconds of the wall clock: a last resort, never a measure


class JumpingClock:
    """Goes on by itself like any clock, and jumps ahead when a test says so."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)
        self._jumped = asyncio.Event()

    def now(self) -> datetime:
        """The present moment, with all jumps."""
        return datetime.now(UTC) + self._ahead

    def steady(self) -> datetime:
        """The same: it jumps as time that goes by."""
        return self.now()

    async def sleep(self, pause: timedelta) -> None:
        """Wait for ``pause``, or until jumps have made it pass."""
        until = self.now() + pause
        if pause <= timedelta(0):
            await asyncio.sleep(0)
        while (left := (until - self.now()).total_seconds()) > 0:
            jumped = self._jumped
            try:
                async with asyncio.timeout(left):
                    await jumped.wait()
            except TimeoutError:
                return

    def advance(self, step: timedelta) -> None:
        """Jump ahead; never back, should the moment be past that a slow machine is to jump to."""
        self._ahead += max(step, timedelta(0))
        self._jumped.set()
        self._jumped = asyncio.Event()


@dataclass
class Town:
    """Plant A with its people, its channel and its devices, and the bot that serves them."""

    folder: Path
    slack: LocalSlack
    fleet: Fleet
    clock: JumpingClock
    anna: Person  # operator at Plant A
    olga: Person  # owner
    vera: Person  # viewer at Plant A
    stan: Person  # in the workspace and in the channel, without any role
    plant_a: Channel
    settings: dict[str, Any]
    environ: dict[str, str]
    _running: Serve | None = None
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def serve(self) -> Serve:
        """The bot, while it runs."""
        assert self._running is not None, "call town.start() first"
        return self._running

    @property
    def is_running(self) -> bool:
        """Whether the bot has been started and not stopped."""
        return self._running is not None

    @property
    def config(self) -> Path:
        """Its app.yaml, as last written."""
        return self.folder / "app.yaml"

    async def add_device(
        self, name: str, *, site: str = "plant-a", platform: str = "cisco_ios", **facts: object
    ) -> Device:
        """A simulated device, declared under the same name; before ``start``."""
        declared = {key: facts.pop(key) for key in ("commands", "retries", "limits", "algorithms") if key in facts}
        device = await self.fleet.add(name, platform=platform, **facts)  # type: ignore[arg-type] # DeviceFacts
        self.declare(name, device, site=site, platform=platform, **declared)
        return device

    def declare(self, name: str, device: Device, *, site: str, platform: str, **declared: Any) -> None:  # noqa: ANN401 - keys of app.yaml
        """Write ``device`` into app.yaml."""
        endpoint = {"host": device.host, "port": device.port, "credential": "lab"}
        self.settings["devices"][name] = {"site": site, "platform": platform, **endpoint, **declared}

    def write_settings(self) -> Settings:
        """Write app.yaml and read it as ``serve`` does."""
        self.config.write_text(yaml.safe_dump(self.settings, sort_keys=False), encoding="utf-8")
        return Settings.load(self.config, self.environ)

    async def start(
        self, mode: str = "socket", *, transport: Transport | None = None, keeps_time: bool = True
    ) -> Serve:
        """Start the bot over this transport of Slack, and wait until Slack reaches it."""
        self.settings["slack"]["mode"] = mode
        running = serving(self.write_settings(), clock=self.clock, transport=transport, keeps_time=keeps_time)
        self._running = await self._stack.enter_async_context(running)
        if mode == "http":
            await self.slack.use_request_url(f"{self.serve.front.web.url}/slack/events")
        else:
            await self.slack.connected()
        return self._running

    async def stop(self) -> None:
        """Stop the bot as SIGTERM does; ``start`` starts it again."""
        self._running = None
        await self._stack.aclose()
        self._stack = AsyncExitStack()

    async def command(self, person: Person, typed: str, channel: Channel | None = None) -> Interaction:
        """Type a slash command, in Plant A's channel unless another is given."""
        return await self.slack.command(person, channel or self.plant_a, typed)

    async def until(self, found: Callable[[], T | None], *, refusal_limit: float = TIMEOUT) -> T:
        """Wait until ``found()`` gives something, asked after each change in Slack."""
        answer = await self.slack.wait_for(found, refusal_limit)
        assert answer is not None
        return answer

    async def private(self, person: Person, text: str, channel: Channel | None = None) -> Message:
        """Wait for a message that only ``person`` sees in the channel and that holds ``text``."""

        def found() -> Message | None:
            seen = self.slack.messages(channel or self.plant_a, seen_by=person)
            return next((one for one in seen if one.ephemeral_for and text in self.slack.plain(one)), None)

        return await self.until(found)

    async def final(self, device: str, *, channel: Channel | None = None, after: Message | None = None) -> Message:
        """Wait for the message of a run of ``device`` that has ended; ``after``: a later one than this."""

        def found() -> Message | None:
            seen = self.slack.messages(channel or self.plant_a)
            later = [one for one in seen if after is None or float(one.ts) > float(after.ts)]
            return next((one for one in later if self._is_final(one, device)), None)

        return await self.until(found)

    def _is_final(self, message: Message, device: str) -> bool:
        text = self.slack.plain(message)
        return device in text and message.ephemeral_for is None and any(chip in text for chip in _FINAL)


@pytest.fixture
async def town_clock() -> JumpingClock:
    """The time of ``serve`` and of the local Slack."""
    return JumpingClock()


@pytest.fixture
async def town_slack(town_clock: JumpingClock) -> AsyncIterator[LocalSlack]:
    """The local Slack of the town."""
    async with LocalSlack(clock=town_clock) as slack:
        yield slack


@pytest.fixture
async def town(
    tmp_path: Path, town_slack: LocalSlack, town_clock: JumpingClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    """Plant A without any device yet; the bot is not started."""
    anna, olga, vera, stan = (
        town_slack.add_person(name, id=f"U0{number}{name.upper()}")
        for number, name in enumerate(("anna", "olga", "vera", "stan"), start=2)
    )
    plant_a = town_slack.add_channel("plant-a", id="C0PLANTA", members=[anna, olga, vera, stan])
    environ = {
        "SLACK_BOT_TOKEN": town_slack.bot_token,
        "SLACK_APP_TOKEN": town_slack.app_token,
        "SLACK_SIGNING_SECRET": town_slack.signing_secret,
    }
    await _migrate(tmp_path / "data" / "lastgood.db")
    async with Fleet() as fleet:
        monkeypatch.setenv("LAB_PASSWORD", DeviceOptions().password)
        settings = _settings(town_slack, anna=anna, olga=olga, vera=vera)
        here = Town(
            tmp_path, town_slack, fleet, town_clock, anna, olga, vera, stan, plant_a, settings=settings, environ=environ
        )
        yield here
        await here.stop()


async def _migrate(path: Path) -> None:
    """The bot's database as its first start makes it, from the one that this process has migrated already."""
    path.parent.mkdir(mode=0o700)
    await migrate_file(path)
    path.chmod(0o600)  # noqa: ASYNC240 - nobody waits for this loop


def _settings(slack: LocalSlack, *, anna: Person, olga: Person, vera: Person) -> dict[str, Any]:
    access = {"operator": [anna.id], "viewer": [vera.id]}
    plant = {"name": "Plant A", "timezone": "Europe/Berlin", "channel": "C0PLANTA", "access": access}
    return {
        "slack": {"mode": "socket", "api_url": slack.api_url, "owners": [olga.id]},
        "http": {"listen": "127.0.0.1:0"},
        "credentials": {"lab": {"username": "backup", "password": "env:LAB_PASSWORD"}},
        "sites": {"plant-a": {**plant, "digests": []}},  # whoever tries reports asks for them
        "agents": {"local": {"sites": "*", "concurrency": 20}},
        "devices": {},
    }
