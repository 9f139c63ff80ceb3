"""Credentials: resolved by name at each use, from where their secrets are kept.

A source is written ``scheme:where``. A rotated secret works from the next run on, and nothing is kept longer
than a log-in takes; only a private key stays decoded, since decoding is made to be slow.
"""

from __future__ import annotations

import asyncio
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh

from domain.failures import DeviceError, FailureKind
from runners.ssh.login import Login

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LARGEST_SECRET = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class CredentialSources:
    """Where a credential's parts are kept: sources such as ``env:LAB_PASSWORD``, never the secrets themselves."""

    username: str
    password: str | None = None
    private_key: str | None = None  # an OpenSSH private key
    passphrase: str | None = None  # of the key
    enable: str | None = None  # the password of the privileged mode; None: the password serves as well


class Unresolved(DeviceError):
    """A credential's secret could not be had; ``facts`` name its place, never its value."""

    def __init__(self, facts: str) -> None:
        super().__init__(FailureKind.CREDENTIAL, facts)


def _from_environment(where: str) -> str:
    value = os.environ.get(where)
    if not value:
        problem = f"the environment has no {where}"
        raise Unresolved(problem)
    return value


def _without_waiting(path: str, flags: int) -> int:
    """A pipe that nobody writes to must not hold up the sessions of all other devices."""
    return os.open(path, flags | os.O_NONBLOCK)


def _from_file(where: str) -> str:
    """The content of a file that nobody but its owner may read."""
    path = Path(where)
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
                problem = f"{path} may be read by others: chmod 600 it"
                raise Unresolved(problem)
            content = file.read(_LARGEST_SECRET).decode()
    except OSError as error:
        problem = f"{path} cannot be read: {error.strerror}"
        raise Unresolved(problem) from error
    except UnicodeDecodeError as error:
        problem = f"{path} is not text"
        raise Unresolved(problem) from error
    if not content.strip():  # sent as a password it would only count as a failed log-in
        problem = f"{path} is empty"
        raise Unresolved(problem)
    return content


SCHEMES: Mapping[str, Callable[[str], str]] = {"env": _from_environment, "file": _from_file}


@dataclass(slots=True)
class Credentials:
    """The credentials that this agent knows, by name."""

    sources: Mapping[str, CredentialSources]
    schemes: Mapping[str, Callable[[str], str]] = field(default_factory=lambda: SCHEMES)
    _keys: dict[str, tuple[tuple[str, str | None], asyncssh.SSHKey]] = field(default_factory=dict, repr=False)

    async def login(self, name: str) -> Login:
        """The credential ``name`` with its secrets, read now.

        Raises:
            Unresolved: there is no such credential here, or a secret cannot be had.
        """
        sources = self.sources.get(name)
        if sources is None:
            problem = f"this agent has no credential named {name}"
            raise Unresolved(problem)
        return Login(
            sources.username,
            password=self._word(sources.password),
            enable=self._word(sources.enable),
            key=await self._key(name, sources),
        )

    def _word(self, source: str | None) -> str | None:
        """A password: the first line of what the source holds."""
        return None if source is None else self._content(source).split("\n", 1)[0].rstrip("\r")

    def _content(self, source: str) -> str:
        scheme, colon, where = source.partition(":")
        resolve = self.schemes.get(scheme)
        if not colon or resolve is None:
            problem = f"a source must begin with one of {', '.join(f'{known}:' for known in self.schemes)}"
            raise Unresolved(problem)
        return resolve(where)

    async def _key(self, name: str, sources: CredentialSources) -> asyncssh.SSHKey | None:
        if sources.private_key is None:
            return None
        content = (self._content(sources.private_key), self._word(sources.passphrase))
        kept = self._keys.get(name)
        if kept and kept[0] == content:
            return kept[1]
        try:
            key = await asyncio.to_thread(asyncssh.import_private_key, *content)
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            problem = f"the private key of {name} is none, or its passphrase is wrong"
            raise Unresolved(problem) from error
        self._keys[name] = (content, key)
        return key
