"""Opening an SSH connection: cheaply, with the host key pinned, and with old algorithms only by name.

Everything that asyncssh would look up for itself (configuration files, known_hosts, the user's agent and keys)
is switched off: it costs several times the connection, and an agent process must not depend on it.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from copy import copy
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import asyncssh

from domain.failures import DeviceError, FailureKind
from runners.ssh.failures import HostKeyChanged, LoginRefused, as_device_error
from runners.ssh.lean_connection import open_quietly
from runners.ssh.offered_keys import offered_keys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from runners.ssh.login import Login
    from runners.ssh.offered_keys import Key
    from runners.wire.messages import Limits, LoginTarget

# The cheapest first: with AES-GCM there is no separate MAC to compute.
_KEX = ("curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256", "ecdh-sha2-nistp384")
_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")
_MACS = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512")
_HOST_KEYS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-256",
    "rsa-sha2-512",
)
_FOR_KEY_TYPE = {"ssh-rsa": ("rsa-sha2-256", "rsa-sha2-512", "ssh-rsa")}
_WINDOW = 2 * 1024 * 1024  # bytes: some RouterOS versions break with larger ones


class _Client(asyncssh.SSHClient):
    """Judges the host key and answers the device's questions for one connection."""

    def __init__(self, target: LoginTarget, login: Login, limits: Limits) -> None:
        self._pinned = target.host_key
        self._login_limit = limits.login.total_seconds()
        self._password = login.password
        self.sent_password = False
        self.host_key = ""
        self.changed = False
        self.connected = False
        self.limit: asyncio.Timeout | None = None  # of connecting, and from the host key on of logging in

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:  # noqa: ARG002 - asyncssh's signature
        self.connected = True

    def validate_host_public_key(
        self,
        host: str,  # noqa: ARG002 - asyncssh's signature
        addr: str,  # noqa: ARG002
        port: int,  # noqa: ARG002
        key: asyncssh.SSHKey,
    ) -> bool:
        shown = key.export_public_key("openssh").decode().strip()
        if self.host_key:  # session keys are changed later on: whoever answers must still be the same
            return _bare(shown) == _bare(self.host_key)
        self.host_key = shown
        self.changed = self._pinned is not None and _bare(shown) != _bare(self._pinned)
        if self.limit and not self.limit.expired():
            self.limit.reschedule(asyncio.get_running_loop().time() + self._login_limit)
        return not self.changed

    def password_auth_requested(self) -> str | None:
        return self._once()

    def kbdint_auth_requested(self) -> str | None:
        return None if self._password is None or self.sent_password else ""

    def kbdint_challenge_received(
        self,
        name: str,  # noqa: ARG002 - asyncssh's signature
        instructions: str,  # noqa: ARG002
        lang: str,  # noqa: ARG002
        prompts: Sequence[tuple[str, bool]],
    ) -> list[str] | None:
        if not prompts:
            return []
        answer = self._once() if _ask_for_password(prompts) else None
        return None if answer is None else [answer]

    def _once(self) -> str | None:
        """The password, once in whatever way it is asked for: further tries would lock the account."""
        if self.sent_password:
            return None
        self.sent_password = True
        return self._password


@asynccontextmanager
async def connected(
    target: LoginTarget,
    login: Login,
    limits: Limits,
    *,
    username: str,
    through: asyncssh.SSHClientConnection | None = None,
) -> AsyncIterator[tuple[asyncssh.SSHClientConnection, str]]:
    """A connection that is logged in, and the host key it showed (``ssh-ed25519 AAAA...``).

    Raises:
        DeviceError: by kind; ``HostKeyChanged`` before any password has left.
    """
    client = _Client(target, login, limits)
    connection = await _connect(client, target, login, limits, username, through)
    try:
        yield connection, client.host_key
        connection.close()
    finally:
        if not connection.is_closed():
            connection.abort()
        await connection.wait_closed()


async def _connect(
    client: _Client,
    target: LoginTarget,
    login: Login,
    limits: Limits,
    username: str,
    through: asyncssh.SSHClientConnection | None,
) -> asyncssh.SSHClientConnection:
    try:
        async with offered_keys(login) as keys, asyncio.timeout(limits.connect.total_seconds()) as client.limit:
            if through is None and not target.algorithms:
                return await open_quietly(target.host, target.port, _prepared(client, target, keys, username))
            options = _options(keys, target.algorithms, _kind(target.host_key), username)
            return await asyncssh.connect(
                target.host, target.port, tunnel=through or (), client_factory=lambda: client, **options
            )
    except TimeoutError as error:
        raise DeviceError(FailureKind.UNREACHABLE, _where_it_hung(client)) from error
    except (asyncssh.Error, OSError) as error:
        if client.changed:
            raise HostKeyChanged(client.host_key) from error
        known = as_device_error(error)
        if known is None:
            raise
        raise _refused_by_hanging_up(client, known) from error


