"""A deliverer between a real outbox and the local Slack, with the clock that both go by."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from domain.errors import SlackTrouble
from notifications.delivery.deliverer import Deliverer
from notifications.graphs.drawing_process import CannotDraw
from notifications.rendering.renderer import Renderer
from storage.database.opening import database
from storage.messages import outbox
from tests.support.database_fixtures import migrate_file
from tests.support.slack_fixtures import anna, plant_a, slack, slack_clock, web  # noqa: F401 - fixtures of the local Slack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from slack_sdk.web.async_client import AsyncWebClient

    from domain.messages.outbox import Message
    from tests.support.clock import MovedClock


@dataclass
class OpenGate:
    """Lets everything through unless told why not; remembers what it was asked about."""

    reason: str | None = None
    trouble: bool = False  # it cannot be told
    asked: list[Message] = field(default_factory=list)

    async def verdict(self, message: Message) -> str | None:
        """The reason set by the test."""
        self.asked.append(message)
        if self.trouble:
            raise SlackTrouble("users.info was not answered")
        return self.reason


async def cannot_draw(_graph: Mapping[str, Any]) -> bytes:
    """The drawing process's process is broken."""
    raise CannotDraw("no process")


@dataclass
class Post:
    """A deliverer at work, with hands to put messages and to let time pass."""

    clock: MovedClock
    client: AsyncWebClient
    gate: OpenGate
    deliverer: Deliverer = field(init=False)
    task: asyncio.Task[None] = field(init=False)

    def start(self) -> None:
        """Begin to deliver, as after a start of the program."""
        self.deliverer = Deliverer(self.client, clock=self.clock, gate=self.gate, renderer=Renderer(), draw=cannot_draw)
        self.task = asyncio.create_task(self.deliverer.run())

    async def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def put(self, *messages: Message) -> None:
        """Wish for messages and wait until what may be sent now is sent."""
        await outbox.put(messages, now=self.clock.now())
        self.deliverer.wake()
        await self.deliverer.settled()

    async def pass_time(self, seconds: int) -> None:
        """Second by second, with everything sent that may be sent in each."""
        for _ in range(seconds):
            await self.clock.advance(timedelta(seconds=1))
            self.deliverer.wake()
            await self.deliverer.settled()


@pytest.fixture
async def outbox_database(tmp_path: Path) -> AsyncIterator[None]:
    """An open, empty database."""
    await migrate_file(tmp_path / "lastgood.db")
    async with database(f"sqlite://{tmp_path / 'lastgood.db'}"):
        yield


@pytest.fixture
async def post(
    outbox_database: None,  # noqa: ARG001 - opened before, closed after
    slack_clock: MovedClock,  # noqa: F811 - the fixture imported above
    web: AsyncWebClient,  # noqa: F811 - the fixture imported above
) -> AsyncIterator[Post]:
    """A deliverer that is running."""
    office = Post(slack_clock, web, OpenGate())
    office.start()
    yield office
    await office.kill()
