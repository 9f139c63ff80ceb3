"""The plainest client a test can have: log in, type, read. It knows nothing of the product's own engine."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncssh

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from demo.fleet import Device

_TIMEOUT = 120  # seconds: a test that hangs fails long before pytest's own limit
SILENCE = 0.3  # seconds without a byte: long enough on loopback to call a device silent


@asynccontextmanager
async def logged_in(device: Device, **options: object) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """An SSH connection that has checked the device's host key."""
    known = asyncssh.import_known_hosts(f"[{device.host}]:{device.port} {device.host_key}\n")
    defaults: dict[str, object] = {
        "username": device.username,
        "password": device.password,
        "known_hosts": known,
        "config": None,
        "client_keys": None,
        "agent_path": None,
    }
    async with asyncio.timeout(_TIMEOUT), asyncssh.connect(device.host, device.port, **(defaults | options)) as client:
        yield client


class Shell:
    """A shell on a terminal: bytes in, bytes out."""

    def __init__(self, process: asyncssh.SSHClientProcess[bytes]) -> None:
        self._process = process

    def type(self, text: str) -> None:
        """Type ``text`` as it is."""
        self._process.stdin.write(text.encode())

    async def until(self, end: str) -> str:
        """Everything up to and with ``end``."""
        async with asyncio.timeout(_TIMEOUT):
            return (await self._process.stdout.readuntil(end.encode())).decode(errors="replace")

    async def until_one_of(self, *ends: str) -> str:
        """Everything up to and with the first of ``ends``."""
        async with asyncio.timeout(_TIMEOUT):
            return (await self._process.stdout.readuntil([end.encode() for end in ends])).decode(errors="replace")

    async def rest(self) -> str:
        """Everything until the device ends the channel."""
        async with asyncio.timeout(_TIMEOUT):
            return (await self._process.stdout.read(-1)).decode(errors="replace")

    async def is_silent(self) -> bool:
        """Whether nothing more comes."""
        try:
            async with asyncio.timeout(SILENCE):
                return not await self._process.stdout.read(1)
        except TimeoutError:
            return True


@asynccontextmanager
async def shell_on(device: Device, **options: object) -> AsyncIterator[Shell]:
    """A shell with a terminal of 80 columns."""
    async with logged_in(device, **options) as client:
        process = await client.create_process(term_type="vt100", encoding=None)
        yield Shell(process)
        process.close()


@dataclass(frozen=True, slots=True)
class Ran:
    """What one command on an exec channel came to."""

    exit_status: int | None
    stdout: bytes
    stderr: bytes


async def run(device: Device, command: str, **options: object) -> Ran:
    """Run one command on an exec channel of a connection of its own."""
    async with logged_in(device, **options) as client:
        return await run_on(client, command)


async def run_on(client: asyncssh.SSHClientConnection, command: str) -> Ran:
    """Run one command on an exec channel."""
    result = await client.run(command, encoding=None)
    assert isinstance(result.stdout, bytes)
    assert isinstance(result.stderr, bytes)
    return Ran(result.exit_status, result.stdout, result.stderr)
