"""An agent that has every answer ready, so that only ``serve`` is measured: ``python -m bench.ready.agent``.

Speaks the real protocol over the real socket, and sends what a switch with 20 KB of configuration would print. The file
given with ``--round`` holds a number: another number, another configuration.
"""

from __future__ import annotations

import argparse
import asyncio
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from bench.company import HOST_KEY
from bench.fleet import LINES
from demo.fleet.configs import generate_config
from runners.agent.link import Link
from runners.wire.messages import Capture, Captured, Heartbeat, Hello, Started

_NAME = "local"


async def _answer(link: Link, job: Capture, text: bytes) -> None:
    now = datetime.now(UTC)
    await link.send(Started(run=job.run, agent=_NAME, attempt=job.attempt, at=now))
    result = Captured(
        run=job.run, agent=_NAME, attempts=1, started_at=now, finished_at=now, text=text, host_key=HOST_KEY
    )
    await link.send(result)


async def _be_agent(socket: Path, counter: Path, concurrency: int) -> None:
    link = await Link.open(socket)
    await link.send(Hello(agent=_NAME, concurrency=concurrency))
    beating = asyncio.create_task(_beat(link))
    async for message in link.messages():
        if isinstance(message, Capture):
            await _answer(link, message, _config_of(counter))
    beating.cancel()


async def _beat(link: Link) -> None:
    while True:
        await asyncio.sleep(5)
        await link.send(Heartbeat(agent=_NAME))


def _config_of(counter: Path) -> bytes:
    return _config(int(counter.read_text()))


@cache
def _config(number: int) -> bytes:
    """A configuration that differs from that of another round in two lines."""
    body = generate_config("cisco_ios", seed=7, lines=LINES, hostname="sw")
    body = body.replace(b"\nvlan 10\n", b"\nvlan 10\n!\nvlan %d\n name ROUND\n" % (100 + number), 1)
    return body.replace(b"\n", b"\r\n")


def main() -> None:
    """Answer until ``serve`` hangs up."""
    parser = argparse.ArgumentParser(prog="python -m bench.ready.agent")
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--round", type=Path, required=True)
    parser.add_argument("--concurrency", type=int, required=True)
    told = parser.parse_args()
    asyncio.run(_be_agent(told.socket, told.round, told.concurrency))


if __name__ == "__main__":
    main()
