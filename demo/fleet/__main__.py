"""Run a fleet on its own: ``python -m demo.fleet --devices 200 --delay 0.2``.

Prints the inventory as one line of JSON, then answers requests (``demo.fleet.control``) line by line until
its input ends or it is told to stop. The devices' password is taken from FLEET_PASSWORD.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import resource
import signal
import stat
import sys
from contextlib import suppress
from datetime import timedelta

from demo.fleet.control import Control, inventory
from demo.fleet.device import DEMO_PASSWORD
from demo.fleet.fleet import Fleet
from demo.fleet.platforms import PLATFORMS

_LINES = 800  # about 20 KB
_LONGEST_REQUEST = 16 * 1024 * 1024  # bytes: a 5 MB configuration in base64 fits


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo.fleet", description="Simulated devices on real SSH ports.")
    parser.add_argument("--devices", type=int, default=10, help="how many to start")
    parser.add_argument("--platform", default="cisco_ios", choices=[*sorted(PLATFORMS), "mixed"])
    parser.add_argument("--prefix", default="sw", help="names are PREFIX1, PREFIX2, ...")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--lines", type=int, default=_LINES, help="lines of each configuration")
    parser.add_argument("--username", default="backup")
    parser.add_argument("--jump-host", action="store_true", help="start a jump host in front of them")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    password = os.environ.get("FLEET_PASSWORD", DEMO_PASSWORD)
    platforms = sorted(PLATFORMS) if arguments.platform == "mixed" else [arguments.platform]
    async with Fleet() as fleet:
        for number in range(arguments.devices):
            await fleet.add(
                f"{arguments.prefix}{number + 1}",
                platform=platforms[number % len(platforms)],
                username=arguments.username,
                password=password,
                delay=timedelta(seconds=arguments.delay),
                lines=arguments.lines,
            )
        first = inventory(fleet)
        if arguments.jump_host:
            jump = await fleet.add_jump_host(password=password)
            first["jump_host"] = {"port": jump.port, "username": jump.username, "host_key": jump.host_key}
        gc.freeze()
        await _answer_requests(Control(fleet), first=json.dumps(first))


async def _answer_requests(control: Control, *, first: str) -> None:
    """Print the first line and answer until the input ends, or SIGTERM or SIGINT comes."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LONGEST_REQUEST)
    if _can_ask(sys.stdin.fileno()):
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    answering = loop.create_task(_answer_each(control, reader))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, answering.cancel)
    _print_line(first)
    with suppress(asyncio.CancelledError):
        await answering


async def _answer_each(control: Control, reader: asyncio.StreamReader) -> None:
    while line := await reader.readline():
        _print_line(await control.answer(line.decode(errors="replace")))


def _can_ask(descriptor: int) -> bool:
    """Whether requests can come from there; with a file or /dev/null as input only a signal ends the fleet."""
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor)


def _print_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Raise the limit of open files, then serve."""
    _, highest = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest, highest))
    asyncio.run(_serve(_arguments()))


if __name__ == "__main__":
    main()
