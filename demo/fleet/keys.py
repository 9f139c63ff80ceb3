"""Host keys, and the SSH options made from them: built once and shared, so that a thousand devices start at once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import asyncssh

if TYPE_CHECKING:
    from collections.abc import Callable

_OLD_RSA_BITS = 2048


@cache
def shared_key() -> asyncssh.SSHKey:
    """The host key of every device that asks for none of its own."""
    return new_key()


@cache
def impostor_key() -> asyncssh.SSHKey:
    """The key that a device shows when its host key is said to have changed."""
    return new_key()


@cache
def old_key() -> asyncssh.SSHKey:
    """The RSA key of devices that know old algorithms only."""
    return asyncssh.generate_private_key("ssh-rsa", key_size=_OLD_RSA_BITS)


def new_key() -> asyncssh.SSHKey:
    """A fresh ed25519 key."""
    return asyncssh.generate_private_key("ssh-ed25519")


def public_form(key: asyncssh.SSHKey) -> str:
    """The OpenSSH public form without a comment: ``ssh-ed25519 AAAA...``."""
    return key.export_public_key().decode().strip()


def server_options(
    key: asyncssh.SSHKey, factory: Callable[[], asyncssh.SSHServer], *, old_algorithms: bool
) -> asyncssh.SSHServerConnectionOptions:
    """Options for connections served by ``factory`` under ``key``; the line editor is the device's own."""
    algorithms: dict[str, list[str]] = {}
    if old_algorithms:
        algorithms = {
            "kex_algs": ["diffie-hellman-group14-sha1"],
            "encryption_algs": ["aes128-cbc"],
            "mac_algs": ["hmac-sha1"],
            "signature_algs": ["ssh-rsa"],
        }
    return asyncssh.SSHServerConnectionOptions(
        server_factory=factory,
        server_host_keys=[key],
        encoding=None,
        line_editor=False,
        login_timeout=0,
        compression_algs=["none"],
        gss_host=None,
        **algorithms,
    )