def _refused_by_hanging_up(client: _Client, error: DeviceError) -> DeviceError:
    """Many devices answer a wrong password by closing the connection: trying it again would lock the account."""
    if client.sent_password and error.kind is FailureKind.CONNECTION_LOST:
        return LoginRefused("the device closed the connection right after the password")
    return error


def _where_it_hung(client: _Client) -> str:
    if client.host_key:
        return "no answer to the log-in"
    if client.connected:
        return "the port is open, but nothing there speaks SSH"
    return "no answer to the connection attempt"


def _prepared(
    client: _Client, target: LoginTarget, keys: list[Key], username: str
) -> asyncssh.SSHClientConnectionOptions:
    """Options for one connection; what devices have in common is prepared once, which costs as much as a log-in."""
    kind = _kind(target.host_key)
    if keys:
        shared = asyncssh.SSHClientConnectionOptions(**_options(keys, target.algorithms, kind, username))
    else:
        shared = _shared(target.algorithms, kind, username)
    options = copy(shared)
    options.protocol_factory = lambda: client
    options.host, options.port = target.host, target.port
    return options


@lru_cache(maxsize=256)
def _shared(old: tuple[str, ...], kind: str | None, username: str) -> asyncssh.SSHClientConnectionOptions:
    """What log-ins without a private key share; no secret is in it."""
    return asyncssh.SSHClientConnectionOptions(**_options([], old, kind, username))


def _options(keys: list[Key], old: tuple[str, ...], kind: str | None, username: str) -> dict[str, Any]:
    return {
        "username": username,
        "config": None,
        "known_hosts": ([], [], []),
        "x509_trusted_certs": None,
        "agent_path": None,
        "client_keys": keys or None,
        "preferred_auth": "publickey,password,keyboard-interactive" if keys else "password,keyboard-interactive",
        "gss_kex": False,
        "gss_auth": False,
        "kex_algs": _with_old(_KEX, old, _known_kex()),
        "encryption_algs": _with_old(_CIPHERS, old, _known_ciphers()),
        "mac_algs": _with_old(_MACS, old, _known_macs()),
        "compression_algs": ["none"],
        "server_host_key_algs": _host_key_algorithms(old, kind),
        "connect_timeout": None,
        "login_timeout": 0,  # one limit is enough: ours
        "keepalive_interval": 0,
        "window": _WINDOW,
    }


def _host_key_algorithms(old: tuple[str, ...], kind: str | None) -> list[str]:
    """The pinned key's own kind first: a device with several keys would otherwise show another one."""
    wanted = _with_old(_HOST_KEYS, old, _known_host_keys())
    if kind is None:
        return wanted
    first = [name for name in _FOR_KEY_TYPE.get(kind, (kind,)) if name in wanted]
    return [*first, *(name for name in wanted if name not in first)]


def _kind(host_key: str | None) -> str | None:
    return host_key.split(" ", 1)[0] if host_key else None


def _with_old(modern: tuple[str, ...], old: tuple[str, ...], known: frozenset[str]) -> list[str]:
    return [*(name for name in modern if name in known), *(name for name in old if name in known)]


@cache
def _known_kex() -> frozenset[str]:
    return frozenset(name.decode() for name in asyncssh.kex.get_kex_algs())


@cache
def _known_ciphers() -> frozenset[str]:
    return frozenset(name.decode() for name in asyncssh.encryption.get_encryption_algs())


@cache
def _known_macs() -> frozenset[str]:
    return frozenset(name.decode() for name in asyncssh.mac.get_mac_algs())


@cache
def _known_host_keys() -> frozenset[str]:
    return frozenset(name.decode() for name in asyncssh.public_key.get_public_key_algs())


def _ask_for_password(prompts: Sequence[tuple[str, bool]]) -> bool:
    """Whether it is one question for something that is typed unseen: never a name, a code beside it, a new password.

    Some servers echo what is typed but call it a password all the same.
    """
    if len(prompts) != 1:
        return False
    question, is_echoed = prompts[0]
    return not is_echoed or "password" in question.casefold()


def _bare(key: str) -> tuple[str, ...]:
    """Kind and value of a key, without its comment."""
    return tuple(key.split()[:2])
