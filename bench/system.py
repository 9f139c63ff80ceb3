"""The whole system at work: the real ``serve`` and its agent beside a local Slack, a site asked for in a channel."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.company import CHANNEL, ENVIRONMENT, OPERATOR, SITE, slack_secrets, write_settings
from bench.figures import Cost, Meter
from bot.clock import SystemClock
from demo.slack import LocalSlack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from bench.fleet import Target
    from demo.slack import Channel, Person

_LOOK_EVERY = 0.02  # seconds
_ASK_EVERY = 0.05  # seconds between two slash commands
_TIMEOUT = 600  # seconds for a round
_COMMANDS = (
    "/backup devices",
    "/backup history",
    "/backup agents",
    "/backup help",
    "/backup now",
    "/backup history sw7",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one backup of every device took."""

    serve: Cost
    agent: Cost
    wall: float  # seconds, from the command to the last outcome in the database
    outcomes: dict[str, int]


class Bot:
    """A bot that runs, its database as seen from outside, and the operator's hands."""

    def __init__(self, folder: Path, pid: int, slack: LocalSlack, anna: Person, channel: Channel) -> None:
        self._pid = pid
        self._slack = slack
        self._anna = anna
        self._channel = channel
        self._database = folder / "data" / "lastgood.db"

    @property
    def serve(self) -> int:
        """Its process."""
        return self._pid

    @property
    def agent(self) -> int:
        """The process of its one agent."""
        return _agent_of(self._pid)

    async def warm_up(self, device: str) -> None:
        """Back up one device, so that everything is started and loaded."""
        await self.ask(f"/backup now {device}")
        await self._until_ended(0)

    async def back_up(self) -> Round:
        """Back up the site, and measure it."""
        before = self._newest()
        meters = Meter(self._pid), Meter(_agent_of(self._pid))
        await self.ask(f"/backup now {SITE}")
        wall = await self._until_ended(before)
        await self._until_announced()
        serve, agent = (meter.read() for meter in meters)
        return Round(serve=serve, agent=agent, wall=wall, outcomes=self._outcomes(before))

    async def back_up_and_ask(self) -> list[float]:
        """Back up the site and type commands all the while; the milliseconds until each was acknowledged."""
        before = self._newest()
        acks: list[float] = []
        asking = asyncio.create_task(self._keep_asking(acks))
        await self.ask(f"/backup now {SITE}")
        await self._until_ended(before)
        asking.cancel()
        await self._until_announced()
        return acks

    async def reach(self, moment: datetime) -> Meter:
        """Wait until it is ``moment``; what is measured begins there."""
        await asyncio.sleep(max((moment - datetime.now(UTC)).total_seconds(), 0))
        return Meter(self._pid)

    async def ask_until_put(self, prefix: str, count: int) -> list[float]:
        """Type commands until so many messages whose keys begin so were put; the milliseconds of each ack."""
        acks: list[float] = []
        asking = asyncio.create_task(self._keep_asking(acks))
        sql = f"SELECT COUNT(*) FROM outbox WHERE key LIKE '{prefix}%' AND kind = 'post'"  # noqa: S608 - our own words
        await self._until(lambda: int(self._rows(sql)[0][0]) >= count)
        asking.cancel()
        return acks

    async def ask(self, typed: str) -> float:
        """Type a command; the milliseconds until it was acknowledged."""
        done = await self._slack.command(self._anna, self._channel, typed)
        if done.error or done.ack_ms is None:
            raise RuntimeError(f"{typed}: {done.error}")
        return done.ack_ms

    async def _keep_asking(self, acks: list[float]) -> None:
        number = 0
        while True:
            acks.append(await self.ask(_COMMANDS[number % len(_COMMANDS)]))
            number += 1
            await asyncio.sleep(_ASK_EVERY)

    async def _until_ended(self, before: int) -> float:
        began = time.perf_counter()
        await self._until(lambda: self._newest() > before and not self._count("finished_at IS NULL"))
        return time.perf_counter() - began

    async def _until_announced(self) -> None:
        await self._until(lambda: not self._count("announced = 0"))

    async def _until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(_TIMEOUT):
            while not is_so():  # noqa: ASYNC110 - another process, which announces nothing
                await asyncio.sleep(_LOOK_EVERY)

    def _newest(self) -> int:
        [(newest,)] = self._rows("SELECT COALESCE(MAX(id), 0) FROM run")
        return int(newest)

    def _count(self, condition: str) -> int:
        [(count,)] = self._rows(f"SELECT COUNT(*) FROM run WHERE {condition}")  # noqa: S608 - our own words
        return int(count)

    def _outcomes(self, after: int) -> dict[str, int]:
        sql = f"SELECT outcome, COUNT(*) FROM run WHERE id > {after} GROUP BY outcome"  # noqa: S608 - a number
        return {str(outcome): int(count) for outcome, count in self._rows(sql)}

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=5)) as connection:
            return list(connection.execute(sql))


@asynccontextmanager
async def bot(
    targets: Sequence[Target],
    *,
    parallel: int,
    ready: Path | None = None,
    readers: Sequence[str] = (),
    prepare: Callable[[Path], Awaitable[None]] | None = None,
) -> AsyncIterator[Bot]:
    """Run the real ``lastgood serve`` for these devices, with SQLite and an archive in a folder of its own.

    Args:
        targets: the devices.
        parallel: sessions at once.
        ready: its agent asks no device and has every answer ready; the file holds the number of the round.
        readers: ids of further people, who may see the site.
        prepare: fills the database, whose file it is given, before the start.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with LocalSlack(clock=SystemClock()) as slack:
            anna = slack.add_person("anna", id=OPERATOR)
            channel = slack.add_channel(SITE, id=CHANNEL, members=[anna])
            for reader in readers:
                slack.add_person(reader.lower(), id=reader)
            config = write_settings(folder, targets, parallel=parallel, slack=slack, viewers=readers)
            if prepare:
                await prepare(folder / "data" / "lastgood.db")
            with_devices = ("-m", "bot", "serve", "--config", str(config))
            without = ("-m", "bench.ready.serve", str(config), str(ready), str(parallel))
            async with _running(without if ready else with_devices, folder, slack) as process:
                await slack.connected(timeout=60)
                yield Bot(folder, process.pid, slack, anna, channel)


@asynccontextmanager
async def _running(
    command: Sequence[str], folder: Path, slack: LocalSlack
) -> AsyncIterator[asyncio.subprocess.Process]:
    with (folder / "serve.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *command),
            env=os.environ | ENVIRONMENT | slack_secrets(slack),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        except BaseException:
            sys.stderr.write((folder / "serve.log").read_text()[-4000:])
            raise
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


def _agent_of(serve: int) -> int:
    """The process of the one agent that ``serve`` has started."""
    children = Path(f"/proc/{serve}/task/{serve}/children").read_text().split()
    return int(children[0])
