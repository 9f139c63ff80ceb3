"""What it costs to turn away requests that are not Slack's, and what becomes of Slack's own meanwhile."""

from __future__ import annotations

import asyncio
import io
import logging
import statistics
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp
from rich.table import Table

from bench.company import CHANNEL, ENVIRONMENT, OPERATOR, slack_secrets, write_settings
from bench.figures import percentile, spread
from bench.fleet import Target
from bot.clock import SystemClock
from bot.serving.serve import serving
from bot.settings.loading import Settings
from demo.slack import LocalSlack
from demo.slack.transport.signed_http import signature

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from demo.slack import Channel, Person

_EACH = 500  # requests of a kind, one after the other
_FLOOD = 20  # clients at once that go on sending wrong signatures
_COMMANDS = 100  # typed meanwhile
_ASK_EVERY = 0.05  # seconds
_BODY = urlencode({"command": "/backup", "text": "help", "user_id": OPERATOR, "team_id": "T0LOCAL"}).encode()
_OLD = 3_600  # seconds

Headers = dict[str, str]


@dataclass
class _Round:
    """Figures of one repetition."""

    each: dict[str, float] = field(default_factory=dict)  # median microseconds by kind
    refused: float = 0.0  # a second, while commands were typed
    acks: list[float] = field(default_factory=list)  # milliseconds


@dataclass(frozen=True)
class _Served:
    """A bot in this process, its address, and a person to type."""

    url: str
    slack: LocalSlack
    anna: Person
    channel: Channel

    async def post(self, session: aiohttp.ClientSession, headers: Headers, body: bytes = _BODY) -> None:
        """Send one request and read its answer."""
        async with session.post(self.url, data=io.BytesIO(body), headers=headers) as answer:
            await answer.read()


async def refusals(*, repeat: int) -> Table:
    """Median time of each kind of refusal, and acks of commands while wrong signatures pour in."""
    rounds = []
    logging.disable(logging.ERROR)  # the bot is in this process: what it logs would stand between the tables
    for _ in range(repeat):
        async with _bot() as served:
            rounds.append(await _measure(served))
    logging.disable(logging.NOTSET)
    return _table(rounds)


@asynccontextmanager
async def _bot() -> AsyncIterator[_Served]:
    async with LocalSlack(clock=SystemClock()) as slack:
        anna = slack.add_person("anna", id=OPERATOR)
        channel = slack.add_channel("plant-a", id=CHANNEL, members=[anna])
        with tempfile.TemporaryDirectory() as folder:
            path = write_settings(Path(folder), [Target("sw1", 22, "backup", "")], parallel=1, slack=slack)
            path.write_text(path.read_text().replace("slack:\n", "slack:\n  mode: http\n"))
            settings = Settings.load(path, {**slack_secrets(slack), **ENVIRONMENT})
            async with serving(settings) as bot:
                url = f"{bot.front.web.url}/slack/events"
                await slack.use_request_url(url)
                yield _Served(url, slack, anna, channel)


def _kinds(secret: str) -> dict[str, tuple[Callable[[], Headers], bytes]]:
    def signed(*, age: int = 0, key: str = secret) -> Headers:
        stamp = str(int(time.time()) - age)
        usual = {"Content-Type": "application/x-www-form-urlencoded", "X-Slack-Request-Timestamp": stamp}
        return {**usual, "X-Slack-Signature": signature(key, stamp, _BODY)}

    return {
        "not signed": (dict, _BODY),
        "wrongly signed": (lambda: signed(key="0"), _BODY),
        "an hour old": (lambda: signed(age=_OLD), _BODY),
        "a signature of no form": (lambda: {**signed(), "X-Slack-Signature": "v0=0"}, _BODY),
        "too large (1 MiB and a byte)": (signed, b"x" * (1024 * 1024 + 1)),
    }


async def _measure(served: _Served) -> _Round:
    found = _Round()
    async with aiohttp.ClientSession() as session:
        for name, (headers, body) in _kinds(served.slack.signing_secret).items():
            times = []
            for _ in range(_EACH if len(body) < _EACH else _EACH // 10):
                began = time.perf_counter()
                await served.post(session, headers(), body)
                times.append((time.perf_counter() - began) * 1e6)
            found.each[name] = statistics.median(times)
    await _flood(served, found)
    return found


async def _flood(served: _Served, found: _Round) -> None:
    """Type commands while clients pour wrong signatures in."""
    wrong, _ = _kinds(served.slack.signing_secret)["wrongly signed"]
    count, done = 0, asyncio.Event()

    async def pour() -> None:
        nonlocal count
        async with aiohttp.ClientSession() as session:
            while not done.is_set():
                await served.post(session, wrong())
                count += 1

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(_FLOOD):
            group.create_task(pour())
        for _ in range(_COMMANDS):
            asked = await served.slack.command(served.anna, served.channel, "/backup help")
            found.acks.append(asked.ack_ms or 0.0)
            await asyncio.sleep(_ASK_EVERY)
        done.set()
    found.refused = count / (time.perf_counter() - began)


def _table(rounds: list[_Round]) -> Table:
    table = Table(title="Requests that are not Slack's, client and serve in one process", title_justify="left")
    table.add_column("")
    table.add_column("median", justify="right")
    for name in rounds[0].each:
        table.add_row(name, f"{spread([one.each[name] for one in rounds], digits=0)} µs")
    table.add_row(
        f"refused while {_FLOOD} clients pour", f"{spread([one.refused for one in rounds], digits=0)} a second"
    )
    for share in (0.50, 0.99):
        acks = spread([percentile(one.acks, share) for one in rounds], digits=0)
        table.add_row(f"acks of commands meanwhile, p{share * 100:.0f}", f"{acks} ms")
    return table
