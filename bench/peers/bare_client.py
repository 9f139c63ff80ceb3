"""The least that asyncssh can do for the same captures: no agent, no limits, no failures, nothing learned.

A process of its own, ``python -m bench.peers.bare_client``: one line of JSON in, one with its cost out. What it
sends is known to work and what comes is looked at just enough to know when to go on.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import resource
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import asyncssh

from bench.figures import Cost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.fleet import Target

_COMMANDS = (b"terminal length 0", b"terminal width 0", b"show version", b"show running-config")
_OPTIONS: dict[str, Any] = {
    "config": None,
    "gss_kex": False,
    "gss_auth": False,
    "known_hosts": None,
    "agent_path": None,
    "client_keys": None,
    "preferred_auth": "password",
    "compression_algs": ["none"],
    "kex_algs": ["curve25519-sha256"],
    "encryption_algs": ["aes128-gcm@openssh.com"],
    "server_host_key_algs": ["ssh-ed25519"],
}


async def capture_all(targets: Sequence[Target], *, parallel: int, password: str) -> Cost:
    """Capture every device with a bare client in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.peers.bare_client"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    devices = [(one.name, one.port, one.username) for one in targets]
    work = json.dumps({"devices": devices, "parallel": parallel, "password": password})
    printed, _ = await process.communicate(work.encode())
    return Cost(**json.loads(printed))


class _Shell(asyncssh.SSHClientSession[bytes]):
    """Collects what comes, and looks at nothing but its end."""

    def __init__(self, prompt: bytes) -> None:
        self._prompt = prompt
        self._came = bytearray()
        self._waiter: asyncio.Future[None] | None = None

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:  # noqa: ARG002 - asyncssh's signature
        self._came += data
        if self._waiter and not self._waiter.done() and self._came.endswith(self._prompt):
            self._waiter.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_exception(exc or ConnectionError("closed too early"))

    async def until_prompt(self) -> bytes:
        """What came before the next prompt."""
        if not self._came.endswith(self._prompt):
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        came = bytes(self._came)
        self._came.clear()
        return came


async def _capture(name: str, port: int, username: str, password: str) -> None:
    connection = await asyncssh.connect("127.0.0.1", port, username=username, password=password, **_OPTIONS)
    shell = _Shell(name.encode() + b"#")
    channel, _ = await connection.create_session(lambda: shell, request_pty=True, term_type="vt100", encoding=None)
    await shell.until_prompt()
    came = b""
    for command in _COMMANDS:
        channel.write(command + b"\n")
        came = await shell.until_prompt()
    channel.write(b"exit\n")
    connection.close()
    await connection.wait_closed()
    if b"\nend" not in came:
        raise RuntimeError(f"no configuration from {name}")


async def _capture_each(work: dict[str, Any]) -> None:
    places = asyncio.Semaphore(work["parallel"])

    async def one(name: str, port: int, username: str) -> None:
        async with places:
            await _capture(name, port, username, work["password"])

    async with asyncio.TaskGroup() as group:
        for device in work["devices"]:
            group.create_task(one(*device))


def main() -> None:
    """Do the work that is read, and print what it took."""
    work = json.loads(sys.stdin.readline() or "{}")
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    asyncio.run(_capture_each(work))
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    sys.stdout.write(json.dumps(asdict(Cost(cpu, wall, after.ru_maxrss / 1024))) + "\n")


if __name__ == "__main__":
    main()
