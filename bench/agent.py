"""The real agent process, given captures over its socket as ``serve`` gives them."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.company import ENVIRONMENT, SITE, write_settings
from bench.figures import Cost, Meter
from bot.clock import SystemClock
from runners.transport.base import Received
from runners.transport.local import LocalTransport
from runners.wire.messages import Capture, Captured, Failed, LoginTarget

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from bench.fleet import Target
    from runners.transport.base import Event

_AGENT = "local"


async def capture_all(targets: Sequence[Target], *, parallel: int) -> Cost:
    """Capture every device with a fresh agent; its cost from the first capture given to the last result."""
    with tempfile.TemporaryDirectory() as folder:
        config = write_settings(Path(folder), targets, parallel=parallel)
        transport = LocalTransport(
            {_AGENT: lambda socket: _command(config, socket)}, clock=SystemClock(), environment=os.environ | ENVIRONMENT
        )
        await transport.start()
        try:
            return await _measure(transport, transport.events(), targets)
        finally:
            await transport.close()


async def _measure(transport: LocalTransport, events: AsyncIterator[Event], targets: Sequence[Target]) -> Cost:
    async for event in events:
        if isinstance(event, Received):  # its hello
            break
    meter = Meter(*transport.pids())
    giving = asyncio.create_task(_give(transport, targets))
    left = {number for number, _ in enumerate(targets, start=1)}
    async for event in events:
        left -= _captured(event)
        if not left:
            break
    cost = meter.read()
    await giving
    return cost


def _captured(event: Event) -> set[int]:
    message = event.message if isinstance(event, Received) else None
    match message:
        case Failed():
            raise RuntimeError(f"a capture failed: {message.kind} {message.facts}")
        case Captured():
            return {message.run}
    return set()


async def _give(transport: LocalTransport, targets: Sequence[Target]) -> None:
    for number, target in enumerate(targets, start=1):
        endpoint = LoginTarget(host="127.0.0.1", port=target.port, credentials=("bench",), host_key=target.host_key)
        job = Capture(run=number, device=target.name, site=SITE, platform="cisco_ios", target=endpoint)
        await transport.send(_AGENT, job)


def _command(config: Path, socket: Path) -> tuple[str, ...]:
    return (
        *(sys.executable, "-m", "bot", "agent", "--config", str(config)),
        *("--name", _AGENT, "--socket", str(socket)),
    )
