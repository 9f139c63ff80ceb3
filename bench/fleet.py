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
    from collections.abc import AsyncIterator, Iterable

PASSWORD = "bench-only"  # noqa: S105 - of simulated devices
LINES = 800  # of each configuration: about 20 KB
_LONGEST_LINE = 16 * 1024 * 1024  # bytes: the inventory of a thousand devices is one line


@dataclass(frozen=True, slots=True)
class Target:
    """A device to be captured."""

    name: str
    port: int
    username: str
    host_key: str


class Fleet:
    """Simulated Cisco switches that answer at once until told otherwise."""

    def __init__(self, process: asyncio.subprocess.Process, targets: list[Target]) -> None:
        self._process = process
        self.targets = targets

    async def delay(self, seconds: float) -> None:
        """From now on let every device take this long for each answer."""
        await self._do({"do": "delay", "device": one.name, "seconds": seconds} for one in self.targets)

    async def change(self, targets: Iterable[Target], line: str) -> None:
        """Change the configuration of ``targets``: ``line`` is added."""
        await self._do({"do": "change", "device": one.name, "what": line} for one in targets)

    async def _do(self, requests: Iterable[dict[str, object]]) -> None:
        for request in requests:
            self._pipes[0].write(json.dumps(request).encode() + b"\n")
            answer = json.loads(await self._pipes[1].readline())
            if not answer["ok"]:
                raise RuntimeError(answer["error"])

    @property
    def _pipes(self) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the fleet has no pipes")
        return self._process.stdin, self._process.stdout

    async def start(self) -> None:
        """Take in what is there."""
        facts = json.loads(await self._pipes[1].readline())
        self.targets = [Target(one["name"], one["port"], one["username"], one["host_key"]) for one in facts["devices"]]

    async def stop(self) -> None:
        """End every device."""
        self._pipes[0].close()
        await self._process.wait()


@asynccontextmanager
async def fleet(devices: int, *, lines: int = LINES) -> AsyncIterator[Fleet]:
    """Run ``devices`` simulated Cisco switches for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "demo.fleet", "--devices", str(devices), "--lines", str(lines)),
        env=os.environ | {"FLEET_PASSWORD": PASSWORD},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    started = Fleet(process, [])
    try:
        await started.start()
        yield started
    finally:
        await started.stop()
