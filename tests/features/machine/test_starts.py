"""A real ``serve`` that is started while what it needs is away, is sent signals, and is killed."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from domain.jobs.job import JobFields, JobKind, MissedPolicy
from domain.jobs.spoken import parse_schedule
from storage.database.opening import database
from storage.jobs import jobs
from tests.support.real_devices import free_port
from tests.support.serve_process import TIMEOUT, Works, named, until, works

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NOT_THEIRS = (b"SLACK_BOT_TOKEN=", b"SLACK_APP_TOKEN=", b"MONITOR_URL=")


class Door:
    """A port of this machine that leads to another one while it is open."""

    def __init__(self, leads_to: int) -> None:
        self.port = free_port()
        self._leads_to = leads_to
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Let everybody through."""
        self._server = await asyncio.start_server(self._lead, "127.0.0.1", self.port)

    async def close(self) -> None:
        """Let nobody else through."""
        if self._server:
            self._server.close()

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._leads_to)
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
        back.close()
        writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


class Watch:
    """Asks serve again and again whether it is ready, and keeps all that it answered."""

    def __init__(self, listen: str) -> None:
        self._url = f"http://{listen}"
        self.statuses: list[int] = []
        self.parts: dict[str, bool] = {}

    async def look(self) -> dict[str, bool]:
        """What it says now; nothing while nobody answers."""
        self.parts = {}
        with suppress(aiohttp.ClientError):
            async with aiohttp.ClientSession() as session, session.get(f"{self._url}/readyz") as answer:
                self.statuses.append(answer.status)
                self.parts = (await answer.json())["parts"]
        return self.parts

    async def is_ready(self) -> bool:
        """Whether every part works."""
        parts = await self.look()
        return bool(parts) and all(parts.values())


@asynccontextmanager
async def away(tmp_path: Path) -> AsyncIterator[tuple[Works, Door, Door]]:
    """An installation whose database and Slack cannot be reached yet, and the doors to them."""
    async with works("postgres", tmp_path, devices=["sw01"]) as here:
        real = urlsplit(here.books.url)
        to_database, to_slack = Door(real.port or 5432), Door(urlsplit(here.slack.url).port or 80)
        await _add_job(here)
        here.more |= {
            "database": here.books.url.replace(f":{real.port or 5432}/", f":{to_database.port}/"),
            "slack": {"api_url": f"http://127.0.0.1:{to_slack.port}/api/", "owners": [here.anna.id]},
            "http": {"listen": f"127.0.0.1:{free_port()}"},
            "heartbeat": {"url": "env:MONITOR_URL", "every": "1h"},
        }
        long = tmp_path / ("x" * 100)
        long.mkdir()
        here.serve.environ |= {"MONITOR_URL": "http://127.0.0.1:9/alive", "TMPDIR": str(long)}
        try:
            yield here, to_database, to_slack
        finally:
            await to_database.close()
            await to_slack.close()


async def _add_job(here: Works) -> None:
    """A job that is due the moment that serve looks."""
    site = here.next_site()
    fields = JobFields(
        name="nightly",
        kind=JobKind.DEVICE,
        site=site,
        device=named(site, "sw01"),
        schedule=parse_schedule("daily 02:00"),
        missed=MissedPolicy.MAKE_UP,
    )
    async with database(here.books.url):
        await jobs.add_job(fields, zone=UTC, by="U02ANNA", now=datetime.now(UTC) - timedelta(days=2))


async def test_serve_waits_for_database_and_slack_and_backs_up_meanwhile(tmp_path: Path) -> None:
    async with away(tmp_path) as (here, to_database, to_slack):
        watch, serve = Watch(here.more["http"]["listen"]), here.serve
        await here.start()
        await until(watch.look, "serve answers", every=0.1)
        await _logged(here, "the database cannot be used, trying again", 2)
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
            serve.send(number)
        await _logged(here, "signal ignored: to read app.yaml again, restart serve", 3)
        without_database = await watch.look()

        await to_database.open()
        await until(lambda: here.count("run", "outcome = 'up_to_date'"), "the job that is due runs")
        await _logged(here, "Slack cannot be used yet: schedules run, messages wait", 1)
        without_slack = await watch.look()
        early = {*watch.statuses}

        await to_slack.open()
        await until(watch.is_ready, "everything works", every=0.2)

        assert early == {503}
        assert not any(without_database.values())
        assert without_slack == {name: name != "slack" for name in without_database}
        await _environments_are_clean(here)
        await _leftovers_are_removed(here, watch)


async def _environments_are_clean(here: Works) -> None:
    agents = here.serve.agents
    variables = [_of_process(agent, "environ") for agent in agents]

    assert agents
    assert [one for every in variables for one in every if one.startswith(NOT_THEIRS)] == []


def _of_process(number: int, what: str) -> list[bytes]:
    return Path(f"/proc/{number}/{what}").read_bytes().split(b"\0")


async def _leftovers_are_removed(here: Works, watch: Watch) -> None:
    """Kill it, and look for its folder before and after the next start."""
    [agent, *_] = here.serve.agents
    words = _of_process(agent, "cmdline")
    folder = Path(words[words.index(b"--socket") + 1].decode()).parent
    here.serve.kill()
    await here.serve.ended()
    left = folder.exists()
    await here.start()
    await until(watch.is_ready, "it is back", every=0.2)

    assert left
    assert not folder.exists()
    here.serve.terminate()
    assert await here.serve.ended() == 0
    assert not list(folder.parent.glob(f"{folder.name}*"))


@pytest.mark.long
async def test_serve_that_waits_for_its_database_stops_at_once_when_it_is_asked_to(tmp_path: Path) -> None:
    async with away(tmp_path) as (here, _, _):
        await here.start()
        await _logged(here, "the database cannot be used, trying again", 1)

        here.serve.terminate()

        assert await here.serve.ended() == 0
        stops: list[dict[str, Any]] = here.serve.lines("stopping took too long, ended by force")
        assert stops == []


async def _logged(here: Works, event: str, times: int) -> None:
    async def there() -> bool:
        return len(here.serve.lines(event)) >= times

    await until(there, f"{event}, within {TIMEOUT} s", every=0.1)
