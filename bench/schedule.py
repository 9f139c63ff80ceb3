"""What a tick of the timetable costs by the number of jobs, and how fast pages of a long history come."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4
from zoneinfo import ZoneInfo

import asyncpg  # type: ignore[import-untyped]
from rich.table import Table

from bench.figures import percentile, spread
from domain.inventory.declared import Agent, Device, Endpoint, Inventory, Site
from domain.jobs.job import JobKind, MissedPolicy
from domain.runs.outcomes import Outcome
from domain.runs.queries import RunQuery
from domain.runs.run import Trigger
from runners.dispatcher import Dispatcher
from runners.due_jobs import DueJobs
from runners.platforms.reading import load_platforms
from storage.archive.archive import Archive
from storage.database.opening import database
from storage.database.statements import connection, insert
from storage.devices.devices import sync_devices
from storage.runs.history import runs_page
from storage.tables.core import RunRow
from storage.tables.jobs import JobRow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from domain.events.alerts import Alert
    from domain.runs.run import Run
    from runners.transport.base import Event
    from runners.wire.messages import ToAgent

POSTGRES = "postgres://postgres@127.0.0.1:5432"
DUE = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
_PAGES = 200  # of each kind
_SITES = 20


@dataclass
class _Standing:
    """A clock that stands until it is moved."""

    at: datetime = DUE

    def now(self) -> datetime:
        """The moment that was set."""
        return self.at

    def steady(self) -> datetime:
        """The same."""
        return self.at

    async def sleep(self, pause: timedelta) -> None:
        """Nobody waits here."""
        await asyncio.sleep(min(pause.total_seconds(), 0.01))


class _Nobody:
    """A transport without agents: what is due only lines up."""

    async def start(self) -> None:
        """Nothing to listen to."""
        self._closed = asyncio.Event()

    async def send(self, agent: str, message: ToAgent) -> None:
        """Nothing is sent to an agent that is not there."""

    async def events(self) -> AsyncIterator[Event]:
        """None, until it is closed."""
        await self._closed.wait()
        nothing: tuple[Event, ...] = ()
        for event in nothing:
            yield event

    async def close(self) -> None:
        """End the events."""
        self._closed.set()


async def schedule(jobs: Sequence[int], *, due: int, rows: int) -> list[Table]:
    """The tables of ticks and of pages, over SQLite and PostgreSQL."""
    ticks = Table("database", "jobs", "due", "empty tick, ms", "tick with all due, s", "us per job", title="Ticks")
    pages = Table("database", "page", "median, ms", "p99, ms", title=f"Pages of a history of {rows:,} runs")
    for kind in ("sqlite", "postgres"):
        for count in jobs:
            ticks.add_row(kind, f"{count:,}", *await _ticks(kind, count, min(due, count)))
        for name, spans in (await _pages(kind, rows)).items():
            pages.add_row(kind, name, spread(spans, digits=1), f"{percentile(spans, 0.99):.1f}")
    return [ticks, pages]


@asynccontextmanager
async def bench_database(kind: str, folder: Path) -> AsyncIterator[None]:
    """An open database of this kind, gone afterwards."""
    name = f"lastgood_bench_{uuid4().hex}"
    if kind == "postgres":
        await _ask_server(f'CREATE DATABASE "{name}"')
    url = f"sqlite://{folder / 'bench.db'}" if kind == "sqlite" else f"{POSTGRES}/{name}"
    try:
        async with database(url):
            yield
    finally:
        if kind == "postgres":
            await _ask_server(f'DROP DATABASE "{name}" WITH (FORCE)')


async def _ask_server(statement: str) -> None:
    server = await asyncpg.connect(f"{POSTGRES}/postgres")
    try:
        await server.execute(statement)
    finally:
        await server.close()


def _inventory(devices: int) -> Inventory:
    zone = ZoneInfo("Europe/Berlin")
    sites = {
        f"site-{number}": Site(key=f"site-{number}", name=f"Site {number}", timezone=zone) for number in range(_SITES)
    }
    named = {
        f"sw{number}": Device(
            name=f"sw{number}",
            site=f"site-{number % _SITES}",
            platform="cisco_ios",
            endpoint=Endpoint(host="192.0.2.1"),
        )
        for number in range(devices)
    }
    return Inventory(sites=sites, devices=named, agents={"local": Agent(name="local")})


async def _ticks(kind: str, count: int, due: int) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as folder:
        async with bench_database(kind, Path(folder)):
            inventory, clock = _inventory(due), _Standing(DUE - timedelta(minutes=1))
            await sync_devices(inventory)
            await insert(JobRow, [_job(number, due) for number in range(count)])
            async with _due_jobs(Path(folder), inventory, clock) as due_jobs:
                empty = [await _timed(due_jobs) for _ in range(50)]
                clock.at = DUE
                full = await _timed(due_jobs)
    return (f"{due:,}", spread([span * 1000 for span in empty], digits=1), f"{full:.2f}", f"{full / due * 1e6:.0f}")


@asynccontextmanager
async def _due_jobs(folder: Path, inventory: Inventory, clock: _Standing) -> AsyncIterator[DueJobs]:
    async def tell(alert: Alert) -> None:
        """Nobody is to be told."""

    async def announce(runs: Sequence[Run]) -> None:
        """The same."""

    archive = Archive(folder / "archive", durable=False)
    await archive.open(inventory.sites)
    dispatcher = Dispatcher(
        inventory=inventory,
        platforms=load_platforms(None),
        transport=_Nobody(),
        archive=archive,
        clock=clock,
        announce=announce,
    )
    async with dispatcher:
        yield DueJobs(dispatcher, clock=clock, tell=tell)
    await archive.close()


async def _timed(due_jobs: DueJobs) -> float:
    began = time.perf_counter()
    await due_jobs.tick()
    return time.perf_counter() - began


def _job(number: int, due: int) -> dict[str, object]:
    """A device job; the first ``due`` of them come due together, the others a day later and more."""
    next_run_at = DUE if number < due else DUE + timedelta(days=1, seconds=number)
    return {
        "name": f"job {number}",
        "live_name": f"job {number}",
        "kind": JobKind.DEVICE,
        "site": f"site-{number % _SITES}",
        "device": f"sw{number % due}",
        "schedule": "daily 02:00",
        "missed": MissedPolicy.MAKE_UP,
        "enabled": True,
        "revision": 1,
        "changes": "[]",
        "deleted": False,
        "created_by": "U02ANNA",
        "created_at": DUE - timedelta(days=9),
        "changed_by": "U02ANNA",
        "changed_at": DUE - timedelta(days=9),
        "next_run_at": next_run_at,
    }


async def _pages(kind: str, rows: int) -> dict[str, list[float]]:
    with tempfile.TemporaryDirectory() as folder:
        async with bench_database(kind, Path(folder)):
            for start in range(0, rows, 10_000):
                await insert(RunRow, [_run(number) for number in range(start, min(start + 10_000, rows))])
            await connection().execute_script("ANALYZE")
            return {name: [await _page(name, rows) for _ in range(_PAGES)] for name in _QUERIES}


def _run(number: int) -> dict[str, object]:
    """One run a minute at one of twenty sites, 2 % of them failed, 1 % by hand."""
    at = DUE + timedelta(minutes=number)
    outcome = Outcome.FAILED if number % 53 == 0 else Outcome.MODIFIED if number % 31 == 0 else Outcome.UP_TO_DATE
    by_hand = number % 101 == 0
    return {
        "device": f"sw{number % 5000}",
        "site": f"site-{number % _SITES}",
        "trigger": Trigger.MANUAL if by_hand else Trigger.SCHEDULE,
        "outcome": outcome,
        "created_at": at,
        "waiting_limit": timedelta(minutes=30),
        "running_limit": timedelta(minutes=5),
        "asked_by": f"U{number % 40:02}" if by_hand else None,
        "job": None if by_hand else number % 300,
        "slot": None if by_hand else at,
        "attempts": 1,
        "started_at": at,
        "finished_at": at,
        "facts": "",
        "added": 0,
        "removed": 0,
        "announced": True,
        "accept_smaller": False,
    }


_ALL = frozenset(f"site-{number}" for number in range(_SITES))
_QUERIES = (
    "first",
    "oldest first",
    "deep",
    "failed, a week",
    "one device",
    "one job, failed",
    "one person",
    "by hand, failed",
)


async def _page(name: str, rows: int) -> float:
    anywhere = random.randrange(1, rows)  # noqa: S311 - a place in a list
    week = DUE + timedelta(minutes=anywhere)
    queries = {
        "first": RunQuery(sites=_ALL),
        "oldest first": RunQuery(sites=_ALL, ascending=True),
        "deep": RunQuery(sites=_ALL, before=anywhere),
        "failed, a week": RunQuery(
            sites=_ALL, outcomes=frozenset({Outcome.FAILED}), since=week, until=week + timedelta(days=7)
        ),
        "one device": RunQuery(sites=_ALL, device=f"sw{anywhere % 5000}"),
        "one job, failed": RunQuery(sites=_ALL, job=anywhere % 300, outcomes=frozenset({Outcome.FAILED})),
        "one person": RunQuery(sites=_ALL, asked_by=f"U{anywhere % 40:02}"),
        "by hand, failed": RunQuery(sites=_ALL, trigger=Trigger.MANUAL, outcomes=frozenset({Outcome.FAILED})),
    }
    began = time.perf_counter()
    await runs_page(queries[name])
    return (time.perf_counter() - began) * 1000
