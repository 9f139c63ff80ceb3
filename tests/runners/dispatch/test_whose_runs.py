"""What people of one site are told of agents and queues counts no other runs than those that they may see."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.runners.workshop import Workshop, make_device, make_inventory, make_site, workshop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

WAITING = timedelta(minutes=30)
LONG = timedelta(hours=9)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    """One agent for two sites; the first has a restricted device."""
    devices = [make_device(f"a{number}", running_limit=LONG) for number in range(3)]
    devices += [make_device("secret", running_limit=LONG, only=frozenset({"U09CEO"}))]
    devices += [make_device(f"b{number}", site="plant-b", running_limit=LONG) for number in range(5)]
    inventory = make_inventory(devices, sites=[make_site("plant-a", concurrency=1), make_site("plant-b")])
    async with workshop(tmp_path, inventory, close_timeout=timedelta(0)) as one:
        yield one


async def test_s5_how_busy_an_agent_is_counts_only_the_sites_that_are_asked_about(shop: Workshop) -> None:
    await shop.connect()
    await shop.start_site("plant-b")
    await shop.start_site("plant-a")
    await shop.settle()
    for capture in shop.captures():
        await shop.begin(capture.run)

    def counted(sites: frozenset[str] | None, hidden: frozenset[str] = frozenset()) -> tuple[int, int]:
        [agent] = shop.dispatcher.agents(sites=sites, hidden=hidden)
        return agent.running, agent.waiting

    assert counted(None) == (6, 3)
    assert counted(frozenset({"plant-a"})) == (1, 3)
    assert counted(frozenset({"plant-a"}), frozenset({"secret"})) == (1, 2)
    assert counted(frozenset({"plant-b"})) == (5, 0)
    assert counted(frozenset()) == (0, 0)


async def test_s5_a_run_that_never_started_names_how_many_of_its_own_site_were_before_it(shop: Workshop) -> None:
    await shop.connect()
    await shop.start_site("plant-b")
    await shop.start("secret")
    runs = await shop.start_site("plant-a")
    await shop.settle()
    for capture in shop.captures():
        await shop.begin(capture.run)

    await shop.pass_time(WAITING)

    facts = {run.device: (await shop.look_up(run)).facts for run in runs}
    assert "It waited 30 min for a free place on agent local." in facts["a0"]
    assert "It waited 30 min behind 2 runs of its site on agent local." in facts["a2"]
    assert "secret" not in "".join(facts.values())
