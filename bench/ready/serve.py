"""The real ``serve`` with an agent that has every answer ready.

``python -m bench.ready.serve CONFIG ROUND CONCURRENCY``, the last two as ``bench.ready.agent`` takes them.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from bot.clock import SystemClock
from bot.logs import set_up_logging
from bot.serving.serve import serving
from bot.settings.loading import Settings
from runners.transport.local import LocalTransport


async def _serve(settings: Settings, counter: str, concurrency: str) -> None:
    def command(socket: Path) -> tuple[str, ...]:
        told = ("--socket", str(socket), "--round", counter, "--concurrency", concurrency)
        return (sys.executable, "-m", "bench.ready.agent", *told)

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    transport = LocalTransport({"local": command}, clock=SystemClock())
    async with serving(settings, transport=transport):
        await stop.wait()


def main() -> None:
    """Serve until SIGTERM."""
    config, counter, concurrency = sys.argv[1:]
    settings = Settings.load(Path(config), os.environ)
    set_up_logging(settings.file.log, secrets=settings.secrets.values())
    asyncio.run(_serve(settings, counter, concurrency))


if __name__ == "__main__":
    main()
