"""What it costs to count a long history, to write a Home tab, and to draw a picture beside everything else."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.table import Table

from bench.figures import percentile, spread
from bench.schedule import bench_database
from domain.access.access import Access
from domain.access.people import Person
from domain.digests.periods import Period
from domain.inventory.declared import Device, Endpoint, Inventory, Site
from domain.runs.outcomes import Outcome
from domain.runs.run import Trigger
from notifications.graphs.drawing_process import DrawingProcess
from notifications.graphs.graphs import Graph, graph_of
from notifications.home.facts import home_facts
from notifications.home.page import home_context
from notifications.rendering.renderer import Renderer
from storage.database.statements import connection, insert
from storage.devices.devices import sync_devices
from storage.tables.core import DeviceRow, RunRow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_DAYS, _TIMES = 90, 5
_OWNER = Person(id="U0OWNER", team="T1")
_ZONE = ZoneInfo("Europe/Berlin")
_PING = 0.005  # seconds between two looks at whether the loop still turns


@dataclass(frozen=True)
class _Plant:
    """So many devices, backed up every night of ninety days, in a history of so many runs."""

    devices: int
    runs: int

    @property
    def inventory(self) -> Inventory:
        site = Site(key="plant", name="Plant", timezone=_ZONE)
        endpoint = Endpoint(host="192.0.2.1")
        named = [
            Device(name=f"sw{number}", site="plant", platform="linux", endpoint=endpoint)
            for number in range(self.devices)
        ]
        return Inventory(sites={"plant": site}, devices={one.name: one for one in named}, agents={})


async def reports(*, rows: int, devices: int) -> list[Table]:
    """The tables of counting, of Home tabs and of drawing."""
    counting = Table(
        "database", "devices", "runs", "graph of 30 days, s", "of 90 days, s", "Home tab, s", title="Reports"
    )
    for kind in ("sqlite", "postgres"):
        for plant in (_Plant(500, 500 * _DAYS), _Plant(devices, rows)):
            counting.add_row(kind, f"{plant.devices:,}", f"{plant.runs:,}", *await _measured(kind, plant))
    drawing = Table("picture", "s", "loop held up for, p99, ms", "at most, ms", title="Drawing while the loop turns")
    for row in await _drawn():
        drawing.add_row(*row)
    return [counting, drawing]


async def _measured(kind: str, plant: _Plant) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        async with _filled(kind, Path(folder), plant):
            graphs = [await _spans(lambda days=days: _graph(days)) for days in (30, 90)]  # type: ignore[misc] # days is bound
            access = Access(plant.inventory, owners=frozenset({_OWNER.id}))
            home = await _spans(lambda: _home(access))
            return [spread(spans, digits=2) for spans in (*graphs, home)]


@asynccontextmanager
async def _filled(kind: str, folder: Path, plant: _Plant) -> AsyncIterator[None]:
    async with bench_database(kind, folder):
        await sync_devices(plant.inventory)
        per_day = plant.runs // _DAYS
        for day in range(_DAYS):
            for start in range(0, per_day, 10_000):
                numbers = range(start, min(start + 10_000, per_day))
                await insert(RunRow, [_run(day, number, plant.devices) for number in numbers])
        await _remember_last(plant.devices)
        await connection().execute_script("ANALYZE")
        yield


def _run(day: int, number: int, devices: int) -> dict[str, object]:
    """The devices of the plant first, then those of others."""
    at = _FIRST + timedelta(days=day, seconds=number * 80_000 // max(devices * 3, 1))
    outcome = Outcome.FAILED if number % 53 == 0 else Outcome.MODIFIED if number % 31 == 0 else Outcome.UP_TO_DATE
    ours = number < devices
    return {
        "device": f"sw{number % devices}" if ours else f"other{number}",
        "site": "plant" if ours else f"site-{number % 20}",
        "trigger": Trigger.SCHEDULE,
        "outcome": outcome,
        "created_at": at,
        "started_at": at + timedelta(seconds=number % 30),
        "finished_at": at + timedelta(seconds=number % 30 + random.uniform(2, 40)),  # noqa: S311 - a length of time
        "waiting_limit": timedelta(minutes=30),
        "running_limit": timedelta(minutes=5),
        "attempts": 1,
        "facts": "",
        "added": 1,
        "removed": 0,
        "announced": True,
        "accept_smaller": False,
    }


async def _remember_last(devices: int) -> None:
    rows = await RunRow.filter(site="plant").order_by("-id").limit(devices)
    for row in rows:
        await DeviceRow.filter(name=row.device).update(last_run=row.id, last_good_at=row.finished_at)


async def _graph(days: int) -> Graph:
    period = Period(first=date(2026, 1, 1), days=days, words="days", typed=f"{days}d")
    return await graph_of({"plant": "Plant"}, about="Plant", period=period, zone=_ZONE, hidden=frozenset())


async def _home(access: Access) -> None:
    facts = await home_facts(access, _OWNER, now=_FIRST + timedelta(days=_DAYS + 2))
    Renderer().home("home", home_context(facts, access, slash="/backup"))


async def _spans(work: Callable[[], Awaitable[object]]) -> list[float]:
    """How long it takes, in seconds, a few times."""
    spans = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        await work()
        spans.append(time.perf_counter() - began)
    return spans


async def _drawn() -> list[tuple[str, str, str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        plant = _Plant(500, 500 * _DAYS)
        async with _filled("sqlite", Path(folder), plant):
            graph = (await _graph(90)).as_json()
        drawing_process = DrawingProcess(Path(folder) / "fonts")
        rows = [
            await _one_picture(drawing_process, graph, name) for name in ("the first ever", "the second", "another")
        ]
        await drawing_process.close()
    return rows


async def _one_picture(
    drawing_process: DrawingProcess, graph: dict[str, object], name: str
) -> tuple[str, str, str, str]:
    pauses: list[float] = []
    targets = asyncio.create_task(_subscription(pauses))
    began = time.perf_counter()
    await drawing_process.draw(graph)
    took = time.perf_counter() - began
    targets.cancel()
    late = [pause * 1000 for pause in pauses]
    return name, f"{took:.2f}", f"{percentile(late, 0.99):.0f}", f"{max(late):.0f}"


async def _subscription(pauses: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(_PING)
        pauses.append(max(time.perf_counter() - began - _PING, 0.0))
