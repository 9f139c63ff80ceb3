"""One attempt at one device: connect, log in, capture, leave, within its limits."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import asyncssh

from domain.configs.texts import is_suspect
from domain.failures import DeviceError, FailureKind
from runners.ssh import exec_commands
from runners.ssh.connect import connected
from runners.ssh.failures import as_device_error, at_jump_host
from runners.ssh.shell_session import Session
from runners.ssh.terminal import Terminal

if TYPE_CHECKING:
    from domain.configs.platforms import Platform
    from runners.ssh.login import Login
    from runners.wire.messages import Capture, Limits, LoginTarget

_WIDTH, _HEIGHT = 511, 1000  # characters: as wide as any platform allows, so that nothing wraps or pages


@dataclass(frozen=True, slots=True)
class CaptureOutcome:
    """What a device gave: its configuration byte for byte, further facts, and the host keys it showed."""

    text: bytes
    host_key: str
    extras: dict[str, bytes] = field(default_factory=dict)
    jump_host_key: str | None = None


async def capture(job: Capture, platform: Platform, login: Login, *, jump: Login | None = None) -> CaptureOutcome:
    """Capture the configuration of one device.

    Raises:
        DeviceError: no complete configuration was had; its kind says why.
    """
    try:
        return await _capture(job, platform, login, jump)
    except (asyncssh.Error, OSError) as error:
        known = as_device_error(error)
        if known is None:
            raise
        raise known from error


async def _capture(job: Capture, platform: Platform, login: Login, jump: Login | None) -> CaptureOutcome:
    async with AsyncExitStack() as stack:
        through, jump_key = None, None
        if job.jump and jump:
            through, jump_key = await _jumped(stack, job.jump, jump, job.limits)
        username = login.username + (platform.login_suffix if not platform.use_exec else "")
        connection, host_key = await stack.enter_async_context(
            connected(job.target, login, job.limits, username=username, through=through)
        )
        by = _by_commands if platform.use_exec else _by_shell
        text, extras = await by(connection, job, platform, login)
    if is_suspect(len(text), job.previous_size):
        raise DeviceError(FailureKind.SUSPECT, f"{len(text)} bytes, {job.previous_size} the last time")
    return CaptureOutcome(text=text, host_key=host_key, extras=extras, jump_host_key=jump_key)


async def _jumped(
    stack: AsyncExitStack, target: LoginTarget, login: Login, limits: Limits
) -> tuple[asyncssh.SSHClientConnection, str]:
    try:
        return await stack.enter_async_context(connected(target, login, limits, username=login.username))
    except DeviceError as error:
        raise at_jump_host(error) from error


async def _by_shell(
    connection: asyncssh.SSHClientConnection, job: Capture, platform: Platform, login: Login
) -> tuple[bytes, dict[str, bytes]]:
    terminal = Terminal(pager=platform.pager, size=job.limits.size)
    await connection.create_session(
        lambda: terminal,
        request_pty=True,
        term_type="vt100",
        term_size=(_WIDTH, _HEIGHT),
        encoding=None,
    )
    session = Session(terminal, platform, job.limits)
    await session.begin(login)
    text = await session.configuration()
    extras: dict[str, bytes] = {}
    try:
        for command in platform.extras:
            output = await session.further(command)
            if output is not None:
                extras[command] = output
        session.end()
    except DeviceError:  # the configuration is complete: nothing that comes after it can spoil it
        return text, extras
    return text, extras


async def _by_commands(
    connection: asyncssh.SSHClientConnection, job: Capture, platform: Platform, login: Login
) -> tuple[bytes, dict[str, bytes]]:
    del login  # a command's channel asks for nothing more
    wanted = job.commands if platform.files else platform.config
    text = await exec_commands.configuration(connection, platform, wanted, limits=job.limits)
    extras: dict[str, bytes] = {}
    left = job.limits.size - len(text)  # one limit for all that a device sends: it travels in one message
    try:
        for command in platform.extras:
            limits = job.limits.model_copy(update={"size": max(left, 0)})
            output, _, status = await exec_commands.run_command(connection, command, limits=limits)
            left -= len(output)
            if not status:
                extras[command] = output
    except (DeviceError, asyncssh.Error):  # the configuration is complete: nothing after it can spoil it
        return text, extras
    return text, extras
