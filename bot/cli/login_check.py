"""Logging in to a device and out again, by the agent's own engine: what ``check --devices`` does."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from domain.failures import DeviceError
from runners.agent.logins import Refused
from runners.ssh.connect import connected
from runners.ssh.failures import at_jump_host
from runners.wire.messages import Limits, LoginTarget

if TYPE_CHECKING:
    from domain.configs.platforms import Platform
    from domain.inventory.declared import Device, Endpoint
    from runners.agent.logins import LogIns
    from runners.ssh.login import Login


async def try_login(
    device: Device,
    platform: Platform,
    log_ins: LogIns,
    *,
    host_key: str | None,
    jump_host_key: str | None = None,
) -> None:
    """Log in, once with each credential until one is taken, and leave.

    Args:
        device: what to log in to.
        platform: of the device.
        log_ins: tries its credentials in order, and remembers which worked.
        host_key: the key that is pinned; another one is refused before any password is sent. None: none is.
        jump_host_key: the same of its jump host, where it has one.

    Raises:
        DeviceError: it did not work; its kind says why.
    """

    async def use(login: Login) -> None:
        async with AsyncExitStack() as stack:
            through = None
            if device.jump:
                other = await log_ins.credentials.login(device.jump.credentials[0])
                endpoint = connected(_target(device.jump, jump_host_key), other, Limits(), username=other.username)
                try:
                    through, _ = await stack.enter_async_context(endpoint)
                except DeviceError as error:
                    raise at_jump_host(error) from error
            username = login.username + ("" if platform.use_exec else platform.login_suffix)
            target = _target(device.endpoint, host_key)
            await stack.enter_async_context(connected(target, login, Limits(), username=username, through=through))

    await log_ins.each(device.name, device.endpoint.credentials, Refused(), use)


def _target(endpoint: Endpoint, host_key: str | None) -> LoginTarget:
    return LoginTarget(
        host=endpoint.host,
        port=endpoint.port,
        credentials=endpoint.credentials,
        host_key=host_key,
        algorithms=endpoint.algorithms,
    )
