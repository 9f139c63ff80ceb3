"""An SSH connection that remembers what tells why a log-in failed: asyncssh itself says only that it did."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import asyncssh

_USERAUTH_FAILURE = 51  # SSH_MSG_USERAUTH_FAILURE, RFC 4252, section 5.1
MAX_FIRST_WORDS = 1000  # bytes of what came in place of SSH


class DeviceConnection(asyncssh.SSHClientConnection):
    """A client's connection that hears what the device says beside SSH.

    Reaches into asyncssh's handlers of packets: its tests tell when another version of asyncssh does it another way.
    """

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - asyncssh's own
        super().__init__(*args, **options)
        self.first_words = b""  # what came in place of SSH's own greeting
        self.methods: tuple[str, ...] | None = None  # the ways to log in that the device named last; None: none yet
        self.is_half_in = False  # what we said was right, but something more is wanted

    @property
    def speaks_ssh(self) -> bool:
        """Whether SSH's own greeting came."""
        return bool(self._server_version)

    @property
    def offer(self) -> bytes:
        """The device's KEXINIT message; empty before it came."""
        return self._server_kexinit

    def data_received(self, data: bytes, datatype: asyncssh.DataType = None) -> None:
        """Take in what the device sent."""
        if not self._server_version:
            self.first_words = (self.first_words + data)[-MAX_FIRST_WORDS:]
        super().data_received(data, datatype)

    def _hear_refusal(self, kind: int, number: int, packet: asyncssh.packet.SSHPacket) -> Any:  # noqa: ANN401 - asyncssh's own
        """Remember how the device refuses: RFC 4252 adds whether the answer was right as far as it went."""
        payload = packet.get_remaining_payload()
        size = int.from_bytes(payload[:4])
        self.methods = tuple(payload[4 : 4 + size].decode("ascii", "replace").split(","))
        self.is_half_in = payload[4 + size : 5 + size] == b"\x01"
        return self._process_userauth_failure(kind, number, packet)

    _packet_handlers = {  # noqa: RUF012 - as asyncssh has it
        **asyncssh.SSHClientConnection._packet_handlers,  # noqa: SLF001 - see above
        _USERAUTH_FAILURE: _hear_refusal,
    }


async def open_connection(
    kind: type[DeviceConnection],
    host: str,
    port: int,
    options: asyncssh.SSHClientConnectionOptions,
    through: asyncssh.SSHClientConnection | None,
) -> DeviceConnection:
    """As ``asyncssh.connect``, by a connection of ``kind``; ``options`` become this connection's own.

    Args:
        kind: what to make of the socket.
        host: of the device.
        port: of its SSH server.
        options: how to log in.
        through: the jump host; None: there is none.
    """
    loop = asyncio.get_running_loop()
    options.waiter = loop.create_future()

    def made() -> DeviceConnection:
        return kind(loop, options, wait="auth")

    if through is None:
        _, connection = await loop.create_connection(made, host, port)
    else:
        _, session = await through.create_connection(cast("Any", made), host, port)
        connection = cast("DeviceConnection", session)
    connection.set_extra_info(host=host, port=port)
    try:
        await options.waiter
    except BaseException:
        connection.abort()
        await connection.wait_closed()
        raise
    return connection
