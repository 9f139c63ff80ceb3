"""Commands in channels of their own: no echo, no prompt, no pager, and an exit status."""

from __future__ import annotations

import asyncio
import shlex
from typing import TYPE_CHECKING

import asyncssh

from domain.configs.texts import looks_complete
from domain.failures import DeviceError, FailureKind
from runners.ssh.failures import as_device_error, plain, quoting
from runners.ssh.transcript import Transcript

if TYPE_CHECKING:
    from domain.configs.platforms import Platform
    from runners.wire.messages import Limits

_LONGEST_COMPLAINT = 2000  # bytes of standard error that are kept


class _Command(asyncssh.SSHClientSession[bytes]):
    """Collects what one command prints."""

    def __init__(self, size: int, silence: float, transcript: Transcript) -> None:
        self.output = bytearray()
        self.complaint = bytearray()
        self.status: int | None = None
        self._transcript = transcript
        self._left = size
        self._silence = silence
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._ended = False
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self.finished: asyncio.Future[None] = self._loop.create_future()
        self._subscription = self._loop.call_later(silence, self._check_silence)

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        self._channel = chan
        self._transcript.open()

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self._heard = self._loop.time()
        self._transcript.seen(data)
        self._left -= len(data)
        if self._left < 0:
            self._fail(DeviceError(FailureKind.TOO_LARGE))
        elif datatype is None:
            self.output += data
        else:
            self.complaint += data[: _LONGEST_COMPLAINT - len(self.complaint)]

    def eof_received(self) -> bool:
        self._ended = True
        return False

    def exit_status_received(self, status: int) -> None:
        self.status = status

    def connection_lost(self, exc: Exception | None) -> None:
        if exc or not (self._ended or self.status is not None):
            known = as_device_error(exc) if exc else None
            self._fail(known or DeviceError(FailureKind.CONNECTION_LOST, "the device closed the session"))
        elif not self.finished.done():
            self.finished.set_result(None)

    def close(self) -> None:
        """Stop watching, and let the channel go."""
        self._subscription.cancel()
        if self._channel and not self._channel.is_closing():
            self._channel.abort()

    def _check_silence(self) -> None:
        left = self._heard + self._silence - self._loop.time()
        if left <= 0:
            self._fail(DeviceError(FailureKind.SILENT, f"no output for {self._silence:g} s"))
            return
        self._subscription = self._loop.call_later(left, self._check_silence)

    def _fail(self, error: DeviceError) -> None:
        if not self.finished.done():
            self.finished.set_exception(error)
        if self._channel:
            self._channel.abort()


async def run_command(
    connection: asyncssh.SSHClientConnection, command: str, *, limits: Limits, transcript: Transcript | None = None
) -> tuple[bytes, bytes, int | None]:
    """Run ``command`` in a channel of its own: what it printed, what it complained, its exit status.

    Raises:
        DeviceError: SILENT, TOO_LARGE, CONNECTION_LOST.
    """
    transcript = transcript or Transcript()
    transcript.sent(command)
    session = _Command(limits.size, limits.silence.total_seconds(), transcript)
    try:
        async with asyncio.timeout(limits.silence.total_seconds()):
            await connection.create_session(lambda: session, command, request_pty=False, encoding=None)
        await session.finished
    except TimeoutError as error:
        raise DeviceError(FailureKind.SILENT, "the command was not accepted in time") from error
    finally:
        session.close()
        session.finished.cancel()
    return bytes(session.output), bytes(session.complaint), session.status


async def configuration(
    connection: asyncssh.SSHClientConnection,
    platform: Platform,
    commands: tuple[str, ...],
    *,
    limits: Limits,
    transcript: Transcript | None = None,
) -> bytes:
    """The output of every command, byte for byte; of several, each below a line that names it.

    Raises:
        DeviceError: as ``run_command``; COMMAND_REJECTED, INCOMPLETE by the output's own words or exit status.
    """
    parts = []
    left = limits.size
    for command in commands:
        allowed = limits.model_copy(update={"size": left})
        output = await _checked(connection, platform, command, allowed, transcript)
        left -= len(output)
        parts.append(_heading(command) + output if len(commands) > 1 else output)
    return b"".join(parts)


async def _checked(
    connection: asyncssh.SSHClientConnection,
    platform: Platform,
    command: str,
    limits: Limits,
    transcript: Transcript | None,
) -> bytes:
    line = f"cat -- {shlex.quote(command)}" if platform.files and command.startswith("/") else command
    output, complaint, status = await run_command(connection, line, limits=limits, transcript=transcript)
    if platform.files and status is None:
        raise DeviceError(FailureKind.INCOMPLETE, plain(f"{command}: ended without an exit status"))
    if status:
        words = (complaint or output)[:400].decode("utf-8", "replace")
        raise DeviceError(FailureKind.COMMAND_REJECTED, quoting(f"{command}: exit status {status}", words))
    problem = None if platform.files else looks_complete(output or complaint, platform)
    if problem is FailureKind.COMMAND_REJECTED:
        words = (output or complaint)[:300].decode("utf-8", "replace")
        raise DeviceError(problem, quoting(command, words))
    if problem:
        raise DeviceError(problem, plain(f"{command}: {len(output)} bytes without an end"))
    return output


def _heading(command: str) -> bytes:
    return f"# ==== {command} ====\n".encode()
