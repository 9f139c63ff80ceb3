"""A jump host in front of the fleet: no shell, only forwarding, only to the fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncssh

from demo.fleet import keys
from demo.fleet.logins import Logins

if TYPE_CHECKING:
    from collections.abc import Callable


class JumpHost:
    """An SSH server with a log-in and a host key of its own. ``Fleet.add_jump_host`` makes it."""

    def __init__(self, host: str, ports: Callable[[], set[int]], username: str, password: str) -> None:
        self.host = host
        self.port = 0  # known once it is started
        self.username = username
        self.password = password
        self.logins = Logins()
        self.forwarded: list[int] = []  # ports reached through it, in order
        self.refused: list[tuple[str, int]] = []  # hosts and ports that are none of the fleet's
        self._key = keys.new_key()
        self._ports = ports
        self._server: asyncssh.SSHAcceptor | None = None

    @property
    def host_key(self) -> str:
        """The public host key that it shows, in OpenSSH form."""
        return keys.public_form(self._key)

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        options = keys.server_options(self._key, lambda: _JumpServer(self), old_algorithms=False)
        self._server = await asyncssh.listen(self.host, self.port, options=options)
        self.port = self._server.get_port()

    async def replace_host_key(self) -> str:
        """Show another host key from now on, as after a reinstallation; returns it in OpenSSH form."""
        await self.stop()
        self._key = keys.new_key()
        await self.start()
        return self.host_key

    async def stop(self) -> None:
        """Stop listening; forwarded connections end with their devices."""
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    def may_reach(self, host: str, port: int) -> bool:
        """Whether it is one of the fleet's devices; noted either way."""
        if host != self.host or port not in self._ports():
            self.refused.append((host, port))
            return False
        self.forwarded.append(port)
        return True


class _JumpServer(asyncssh.SSHServer):
    def __init__(self, jump_host: JumpHost) -> None:
        self._jump_host = jump_host

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        del conn
        self._jump_host.logins.connections += 1

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        good = (username, password) == (self._jump_host.username, self._jump_host.password)
        self._jump_host.logins.note(good=good)
        return good

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        del orig_host, orig_port
        return self._jump_host.may_reach(dest_host, dest_port)
