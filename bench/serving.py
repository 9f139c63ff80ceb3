"""The whole system, and what ``serve`` alone can take in."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from bench.figures import percentile, spread
from bench.fleet import PASSWORD, Target, fleet
from bench.peers import openssh
from bench.system import bot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.figures import Cost
    from bench.system import Bot, Round

_PARALLEL = 100
_CHANGED = 20  # every 20th device: 5 %
_FIRST, _SAME, _SOME, _ALL = "first ever", "nothing changed", "5 % changed", "all changed"


async def whole_system(devices: int, *, repeat: int) -> tuple[Table, Table]:
    """A site run with the real agent: CPU beside that of ``ssh``, then acks while one goes on."""
    rounds: dict[str, list[Round]] = {_FIRST: [], _SAME: [], _SOME: []}
    ssh: list[Cost] = []
    acks: list[list[float]] = []
    async with fleet(devices) as switches:
        for number in range(repeat):
            ssh.append(await openssh.capture_all(switches.targets, parallel=_PARALLEL, password=PASSWORD))
            async with bot(switches.targets, parallel=_PARALLEL) as running:
                await running.warm_up(switches.targets[0].name)
                rounds[_FIRST].append(await running.back_up())
                rounds[_SAME].append(await running.back_up())
                await switches.change(switches.targets[::_CHANGED], f"add vlan {100 + number}")
                rounds[_SOME].append(await running.back_up())
                acks.append(await running.back_up_and_ask())
    return _system_table(devices, rounds, ssh), _ack_table(acks)


async def intake(devices: int, *, repeat: int) -> Table:
    """Results that ``serve`` takes in when every answer is ready: all of it, from the socket to the outbox."""
    rounds: dict[str, list[Round]] = {_FIRST: [], _SAME: [], _ALL: []}
    targets = [Target(f"sw{number}", 22, "backup", "") for number in range(1, devices + 1)]
    for _ in range(repeat):
        with tempfile.NamedTemporaryFile("w") as counter:
            counter.write("0")
            counter.flush()
            async with bot(targets, parallel=_PARALLEL, ready=Path(counter.name)) as running:
                await running.warm_up(targets[0].name)
                rounds[_FIRST].append(await running.back_up())
                rounds[_SAME].append(await running.back_up())
                rounds[_ALL].append(await _changed(running, counter.name))
    return _intake_table(devices, rounds)


async def _changed(running: Bot, counter: str) -> Round:
    Path(counter).write_text("1")  # noqa: ASYNC240 - one byte
    return await running.back_up()


def _system_table(devices: int, rounds: dict[str, list[Round]], ssh: Sequence[Cost]) -> Table:
    table = Table(title=f"The whole system: {devices} devices, {_PARALLEL} at once", title_justify="left")
    headings = ("round", "serve, CPU ms", "agent, CPU ms", "together : ssh", "wall s", "serve MiB", "agent MiB", "")
    for heading in headings:
        table.add_column(heading, justify="right")
    each = 1000 / devices
    for name, found in rounds.items():
        together = [one.serve.cpu + one.agent.cpu for one in found]
        table.add_row(
            name,
            spread([one.serve.cpu * each for one in found]),
            spread([one.agent.cpu * each for one in found]),
            spread([ours / theirs.cpu for ours, theirs in zip(together, ssh, strict=True)]),
            spread([one.wall for one in found], digits=1),
            spread([one.serve.peak for one in found], digits=0),
            spread([one.agent.peak for one in found], digits=0),
            _said(found[-1].outcomes),
        )
    return table


def _ack_table(acks: Sequence[Sequence[float]]) -> Table:
    table = Table(title="Acks of slash commands typed all through such a round, ms", title_justify="left")
    for heading in ("commands", "p50", "p99", "longest"):
        table.add_column(heading, justify="right")
    table.add_row(
        spread([len(one) for one in acks], digits=0),
        spread([percentile(one, 0.50) for one in acks], digits=0),
        spread([percentile(one, 0.99) for one in acks], digits=0),
        spread([max(one) for one in acks], digits=0),
    )
    return table


def _intake_table(devices: int, rounds: dict[str, list[Round]]) -> Table:
    table = Table(title=f"Results that serve takes in: {devices} of 20 KB", title_justify="left")
    for heading in ("round", "serve, CPU ms each", "a second of one core", "a second of the clock", "MiB", ""):
        table.add_column(heading, justify="right")
    for name, found in rounds.items():
        table.add_row(
            name,
            spread([one.serve.cpu * 1000 / devices for one in found]),
            spread([devices / one.serve.cpu for one in found], digits=0),
            spread([devices / one.wall for one in found], digits=0),
            spread([one.serve.peak for one in found], digits=0),
            _said(found[-1].outcomes),
        )
    return table


def _said(outcomes: dict[str, int]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
