"""What it costs to compare two texts and to head, explain and draw what changed, by platform and size."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from rich.table import Table

from bench.figures import percentile, spread
from demo.fleet.configs import generate_config
from domain.configs.structure.pictures import picture
from notifications.previews import ConfigDiff
from runners.platforms.reading import load_platforms
from storage.archive.diffs import diff_texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.configs.platforms import Platform

_SIZES = {"20 KB": 20_000, "5 MB": 5_000_000}  # characters
_TIMES = {"20 KB": 200, "5 MB": 3}
_CHANGES = 100  # lines between two changed ones
_PING = 0.005  # seconds between two looks at whether the loop still turns


async def diffs() -> Table:
    """The table of differences: in C, with headings, and how long the event loop waits meanwhile."""
    table = Table(
        *("platform", "size", "compared, ms", "headings, ms", "together, ms", "loop held up for, p99, ms"),
        title="Differences with a change every hundred lines, in CPU",
    )
    for name, platform in sorted(load_platforms().items()):
        for size in _SIZES:
            table.add_row(name, size, *await _measured(platform, size))
    return table


async def _measured(platform: Platform, size: str) -> list[str]:
    before, after = _texts(platform.name, _SIZES[size])
    found = diff_texts(before, after)
    works: tuple[Callable[[], object], ...] = (
        lambda: diff_texts(before, after),
        lambda: picture(found.text, before, after, platform.structure),
        lambda: ConfigDiff.of(before, after, platform.structure),
    )
    spent = [spread([_cpu(work) * 1000 for _ in range(_TIMES[size])]) for work in works]
    return [*spent, f"{await _held_up(works[-1]):.0f}"]


def _texts(platform: str, size: int) -> tuple[str, str]:
    sample = generate_config(platform, lines=1000)
    lines = generate_config(platform, lines=max(1000 * size // len(sample), 60)).decode().splitlines()
    text = "\n".join(lines)
    changed = list(lines)
    for place in range(50, len(changed), _CHANGES):
        changed[place] += "0"
    return text + "\n", "\n".join(changed) + "\n"


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


async def _held_up(work: Callable[[], object]) -> float:
    """How late the loop is while ``work`` is done in a thread, in ms, 99 times of 100."""
    late: list[float] = []
    task = asyncio.create_task(asyncio.to_thread(work))
    while not task.done():
        began = time.perf_counter()
        await asyncio.sleep(_PING)
        late.append((time.perf_counter() - began - _PING) * 1000)
    return percentile(late, 0.99) if late else 0.0
