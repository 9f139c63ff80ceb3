"""Whatever happens in whatever order, each run has exactly one final outcome."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import NotNow
from domain.failures import FailureKind
from domain.inventory.declared import Agent
from domain.runs.outcomes import Outcome
from domain.runs.queries import RunQuery
from storage.devices.versions import versions_of
from storage.runs import runs as run_store
from tests.runners.workshop import CHANGED, CONFIG, Workshop, make_device, make_inventory, workshop
from tests.support.clock import MovedClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.runs.run import Run
    from runners.wire.messages import Capture

DEVICES = ("sw1", "sw2", "sw3")
AGENTS = ("one", "two")
TEXTS = (CONFIG, CHANGED, CONFIG.removesuffix(b"end\n"))
KINDS = (FailureKind.SILENT, FailureKind.AUTHENTICATION, FailureKind.RUNNING_LIMIT, FailureKind.CANCELLED)

agents = st.sampled_from(AGENTS)
which = st.integers(0, 9)  # of the captures sent so far, counted from the newest
steps = st.one_of(
    st.tuples(st.just("start"), st.sampled_from(DEVICES)),
    st.tuples(st.just("site")),
    st.tuples(st.just("connect"), agents),
    st.tuples(st.just("disconnect"), agents),
    st.tuples(st.just("heartbeat"), agents),
    st.tuples(st.just("begin"), which, st.integers(1, 3)),
    st.tuples(st.just("bring"), which, st.sampled_from(TEXTS)),
    st.tuples(st.just("twice"), which, st.sampled_from(TEXTS)),
    st.tuples(st.just("fail"), which, st.sampled_from(KINDS)),
    st.tuples(st.just("cancel"), which),
    st.tuples(st.just("time"), st.sampled_from((1, 6, 31, 330, 1_800))),
    st.tuples(st.just("crash")),
)


class Story:
    """Plays steps over as many lives as there are crashes, and remembers every end that was ever seen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = MovedClock()
        self.ends: dict[int, Run] = {}
        self.inventory = make_inventory(
            [make_device(name, retries=1) for name in DEVICES], agents=[Agent(name=name) for name in AGENTS]
        )

    async def play(self, story: list[tuple[object, ...]]) -> None:
        """Live through ``story``, and then as long as it takes for every clock to run out."""
        lives = _lives(story)
        for life in lives:
            async with workshop(self.folder, self.inventory, clock=self.clock, close_timeout=timedelta(0)) as shop:
                for step in life:
                    with suppress(NotNow):
                        await _do(shop, step)
                    await shop.settle()
                    await self.check()
                await shop.crash()
        async with workshop(self.folder, self.inventory, clock=self.clock, close_timeout=timedelta(0)) as shop:
            await shop.pass_time(timedelta(hours=1))
            await self.check()
            assert await run_store.unfinished_runs() == []
            await self.check_versions()

    async def check(self) -> None:
        """No end ever changes, and no device has two unfinished runs."""
        now = await run_store.runs_by_id(self.ends)
        assert now == self.ends
        unfinished = await run_store.unfinished_runs()
        assert max(Counter(run.device for run in unfinished).values(), default=0) <= 1
        runs = [run for device in DEVICES for run in await _runs_of(device)]
        self.ends |= {run.id: run for run in runs if run.outcome.is_final}

    async def check_versions(self) -> None:
        """Each version was made by one run that says so, and each such run made one."""
        for device in DEVICES:
            made = [run.id for run in self.ends.values() if run.device == device and _made_version(run)]
            assert sorted(made) == sorted(version.run for version in await versions_of(device, limit=1_000))


@given(st.lists(steps, min_size=5, max_size=40))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_interleaving_leaves_each_run_with_exactly_one_end(story: list[tuple[object, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(Story(Path(folder)).play(story))


def _lives(story: list[tuple[object, ...]]) -> Iterator[list[tuple[object, ...]]]:
    life: list[tuple[object, ...]] = []
    for step in story:
        if step[0] == "crash":
            yield life
            life = []
        else:
            life.append(step)
    yield life


async def _do(shop: Workshop, step: tuple[object, ...]) -> None:
    match step:
        case ("start", str(device)):
            await shop.start(device)
        case ("site",):
            await shop.start_site()
        case ("connect", str(agent)) if agent not in shop.transport.connected:
            await shop.connect(agent)
        case ("disconnect", str(agent)) if agent in shop.transport.connected:
            await shop.disconnect(agent)
        case ("heartbeat", str(agent)) if agent in shop.transport.connected:
            await shop.heartbeat(agent=agent)
        case ("time", int(seconds)):
            await shop.pass_time(timedelta(seconds=seconds))
        case (str(kind), int(place), *rest):
            sent = _sent(shop, place)
            if sent:
                await _about(shop, kind, *sent, *rest)


async def _about(shop: Workshop, kind: str, agent: str, capture: Capture, *rest: object) -> None:
    match kind, *rest:
        case "begin", int(attempt):
            await shop.begin(capture.run, attempt=attempt, agent=agent)
        case "bring", bytes(text):
            await shop.say(shop.captured(capture.run, text, agent=agent), agent=agent)
        case "twice", bytes(text):
            report = shop.captured(capture.run, text, agent=agent)
            await shop.say(report, report, agent=agent)
        case "fail", FailureKind() as reason:
            await shop.say(shop.failed(capture.run, reason), agent=agent)
        case ("cancel",):
            await shop.dispatcher.cancel(await shop.look_up(capture.run), by="U02ANNA")


def _sent(shop: Workshop, place: int) -> tuple[str, Capture] | None:
    pairs = [
        (agent, capture) for agent in AGENTS for capture in shop.captures(agent) if agent in shop.transport.connected
    ]
    return pairs[-1 - place % len(pairs)] if pairs else None


async def _runs_of(device: str) -> list[Run]:
    return await run_store.runs_page(RunQuery(sites=frozenset({"plant-a"}), device=device, limit=1_000))


def _made_version(run: Run) -> bool:
    return run.outcome is Outcome.MODIFIED or run.is_baseline
