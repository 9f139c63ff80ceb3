"""``lastgood run``: a backup without Slack, by an engine of its own.

How it went stands on standard output, a line for each device; of one that failed, below it, how far it came and what
the device said last. Progress and logs go to standard error.

It needs the archive for itself. While ``serve`` has it, the command refuses in one sentence and does nothing:
two writers would have to agree on every run, and ``serve`` is one slash command away.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.cli.offline import unknown_target
from bot.clock import SystemClock
from bot.core import core_of
from bot.serving.engine import dispatcher_of, previews_of
from domain.failures import advice_for
from domain.runs.outcomes import Outcome
from domain.runs.run import Trigger
from notifications.rendering.evidence import how_far
from notifications.rendering.units import plural

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from bot.core import Core
    from bot.settings.loading import Settings
    from domain.inventory.declared import Device
    from domain.runs.evidence import Evidence
    from domain.runs.run import Run
    from runners.dispatcher import Dispatcher

_WATCH_EVERY = 2.0  # seconds


class _Ends:
    """Collects how the runs that are waited for end."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bar = progress.add_task("backing up", total=None)
        self.waiting: set[int] = set()
        self.ended: dict[int, Run] = {}
        self._over = asyncio.Event()

    async def announced(self, runs: Sequence[Run]) -> None:
        self.ended |= {run.id: run for run in runs if run.outcome.is_final}
        self._look()

    def wait_for(self, runs: Sequence[Run]) -> None:
        self.waiting = {run.id for run in runs}
        self._progress.update(self._bar, total=len(runs))
        self._look()

    async def over(self) -> list[Run]:
        await self._over.wait()
        return [self.ended[run] for run in sorted(self.waiting)]

    def _look(self) -> None:
        self._progress.update(self._bar, completed=len(self.waiting & self.ended.keys()))
        if self.waiting and self.waiting <= self.ended.keys():
            self._over.set()


async def run_target(settings: Settings, target: str) -> bool:
    """Back up a device or a site, and print how it went; True: something failed."""
    inventory = settings.to_inventory()
    if target not in inventory.devices and target not in inventory.sites:
        raise unknown_target(inventory, target)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        ends = _Ends(progress)
        async with core_of(settings, clock=SystemClock()) as core, _working(core, ends) as dispatcher:
            ends.wait_for(await _start(core, dispatcher, target))
            runs = await ends.over()
            lines = [line for run in runs for line in _lines(run, previews_of(core).masked_evidence(run))]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return any(not run.outcome.is_good for run in runs)


@asynccontextmanager
async def _working(core: Core, ends: _Ends) -> AsyncIterator[Dispatcher]:
    async with dispatcher_of(core, ends.announced) as dispatcher:
        watching = asyncio.create_task(_watch(dispatcher))
        try:
            yield dispatcher
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def _watch(dispatcher: Dispatcher) -> None:
    while True:
        await asyncio.sleep(_WATCH_EVERY)
        await dispatcher.watch()


async def _start(core: Core, dispatcher: Dispatcher, target: str) -> list[Run]:
    device: Device | None = core.inventory.devices.get(target)
    if device:
        return [await dispatcher.start(device, asked_by=None, trigger=Trigger.COMMAND_LINE, place=None)]
    site = core.inventory.sites[target]
    _, runs = await dispatcher.start_site(site, asked_by=None, trigger=Trigger.COMMAND_LINE, place=None)
    return runs


def _lines(run: Run, evidence: Evidence | None) -> Iterator[str]:
    yield _line(run)
    if evidence:
        yield f"  {how_far(evidence)}"
        yield from (f"  | {line}" for line in evidence.screen)


def _line(run: Run) -> str:
    took = f" in {run.duration.total_seconds():.1f} s" if run.duration else ""
    if run.reason:
        return f"{run.device}: {run.outcome.chip}{took}. {advice_for(run.reason, run.facts)}"
    values = f", {plural(run.secrets_changed, 'secret value')} changed" if run.secrets_changed else ""
    changed = f" +{run.added} -{run.removed}{values}" if run.outcome is Outcome.MODIFIED else ""
    stored = f", v{run.version}{changed}" if run.version else ""
    return f"{run.device}: {run.outcome.chip}{took}{', first version stored' if run.is_baseline else stored}"
