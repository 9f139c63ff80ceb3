"""Simulated devices in a process of their own, so that their work is not counted as the agent's."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PASSWORD = "bench-only"  # noqa: S105 - of simulated devices
_LONGEST_LINE = 16 * 1024 * 1024  # bytes: the inventory of a thousand devices is one line


@dataclass(frozen=True, slots=True)
class Target:
    """A device to be captured."""

    name: str
    port: int
    username: str
    host_key: str


@asynccontextmanager
async def fleet(devices: int, *, delay: float, lines: int = 800) -> AsyncIterator[list[Target]]:
    """Run ``devices`` simulated Cisco switches (about 20 KB each) that take ``delay`` seconds for each answer."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "demo.fleet", "--devices", str(devices)),
        *("--delay", str(delay), "--lines", str(lines)),
        env=os.environ | {"FLEET_PASSWORD": PASSWORD},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the fleet has no pipes")
    try:
        facts = json.loads(await process.stdout.readline())
        yield [Target(one["name"], one["port"], one["username"], one["host_key"]) for one in facts["devices"]]
    finally:
        process.stdin.close()
        await process.wait()
