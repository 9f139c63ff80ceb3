"""A device's port: opened, closed and opened again, always the same one, without a thread or a task of its own."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_BACKLOG = 512  # connections that the kernel keeps for us
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST


class Listener:
    """Hands each accepted socket to ``take``. While closed the port stays ours and refuses connections."""

    def __init__(self, host: str, take: Callable[[socket.socket], None]) -> None:
        self.host = host
        self.is_open = False
        self._take = take
        self._socket = self._bind(0)

    @property
    def port(self) -> int:
        """The port, from the first moment on."""
        return int(self._socket.getsockname()[1])

    def open(self) -> None:
        """Accept connections from now on."""
        if self.is_open:
            return
        self._socket.listen(_BACKLOG)
        asyncio.get_running_loop().add_reader(self._socket, self._accept)
        self.is_open = True

    def close(self) -> None:
        """Refuse connections from now on; those that exist live on."""
        if not self.is_open:
            return
        port = self.port
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        self._socket = self._bind(port)
        self.is_open = False

    def give_up(self) -> None:
        """Close and let the port go."""
        self.close()
        self._socket.close()

    def _bind(self, port: int) -> socket.socket:
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        bound.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((self.host, port))
        return bound

    def _accept(self) -> None:
        with suppress(BlockingIOError, ConnectionAbortedError):
            connection, _ = self._socket.accept()
            connection.setblocking(False)  # noqa: FBT003 - the socket module's own signature
            self._take(connection)


def reset(connection: socket.socket) -> None:
    """End a connection the rude way: the client reads ECONNRESET."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    connection.close()
