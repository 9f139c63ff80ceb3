"""One attempt at one device: connect, log in, capture, leave, within its limits."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncssh

from domain.configs.texts import is_suspect
from domain.failures import DeviceError, FailureKind
from runners.ssh import exec_commands
from runners.ssh.connect import connected
from runners.ssh.failures import as_device_error, at_jump_host
from runners.ssh.shell.session import Session
from runners.ssh.shell.terminal import Terminal
from runners.ssh.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from domain.configs.platforms import Platform
    from runners.ssh.login import Login
    from runners.wire.messages import Capture, Limits, LoginTarget

_WIDTH, _HEIGHT = 511, 1000  # characters: as wide as any platform allows, so that nothing wraps or pages


@dataclass(frozen=True, slots=True)
class CaptureOutcome:
    """What a device gave: its configuration byte for byte, and the host keys it showed."""

    text: bytes
    host_key: str
    jump_host_key: str | None = None


@dataclass(frozen=True, slots=True)
class _WayIn:
    """A connection that is logged in, and the keys that were shown on the way."""

    connection: asyncssh.SSHClientConnection
    host_key: str
    jump_host_key: str | None


async def capture(
    job: Capture,
    platform: Platform,
    login: Login,
    *,
    jump: Login | None = None,
    transcript: Transcript | None = None,
) -> CaptureOutcome:
    """Capture the configuration of one device; ``transcript`` then tells how far it came.

    Raises:
        DeviceError: no complete configuration was had; its kind says why.
    """
    with _in_our_words():
        return await _capture(job, platform, login, jump, transcript or Transcript())


async def reach_prompt(
    job: Capture, platform: Platform, login: Login, *, jump: Login | None = None, transcript: Transcript | None = None
) -> str:
    """Log in, wait for the first prompt, and leave; that prompt, or nothing where the platform needs none.

    Raises:
        DeviceError: as ``capture``.
    """
    with _in_our_words():
        async with _logged_in(job, platform, login, jump) as endpoint:
            if platform.use_exec:
                return ""
            terminal = Terminal(pager=platform.pager, size=job.limits.size, transcript=transcript)
            await _open_shell(endpoint.connection, terminal)
            session = Session(terminal, platform, job.limits)
            prompt = await session.reach_prompt(login)
            with suppress(DeviceError):  # the prompt is all that was wanted
                await session.end()
            return prompt


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except (asyncssh.Error, OSError) as error:
        known = as_device_error(error)
        if known is None:
            raise
        raise known from error


async def _capture(
    job: Capture, platform: Platform, login: Login, jump: Login | None, transcript: Transcript
) -> CaptureOutcome:
    async with _logged_in(job, platform, login, jump) as endpoint:
        by = _by_commands if platform.use_exec else _by_shell
        text = await by(endpoint.connection, job, platform, login, transcript)
    if is_suspect(len(text), job.previous_size):
        raise DeviceError(FailureKind.SUSPECT, f"{len(text)} bytes, {job.previous_size} last time")
    return CaptureOutcome(text=text, host_key=endpoint.host_key, jump_host_key=endpoint.jump_host_key)


@asynccontextmanager
async def _logged_in(job: Capture, platform: Platform, login: Login, jump: Login | None) -> AsyncIterator[_WayIn]:
    """A connection to the device, through its jump host where it has one."""
    async with AsyncExitStack() as stack:
        through, jump_key = None, None
        if job.jump and jump:
            through, jump_key = await _jumped(stack, job.jump, jump, job.limits)
        username = login.username + (platform.login_suffix if not platform.use_exec else "")
        connection, host_key = await stack.enter_async_context(
            connected(job.target, login, job.limits, username=username, through=through)
        )
        yield _WayIn(connection, host_key, jump_key)


async def _jumped(
    stack: AsyncExitStack, target: LoginTarget, login: Login, limits: Limits
) -> tuple[asyncssh.SSHClientConnection, str]:
    try:
        return await stack.enter_async_context(connected(target, login, limits, username=login.username))
    except DeviceError as error:
        raise at_jump_host(error) from error


async def _by_shell(
    connection: asyncssh.SSHClientConnection, job: Capture, platform: Platform, login: Login, transcript: Transcript
) -> bytes:
    terminal = Terminal(pager=platform.pager, size=job.limits.size, transcript=transcript)
    await _open_shell(connection, terminal)
    session = Session(terminal, platform, job.limits)
    await session.begin(login)
    text = await session.configuration()
    transcript.finish()
    await session.end()
    return text


async def _open_shell(connection: asyncssh.SSHClientConnection, terminal: Terminal) -> None:
    await connection.create_session(
        lambda: terminal,
        request_pty=True,
        term_type="vt100",
        term_size=(_WIDTH, _HEIGHT),
        encoding=None,
    )


async def _by_commands(
    connection: asyncssh.SSHClientConnection, job: Capture, platform: Platform, login: Login, transcript: Transcript
) -> bytes:
    del login  # a command's channel asks for nothing more
    wanted = job.commands if platform.files else platform.config
    return await exec_commands.configuration(connection, platform, wanted, limits=job.limits, transcript=transcript)
