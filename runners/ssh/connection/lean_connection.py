"""An SSH connection that does less: one write for the packets of a loop turn, no padding packets, no log, ciphers kept.

A third of what asyncssh spends on a short session goes into these. The padding (an empty "ignore" packet before
each other one) protects ciphers in CBC mode only, so a device that needs one of those gets a plain connection.
Reaches into asyncssh's ``_send`` and its ciphers: its tests tell when another version of asyncssh does it another way.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import asyncssh

from runners.ssh.connection.device_connection import DeviceConnection
from runners.ssh.connection.kept_ciphers import kept

_IGNORE = 2  # SSH_MSG_IGNORE, RFC 4253, section 11.2


class _Warnings(asyncssh.logging.SSHLogger):
    """Passes on warnings alone: less is put into words by asyncssh before anybody asks whether it is wanted."""

    def get_child(self, child: str = "", context: str = "") -> _Warnings:
        """This one: what is passed on hardly ever needs no name of its own."""
        del child, context
        return self

    def log(self, level: int, msg: object, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - asyncssh's own
        """Log ``msg`` if it matters."""
        if level >= logging.WARNING:
            super().log(level, msg, *args, **kwargs)

    def packet(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - asyncssh's own
        """Leave the packet unlogged: passwords are in some."""


_WARNINGS = _Warnings()


class QuietConnection(DeviceConnection):
    """A client's connection for ciphers that need no padding packets."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - asyncssh's own
        super().__init__(*args, **options)
        self._unsent: list[bytes] = []

    @property
    def logger(self) -> asyncssh.logging.SSHLogger:
        """What the connection, its log-in and its channels log with."""
        return _WARNINGS

    def add_channel(self, chan: asyncssh.channel.SSHChannel[Any]) -> int:
        """Take in ``chan``, which shall not put its packets into words either."""
        chan.log_received_packet = self.log_received_packet  # type: ignore[method-assign] # each packet is told to it
        return super().add_channel(chan)

    def send_packet(self, pkttype: int, *args: bytes, handler: Any = None) -> None:  # noqa: ANN401, ARG002 - asyncssh's own
        """Send a packet, unless it is padding; ``handler`` would only log it."""
        if pkttype != _IGNORE:
            super().send_packet(pkttype, *args, handler=self)

    def send_newkeys(self, k: bytes, h: bytes) -> None:
        """Go over to new keys, and keep what is made of them."""
        super().send_newkeys(k, h)
        self._send_encryption = kept(self._send_encryption)
        self._next_recv_encryption = kept(self._next_recv_encryption)

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
