"""Opening an SSH connection: cheaply, with the host key pinned, and with old algorithms only by name.

Everything that asyncssh would look up for itself (configuration files, known_hosts, the user's agent and keys)
is switched off: it costs several times the connection, and an agent process must not depend on it.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import asyncssh

from runners.ssh.connection.algorithms import host_keys_for, our_offer
from runners.ssh.connection.client import Client
from runners.ssh.connection.device_connection import DeviceConnection, open_connection
from runners.ssh.connection.lean_connection import QuietConnection
from runners.ssh.connection.offered_keys import offered_keys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from runners.ssh.connection.offered_keys import Key
    from runners.ssh.login import Login
    from runners.wire.messages import Limits, LoginTarget

_WINDOW = 2 * 1024 * 1024  # bytes: some RouterOS versions break with larger ones


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
    client = Client(target, login, limits, username=username)
    connection = await _connect(client, target, login, limits, username, through)
    try:
        yield connection, client.host_key
        connection.close()
    finally:
        if not connection.is_closed():
            connection.abort()
        await connection.wait_closed()


async def _connect(
    client: Client,
    target: LoginTarget,
    login: Login,
    limits: Limits,
    username: str,
    through: asyncssh.SSHClientConnection | None,
) -> asyncssh.SSHClientConnection:
    try:
        async with offered_keys(login) as keys, asyncio.timeout(limits.connect.total_seconds()) as client.limit:
            kind = DeviceConnection if through or target.algorithms else QuietConnection
            options = _prepared(client, target, keys, username)
            return await open_connection(kind, target.host, target.port, options, through)
    except TimeoutError as error:
        raise client.why_it_hung() from error
    except (asyncssh.Error, OSError) as error:
        known = client.why_not(error)
        if known is None:
            raise
        raise known from error


def _prepared(
    client: Client, target: LoginTarget, keys: list[Key], username: str
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
    offer = our_offer(old)
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
        "kex_algs": list(offer.kex),
        "encryption_algs": list(offer.ciphers),
        "mac_algs": list(offer.macs),
        "compression_algs": ["none"],
        "server_host_key_algs": host_keys_for(kind, offer.host_keys),
        "connect_timeout": None,
        "login_timeout": 0,  # one limit is enough: ours
        "keepalive_interval": 0,
        "window": _WINDOW,
    }


def _kind(host_key: str | None) -> str | None:
    return host_key.split(" ", 1)[0] if host_key else None
