"""The SSH side of every device: who may log in, and which command line a channel gets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncssh

from demo.fleet.faults import Fault
from demo.fleet.platforms import PLATFORMS
from demo.fleet.terminal import Hangup, Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from demo.fleet.device import Device

_GONE = (BrokenPipeError, ConnectionResetError, asyncssh.Error)
_IGNORE = 2  # SSH_MSG_IGNORE, RFC 4253, section 11.2


class DeviceConnection(asyncssh.SSHServerConnection):
    """One client's connection, which knows the device that it reached and the faults it will meet."""

    def __init__(self, options: asyncssh.SSHServerConnectionOptions, device: Device, faults: frozenset[Fault]) -> None:
        super().__init__(asyncio.get_running_loop(), options)
        self.device = device
        self.faults = faults

    def send_packet(self, pkttype: int, *args: bytes, handler: Any = None) -> None:  # noqa: ANN401 - asyncssh's own
        """Send a packet, but none of the empty ones that asyncssh puts between: no device does that."""
        if pkttype != _IGNORE:
            super().send_packet(pkttype, *args, handler=handler)


class DeviceServer(asyncssh.SSHServer):
    """Log-in by password or keyboard-interactive, counted; then sessions."""

    _connection: DeviceConnection
    _logged_in = False

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Remember whose connection it is."""
        assert isinstance(conn, DeviceConnection)  # noqa: S101 - the only class that the fleet builds
        self._connection = conn
        conn.device.connections.add(conn)
        conn.device.logins.connections += 1

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the session out."""
        del exc
        self._connection.device.connections.discard(self._connection)
        if self._logged_in:
            self._connection.device.note_log_out()

    def begin_auth(self, username: str) -> bool:
        """Send the banner; everybody has to prove who they are."""
        del username
        if self._connection.device.banner:
            self._connection.send_auth_banner(self._connection.device.banner)
        return True

    def auth_completed(self) -> None:
        """Count the session in."""
        self._logged_in = True
        self._connection.device.note_log_in()

    def password_auth_supported(self) -> bool:
        """Unless this device insists on keyboard-interactive."""
        return not self.kbdint_auth_supported()

    def kbdint_auth_supported(self) -> bool:
        """Instead of plain passwords, on devices that insist on it."""
        return self._connection.device.keyboard_interactive or Fault.KEYBOARD_INTERACTIVE_ONLY in self._faults

    def validate_password(self, username: str, password: str) -> bool:
        """Judge a log-in and count it."""
        device = self._connection.device
        user = username.partition("+")[0]  # RouterOS: terminal options follow the plus sign
        good = (user, password) == (device.username, device.password) and Fault.WRONG_PASSWORD not in self._faults
        device.logins.note(good=good)
        return good

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        """One question, answered unseen."""
        del username, lang, submethods
        return "", "", "", [("Password: ", False)]

    def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        """Judge the one answer like a password."""
        return self.validate_password(username, responses[0] if len(responses) == 1 else "")

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        """Give the channel a command line."""
        return DeviceSession(self._connection)

    @property
    def _faults(self) -> frozenset[Fault]:
        return self._connection.faults


class DeviceSession(asyncssh.SSHServerSession[bytes]):
    """One channel: a shell or a single command, served by one task."""

    _channel: asyncssh.SSHServerChannel[bytes]
    _terminal: Terminal

    def __init__(self, connection: DeviceConnection) -> None:
        self._connection = connection
        self._has_pty = False
        self._command: str | None = None
        self._task: asyncio.Task[None] | None = None
        self._closes_connection = False

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """Remember the channel."""
        self._channel = chan

    def pty_requested(
        self, term_type: str | None, term_size: tuple[int, int, int, int], term_modes: Mapping[int, int]
    ) -> bool:
        """Every device gives a terminal."""
        del term_type, term_size, term_modes
        self._has_pty = True
        return True

    def shell_requested(self) -> bool:
        """Every device has a shell."""
        return True

    def exec_requested(self, command: str) -> bool:
        """Remember the command; the platform decides what it thinks of it."""
        self._command = command
        return True

    def session_started(self) -> None:
        """Begin to serve."""
        self._terminal = Terminal(self._channel, self._connection.faults, has_pty=self._has_pty)
        self._task = asyncio.get_running_loop().create_task(self._serve())

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        """Hand on what was typed."""
        del datatype
        self._terminal.feed(data)

    def eof_received(self) -> bool:
        """No more will be typed, but the answer still goes out."""
        self._terminal.end_input()
        return True

    def pause_writing(self) -> None:
        """Wait for the client's window."""
        if self._task:
            self._terminal.hold()

    def resume_writing(self) -> None:
        """Go on."""
        if self._task:
            self._terminal.release()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone: stop serving."""
        del exc
        if self._task:
            self._task.cancel()
        if self._closes_connection:
            self._connection.close()

    async def _serve(self) -> None:
        device = self._connection.device
        user = str(self._connection.get_extra_info("username", ""))
        cli = PLATFORMS[device.platform](device, self._terminal, self._connection.faults, user=user)
        status = 0
        try:
            if self._command is None:
                await cli.talk()
            else:
                self._closes_connection = cli.one_command_only
                status = await cli.run(self._command)
        except Hangup:
            self._closes_connection = True
        except ConnectionAbortedError:
            self._connection.abort()
            return
        except _GONE:
            return
        self._end(status)

    def _end(self, status: int) -> None:
        if Fault.NO_EXIT_STATUS in self._connection.faults:
            self._channel.close()
        else:
            self._channel.exit(status)
