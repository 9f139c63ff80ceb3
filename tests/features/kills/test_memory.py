"""What ten thousand runs leave behind in memory: nothing."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from bench.figures import resident_mib
from bench.fleet import fleet
from bench.system import bot

if TYPE_CHECKING:
    from bench.system import Bot

DEVICES = 500
FIRST, LAST = 1_000, 10_000  # runs
GROWTH = 1.10
REST = 24  # looks: two heartbeats and more, at which an idle agent gives back what it can
LOOKS, LOOK_EVERY = 240, 0.5  # seconds: a last resort on a busy machine
SHORT = 12  # lines of a configuration: what counts here is how often, not how much


@pytest.mark.long
@pytest.mark.timeout(2_400)
async def test_memory_after_ten_thousand_runs_is_that_after_a_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    # Python's own allocator keeps what was freed beside what is in use: how much depends on how many sessions, and how
    # much that waits to be collected, were there at once, and so on the machine's pace. The C library gives it back.
    monkeypatch.setenv("PYTHONMALLOC", "malloc")
    async with AsyncExitStack() as stack:
        devices = await stack.enter_async_context(fleet(DEVICES, lines=SHORT))
        running = await stack.enter_async_context(bot(devices.targets, parallel=100))
        await running.warm_up(devices.targets[0].name)

        await _back_up(running, FIRST)
        early = await _at_rest(running)
        await _back_up(running, LAST - FIRST)
        late = await _settled(running, early)

    assert all(late[who] <= early[who] * GROWTH for who in early), (early, late)


async def _at_rest(running: Bot) -> dict[str, float]:
    """The least that each holds while nothing is asked of it."""
    looks = []
    for _ in range(REST):
        looks.append(_memory(running))
        await asyncio.sleep(LOOK_EVERY)
    return {who: min(look[who] for look in looks) for who in looks[0]}


async def _settled(running: Bot, early: dict[str, float]) -> dict[str, float]:
    """Memory once it is what it ought to be, or when it has had time enough."""
    for _ in range(LOOKS):
        late = _memory(running)
        if all(late[who] <= early[who] * GROWTH for who in early):
            break
        await asyncio.sleep(LOOK_EVERY)
    return late


async def _back_up(running: Bot, runs: int) -> None:
    for _ in range(runs // DEVICES):
        done = await running.back_up()
        assert done.outcomes.keys() <= {"up_to_date", "modified"}


def _memory(running: Bot) -> dict[str, float]:
    """MiB that are resident."""
    return {"serve": resident_mib(running.serve), "agent": resident_mib(running.agent)}
