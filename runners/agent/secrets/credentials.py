"""Credentials: resolved by name at each use, from where their secrets are kept.

A rotated secret works from the next run on, and nothing is kept longer than a run takes; only a private key
stays decoded, since decoding is made to be slow.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import asyncssh

from runners.agent.secrets.errors import Unresolved
from runners.agent.secrets.local import from_environment
from runners.agent.secrets.sources import SecretSources
from runners.ssh.login import Login

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class CredentialSources:
    """Where a credential's parts are kept: sources such as ``env:LAB_PASSWORD``, never the secrets themselves."""

    username: str
    password: str | None = None
    private_key: str | None = None  # an OpenSSH private key
    passphrase: str | None = None  # of the key
    agent_socket: str | None = None  # of an SSH agent: a path, or env:NAME
    enable: str | None = None  # the password of the privileged mode; None: the password serves as well


@dataclass(slots=True)
class Credentials:
    """The credentials that this agent knows, by name."""

    known: Mapping[str, CredentialSources]
    sources: SecretSources = field(default_factory=SecretSources)
    _keys: dict[str, tuple[tuple[str, str | None], asyncssh.SSHKey]] = field(default_factory=dict, repr=False)

    async def login(self, name: str) -> Login:
        """The credential ``name`` with its secrets, read now.

        Raises:
            Unresolved: there is no such credential here, or a secret cannot be had.
        """
        kept = self.known.get(name)
        if kept is None:
            problem = f"this agent has no credential named {name}"
            raise Unresolved(problem)
        password, enable, passphrase = await asyncio.gather(
            self._word(kept.password), self._word(kept.enable), self._word(kept.passphrase)
        )
        return Login(
            kept.username,
            password=password,
            enable=enable,
            key=await self._key(name, kept, passphrase),
            passphrase=passphrase,
            agent_socket=_socket(kept.agent_socket),
        )

    async def _word(self, source: str | None) -> str | None:
        return None if source is None else await self.sources.word(source)

    async def _key(self, name: str, kept: CredentialSources, passphrase: str | None) -> asyncssh.SSHKey | None:
        if kept.private_key is None:
            return None
        content = (await self.sources.content(kept.private_key), passphrase)
        decoded = self._keys.get(name)
        if decoded and decoded[0] == content:
            return decoded[1]
        try:
            key = await asyncio.to_thread(asyncssh.import_private_key, *content)
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
            problem = f"the private key of {name} is invalid, or it needs another passphrase"
            raise Unresolved(problem) from None
        self._keys[name] = (content, key)
        return key


def _socket(where: str | None) -> str | None:
    scheme, _, variable = (where or "").partition(":")
    return from_environment(variable) if scheme == "env" else where
