"""Captures by the agent, by ``ssh`` and by a bare asyncssh client, of the same devices one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.table import Table

from bench import agent
from bench.figures import spread
from bench.fleet import PASSWORD, fleet
from bench.peers import bare_client, openssh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.figures import Cost
    from bench.fleet import Fleet

_MOST_PROCESSES = 200  # of ssh at once: more only wait for a core


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """How many devices, how long each takes for an answer, and how many are captured at once."""

    devices: int
    delay: float  # seconds
    parallel: int


@dataclass(frozen=True, slots=True)
class Captures:
    """What the same captures cost, three ways."""

    ssh: Cost
    bare: Cost
    agent: Cost


async def captures(scenes: Sequence[Scene], *, repeat: int) -> Table:
    """Measure every scene ``repeat`` times."""
    table = Table(title="Captures: what the client's process takes", title_justify="left")
    for heading in ("devices, delay, at once", "ssh, CPU ms", "bare, CPU ms", "agent, CPU ms", "agent : ssh"):
        table.add_column(heading, justify="right")
    for heading in ("wall s: ssh", "bare", "agent", "agent : bare", "agent MiB"):
        table.add_column(heading, justify="right")
    async with fleet(max(scene.devices for scene in scenes)) as devices:
        for scene in scenes:
            await devices.delay(scene.delay)
            found = [await _measure(devices, scene) for _ in range(repeat)]
            table.add_row(*_row(scene, found))
    return table


async def _measure(devices: Fleet, scene: Scene) -> Captures:
    """One after the other, so that they do not share the machine; the ratio is of the same moment."""
    targets = devices.targets[: scene.devices]
    few = min(scene.parallel, _MOST_PROCESSES)
    return Captures(
        ssh=await openssh.capture_all(targets, parallel=few, password=PASSWORD),
        bare=await bare_client.capture_all(targets, parallel=scene.parallel, password=PASSWORD),
        agent=await agent.capture_all(targets, parallel=scene.parallel),
    )


def _row(scene: Scene, found: Sequence[Captures]) -> list[str]:
    each = 1000 / scene.devices  # seconds of all -> milliseconds of one
    return [
        f"{scene.devices}, {scene.delay * 1000:.0f} ms, {scene.parallel}",
        spread([one.ssh.cpu * each for one in found]),
        spread([one.bare.cpu * each for one in found]),
        spread([one.agent.cpu * each for one in found]),
        spread([one.agent.cpu / one.ssh.cpu for one in found]),
        spread([one.ssh.wall for one in found], digits=1),
        spread([one.bare.wall for one in found], digits=1),
        spread([one.agent.wall for one in found], digits=1),
        spread([one.agent.wall / one.bare.wall for one in found]),
        spread([one.agent.peak for one in found], digits=0),
    ]
