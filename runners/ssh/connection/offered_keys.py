"""The keys that a log-in offers: its own, and those that an SSH agent holds and signs with."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncssh

from domain.failures import DeviceError, FailureKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from runners.ssh.login import Login

    Key = asyncssh.SSHKey | asyncssh.SSHKeyPair

SSH_AGENT_TIMEOUT = 5.0  # seconds
MAX_OFFERED_KEYS = 5  # keys of an agent: servers count each one as a try, and OpenSSH's hangs up after six


@asynccontextmanager
async def offered_keys(login: Login) -> AsyncIterator[list[Key]]:
    """The keys of ``login``, in the order in which they are tried; an agent is at hand for as long as the block lasts.

    Raises:
        DeviceError: CREDENTIAL: the SSH agent does not answer, or holds no key.
    """
    own: list[Key] = [login.key] if login.key else []
    if login.agent_socket is None:
        yield own
        return
    agent = await _reached(login.agent_socket)
    async with agent:
        yield own + await _held(agent)


async def _reached(socket: str) -> asyncssh.SSHAgentClient:
    try:
        async with asyncio.timeout(SSH_AGENT_TIMEOUT):
            return await asyncssh.connect_agent(socket)
    except (OSError, TimeoutError):
        raise DeviceError(FailureKind.CREDENTIAL, f"no SSH agent answers at {socket}") from None


async def _held(agent: asyncssh.SSHAgentClient) -> list[Key]:
    try:
        async with asyncio.timeout(SSH_AGENT_TIMEOUT):
            keys = list(await agent.get_keys())
    except (ValueError, OSError, TimeoutError):
        raise DeviceError(FailureKind.CREDENTIAL, "the SSH agent may be locked, for it lists no keys") from None
    if not keys:
        raise DeviceError(FailureKind.CREDENTIAL, "the SSH agent is empty; add a key")
    return list(keys[:MAX_OFFERED_KEYS])
