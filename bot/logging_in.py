"""Logging in to a device and out again, by the agent's own engine: what ``check --devices`` does."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from domain.failures import DeviceError
from runners.messages import Hop, Limits
from runners.ssh.connect import connected
from runners.ssh.failures import at_jump_host

if TYPE_CHECKING:
    from domain.inventory import Device, Way
    from domain.platforms import Platform
    from runners.agent.credentials import Credentials


async def try_login(
    device: Device,
    platform: Platform,
    credentials: Credentials,
    *,
    host_key: str | None,
    jump_host_key: str | None = None,
) -> None:
    """Log in, once, and leave.

    Args:
        device: what to log in to.
        platform: of the device.
        credentials: where the secrets are had.
        host_key: the key that is pinned; another one is refused before any password is sent. None: none is.
        jump_host_key: the same of its jump host, where it has one.

    Raises:
        DeviceError: it did not work; its kind says why.
    """
    async with AsyncExitStack() as stack:
        through = None
        if device.jump:
            login = await credentials.login(device.jump.credential)
            way = connected(_hop(device.jump, jump_host_key), login, Limits(), username=login.username)
            try:
                through, _ = await stack.enter_async_context(way)
            except DeviceError as error:
                raise at_jump_host(error) from error
        login = await credentials.login(device.way.credential)
        username = login.username + ("" if platform.use_exec else platform.login_suffix)
        hop = _hop(device.way, host_key)
        await stack.enter_async_context(connected(hop, login, Limits(), username=username, through=through))


def _hop(way: Way, host_key: str | None) -> Hop:
    return Hop(host=way.host, port=way.port, credential=way.credential, host_key=host_key, algorithms=way.algorithms)
