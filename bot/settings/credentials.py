"""The parts of ``app.yaml`` about logging in. They hold where each secret is kept, never the secret itself."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator

from bot.settings.section_base import Duration, Section, listed

MAX_CREDENTIALS = 3  # in order for one device: each refused one brings its account nearer to a lock-out

_LOCAL = r"env:[A-Za-z_][A-Za-z0-9_]*|file:.+|keyring:.+/[^/]+"
_SOURCE = re.compile(rf"{_LOCAL}|vault:[^/#]+/[^#]+#[^#]+")
_LOCAL_SOURCE = re.compile(_LOCAL)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

_WORDS = "env:NAME (an environment variable), file:PATH{comma} keyring:SERVICE/USERNAME{vault}"
_ANYWHERE = _WORDS.format(comma=",", vault=" or vault:MOUNT/PATH#FIELD")
_NEAR = _WORDS.format(comma=" or", vault="")


def _source(value: str) -> str:
    if not _SOURCE.fullmatch(value):  # not repeated: it may be the secret itself
        raise ValueError(f"is not a valid source of a secret: write {_ANYWHERE}")
    return value


def _local_source(value: str) -> str:
    if not _LOCAL_SOURCE.fullmatch(value):
        raise ValueError(f"is not a valid source of Vault's own secrets: write {_NEAR}")
    return value


Source = Annotated[str, AfterValidator(_source)]
LocalSource = Annotated[str, AfterValidator(_local_source)]


def _some_names(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise ValueError("name at least one credential")
    if len(value) > MAX_CREDENTIALS:
        raise ValueError(f"name at most {MAX_CREDENTIALS}: too many refused log-ins lock an account")
    if len(set(value)) < len(value):
        raise ValueError("names a credential twice")
    return value


CredentialNames = Annotated[tuple[str, ...], BeforeValidator(listed), AfterValidator(_some_names)]


class CredentialSection(Section):
    """One way to log in."""

    username: str
    password: Source | None = None
    private_key: Source | None = None  # an OpenSSH private key
    passphrase: Source | None = None  # of the private key
    agent_socket: str | None = None  # of an SSH agent that holds the key: a path, or env:NAME
    enable: Source | None = None  # the password of the privileged mode


def _address(value: str) -> str:
    parts = urlsplit(value)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not safe or not parts.hostname or parts.username is not None or parts.query:
        raise ValueError(
            "is not an address of Vault such as https://vault.example.net:8200; "
            "without TLS only on this machine (http://127.0.0.1:8200)"
        )
    return value.rstrip("/")


class VaultSection(Section):
    """The ``vault:`` part: where HashiCorp Vault or OpenBao is, and how agents prove themselves to it."""

    address: Annotated[str, AfterValidator(_address)]
    token: LocalSource | None = None
    role_id: str | None = None  # of an AppRole, instead of a token
    secret_id: LocalSource | None = None  # of the AppRole
    role_mount: str = "approle"  # where the AppRole method is mounted
    namespace: str | None = None
    ca: Path | None = None  # the certificate that signed Vault's; None: the public ones
    timeout: Duration = timedelta(seconds=10)  # for one answer
