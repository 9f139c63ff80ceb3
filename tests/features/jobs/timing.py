"""Time for a whole bot: jumps from one moment to the next, real agents that are soon heard again after each."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from bot.clock import SystemClock
from runners.transport.local import LocalTransport
from storage.runs.runs import unfinished_runs
from tests.features.jobs.test_jobs import answer, press, rows
from tests.support.serve_fixtures import TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from demo.slack import Message, Person
    from domain.runs.outcomes import Outcome
    from tests.support.serve_fixtures import Town

OUTCOME, WHEN = -4, -3  # columns of the history of one site, from its right end: the device may be left out


async def start_by_hand(town: Town, *, concurrency: int = 20) -> LocalTransport:
    """Start the bot, whose time only the test moves, with an agent whose heart beats twice a second."""

    def command(socket: Path) -> Sequence[str]:
        return (sys.executable, "-m", "tests.runners.agent_child", "local", str(concurrency), str(socket))

    transport = LocalTransport({"local": command}, clock=SystemClock())
    await town.start(transport=transport, keeps_time=False)
    await until_heard(town)
    return transport


async def until_heard(town: Town) -> None:
    """Wait until every agent has been heard since the last jump."""
    await _until(lambda: all(agent.disconnected_since is None for agent in town.serve.engine.dispatcher.agents()))


async def reach(town: Town, moment: datetime) -> None:
    """Let it become ``moment``, where agents are heard, and take up what is due."""
    town.clock.advance(moment - town.clock.now())
    await until_heard(town)
    await tick(town)


async def tick(town: Town) -> None:
    """Do what the timetable does every few seconds."""
    await town.serve.engine.due_jobs.tick()
    await town.serve.engine.dispatcher.watch()
    await town.serve.settled()


async def all_ended(town: Town) -> None:
    """Wait until no run is unfinished. Those that are not to start yet have the clock moved on for them."""
    async with asyncio.timeout(TIMEOUT):
        while runs := await unfinished_runs():
            later = max(run.ready_at for run in runs)
            if later > town.clock.now():
                town.clock.advance(later - town.clock.now())
            await tick(town)
            await asyncio.sleep(0.02)  # agents are processes: nothing in this one tells when they are at it
    await town.serve.settled()


async def history_of(town: Town, what: str) -> list[list[str]]:
    """Every row of ``/backup history``, page by page, the newest first."""
    page = await answer(town, f"/backup history {what}", "History of")
    found = rows(page)
    while "do:history#older" in str(page.blocks):
        page = await press(town, page, "do:history#older", "History of")
        found += rows(page)
    return found


async def until_state(town: Town, device: str, outcome: Outcome) -> None:
    """Wait until the unfinished run of ``device`` stands at ``outcome``."""
    async with asyncio.timeout(TIMEOUT):
        while not any(run.device == device and run.outcome is outcome for run in await unfinished_runs()):
            await tick(town)
            await asyncio.sleep(0.02)


def told(town: Town, person: Person) -> list[Message]:
    """What the bot has written to ``person`` alone, in their own conversation."""
    return town.slack.messages(town.slack.dm(person))


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT):
        while not is_so():  # noqa: ASYNC110 - agents are processes
            await asyncio.sleep(0.02)
