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
LOOKS, LOOK_EVERY = 24, 0.5  # seconds: twice a heartbeat and more
SHORT = 12  # lines of a configuration: what counts here is how often, not how much


@pytest.mark.timeout(600)
async def test_memory_after_ten_thousand_runs_is_that_after_a_thousand() -> None:
    async with AsyncExitStack() as stack:
        devices = await stack.enter_async_context(fleet(DEVICES, lines=SHORT))
        running = await stack.enter_async_context(bot(devices.targets, parallel=100))
        await running.warm_up(devices.targets[0].name)

        await _back_up(running, FIRST)
        early = _memory(running)
        await _back_up(running, LAST - FIRST)
        late = await _settled(running, early)

    assert all(late[who] <= early[who] * GROWTH for who in early), (early, late)


async def _settled(running: Bot, early: dict[str, float]) -> dict[str, float]:
    """Memory once it is what it ought to be, or after some heartbeats: an idle agent gives back at one of them."""
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
