"""An SSH connection that does less: one write for the packets of a loop turn, no padding packets, no packet log.

A third of what asyncssh spends on a short session goes into these. The padding (an empty "ignore" packet before
each other one) protects ciphers in CBC mode only, so a device that needs one of those gets a plain connection.
Reaches into asyncssh's ``_send``: its tests tell when another version of asyncssh does it another way.
"""

from __future__ import annotations

import asyncio
from typing import Any

from runners.ssh.connection.device_connection import DeviceConnection

_IGNORE = 2  # SSH_MSG_IGNORE, RFC 4253, section 11.2


class QuietConnection(DeviceConnection):
    """A client's connection for ciphers that need no padding packets."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - asyncssh's own
        super().__init__(*args, **options)
        self._unsent: list[bytes] = []

    def send_packet(self, pkttype: int, *args: bytes, handler: Any = None) -> None:  # noqa: ANN401 - asyncssh's own
        """Send a packet, unless it is padding."""
        if pkttype != _IGNORE:
            super().send_packet(pkttype, *args, handler=handler)

    def log_sent_packet(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - asyncssh's own
        """Leave the packet unlogged."""

    def log_received_packet(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - asyncssh's own
        """Leave the packet unlogged."""

    def _send(self, data: bytes) -> None:
        if self._transport is None:
            return
        if not self._unsent:
            asyncio.get_running_loop().call_soon(self._flush, self._transport)
        self._unsent.append(data)

    def _flush(self, transport: asyncio.Transport) -> None:
        """Write what this turn of the loop has sent: also the farewell, which comes before the closing's own turn."""
        data = b"".join(self._unsent)
        self._unsent.clear()
        transport.write(data)
