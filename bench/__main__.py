"""``make bench``: what the agent and ``serve`` cost, beside ``ssh`` and a bare asyncssh client, from one run.

Prints medians of the repetitions, with the smallest and the largest in brackets. Nothing is held to a time here:
``docs/performance.md`` says what the figures mean and what they should be.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import resource
from typing import TYPE_CHECKING

from rich.console import Console

from bench.captures import Scene, captures
from bench.diffs import diffs
from bench.digests import digests
from bench.refusals import refusals
from bench.reports import reports
from bench.schedule import schedule
from bench.serving import intake, whole_system

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCENES = (
    Scene(devices=200, delay=0.0, parallel=100),
    Scene(devices=1000, delay=0.0, parallel=100),
    Scene(devices=200, delay=0.2, parallel=100),
    Scene(devices=1000, delay=0.2, parallel=100),
    Scene(devices=1000, delay=0.2, parallel=500),
)
_QUICK = (Scene(devices=200, delay=0.0, parallel=100), Scene(devices=200, delay=0.2, parallel=100))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="200 devices, once: one minute instead of half an hour")
    parser.add_argument("--repeat", type=int, default=3, help="how often everything is measured (3)")
    parser.add_argument(
        "--only",
        choices=["captures", "system", "intake", "schedule", "reports", "digests", "diffs", "http"],
        help="one of the tables",
    )
    return parser.parse_args()


async def _measure(told: argparse.Namespace, console: Console) -> None:
    scenes: Sequence[Scene] = _QUICK if told.quick else _SCENES
    repeat, devices = (1, 200) if told.quick else (told.repeat, 1000)
    if told.only in {None, "captures"}:
        console.print(await captures(scenes, repeat=repeat))
    if told.only in {None, "system"}:
        console.print(*await whole_system(devices, repeat=repeat), sep="\n")
    if told.only in {None, "intake"}:
        console.print(await intake(devices, repeat=repeat))
    if told.only in {None, "schedule"}:
        jobs, rows = ([1_000], 100_000) if told.quick else ([1_000, 10_000, 100_000], 1_000_000)
        console.print(*await schedule(jobs, due=10_000, rows=rows), sep="\n")
    if told.only in {None, "reports"}:
        rows, most = (100_000, 1_000) if told.quick else (1_000_000, 5_000)
        console.print(*await reports(rows=rows, devices=most), sep="\n")
    if told.only in {None, "digests"}:
        console.print(await digests(1_000 if told.quick else 5_000, repeat=1 if told.quick else repeat))
    if told.only in {None, "diffs"}:
        console.print(await diffs())
    if told.only in {None, "http"}:
        console.print(await refusals(repeat=repeat))


def main() -> None:
    """Say what the machine is, then measure."""
    _, highest = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest, highest))
    console = Console(width=130)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    console.print(f"{os.cpu_count()} cores, Python {platform.python_version()}, load before the start {load}")
    asyncio.run(_measure(_arguments(), console))


if __name__ == "__main__":
    main()
