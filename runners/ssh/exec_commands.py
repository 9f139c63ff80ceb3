"""Commands in channels of their own: no echo, no prompt, no pager, and an exit status."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import asyncssh

from domain.configs.proof import Flaw, document_flaw, flaw_of, refusal_in
from domain.configs.texts import comparable
from domain.failures import DeviceError, FailureKind
from runners.ssh.failures import as_device_error, plain, quoting, refuse
from runners.ssh.transcript import Transcript

if TYPE_CHECKING:
    from domain.configs.platforms import Platform
    from runners.wire.messages import Limits

_LONGEST_COMPLAINT = 2000  # bytes of standard error that are kept
_SHORT_ANSWER = 3  # lines: a longer one of a command of the user's own may quote such words


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
        self.is_ended = False  # the device said that nothing more comes; some only close the channel
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self.finished: asyncio.Future[None] = self._loop.create_future()
        self._watch = self._loop.call_later(silence, self._check_silence)

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
        self.is_ended = True
        return False

    def exit_status_received(self, status: int) -> None:
        self.status = status

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:  # noqa: FBT001 - asyncssh's signature
        del core_dumped, lang
        self._fail(DeviceError(FailureKind.INCOMPLETE, plain(f"ended by signal {signal} {msg}")))

    def connection_lost(self, exc: Exception | None) -> None:
        if exc:
            self._fail(as_device_error(exc) or DeviceError(FailureKind.CONNECTION_LOST, plain(str(exc))))
        elif not self.finished.done():
            self.finished.set_result(None)

    def close(self) -> None:
        """Stop watching, and let the channel go."""
        self._watch.cancel()
        if self._channel and not self._channel.is_closing():
            self._channel.abort()

    def _check_silence(self) -> None:
        left = self._heard + self._silence - self._loop.time()
        if left <= 0:
            self._fail(DeviceError(FailureKind.SILENT, f"no output for {self._silence:g} s"))
            return
        self._watch = self._loop.call_later(left, self._check_silence)

    def _fail(self, error: DeviceError) -> None:
        if not self.finished.done():
            self.finished.set_exception(error)
        if self._channel:
            self._channel.abort()


@dataclass(frozen=True, slots=True)
class Printed:
    """What one command gave."""

    output: bytes
    complaint: bytes  # standard error
    status: int | None
    is_ended: bool  # by the device's own word, not only by a closed channel


async def run_command(
    connection: asyncssh.SSHClientConnection, command: str, *, limits: Limits, transcript: Transcript | None = None
) -> Printed:
    """Run ``command`` in a channel of its own.

    Raises:
        DeviceError: SILENT, TOO_LARGE, INCOMPLETE, CONNECTION_LOST.
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
    is_ended = session.is_ended or session.status is not None
    return Printed(bytes(session.output), bytes(session.complaint), session.status, is_ended)


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
    parts: list[bytes] = []
    left = limits.size
    for command in commands:
        ask = partial(
            run_command,
            connection,
            _line(command, platform),
            limits=limits.model_copy(update={"size": left}),
            transcript=transcript,
        )
        printed = await ask()
        _check_end(printed, command, platform)
        refuse(_refusal(printed, platform, is_only=len(commands) == 1), command)
        if not printed.is_ended:
            _check_same(printed, await ask(), command, platform)
        left -= len(printed.output)
        parts.append(_heading(command) + printed.output if len(commands) > 1 else printed.output)
    text = b"".join(parts)
    if not platform.files:
        refuse(flaw_of(text, platform), commands[-1])
    return text


def _line(command: str, platform: Platform) -> str:
    return f"cat -- {shlex.quote(command)}" if platform.files and command.startswith("/") else command


def _check_end(printed: Printed, command: str, platform: Platform) -> None:
    """Refuse an answer whose end nothing proves.

    Without an end marker it is the device's word that nothing more comes; with one, a closed channel is enough.
    """
    if printed.status:
        words = (printed.complaint or printed.output)[:400].decode("utf-8", "replace")
        raise DeviceError(FailureKind.COMMAND_REJECTED, quoting(f"{command}: exit status {printed.status}", words))
    if platform.files and printed.status is None:
        raise DeviceError(FailureKind.INCOMPLETE, plain(f"{command}: ended without an exit status"))
    if not printed.is_ended and platform.end is None:
        # What came is a torn configuration: the evidence of the run shows its last lines, masked as a whole.
        raise DeviceError(FailureKind.CONNECTION_LOST, plain(f"{command}: the device closed the session"))


def _check_same(printed: Printed, again: Printed, command: str, platform: Platform) -> None:
    """Refuse an answer without the device's word that nothing more comes, unless it comes a second time.

    Such an end mark closes each block as well: a text that was cut off between two of them looks whole.
    """
    if comparable(printed.output, platform) != comparable(again.output, platform):
        facts = f"{command}: the device closed the session without a word, and its second answer is another"
        raise DeviceError(FailureKind.INCOMPLETE, plain(facts))


def _refusal(printed: Printed, platform: Platform, *, is_only: bool) -> Flaw | None:
    """The words of refusal of one command of several, or those that came beside an empty answer; a torn document."""
    if not printed.output.strip() and printed.complaint:
        return refusal_in(printed.complaint, platform) or Flaw(
            FailureKind.COMMAND_REJECTED, "the device answered", printed.complaint.decode("utf-8", "replace")
        )
    is_short = len(printed.output.splitlines()) <= _SHORT_ANSWER
    refused = refusal_in(printed.output, platform) if is_short and (platform.files or not is_only) else None
    return refused or (document_flaw(printed.output) if platform.files else None)


def _heading(command: str) -> bytes:
    return f"# ==== {command} ====\n".encode()
