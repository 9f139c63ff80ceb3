"""What a device wants to know before it lets anybody in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncssh


@dataclass(frozen=True, slots=True)
class Login:
    """A credential with its secrets at hand; made anew for each use and never written anywhere."""

    username: str
    password: str | None = field(default=None, repr=False)
    enable: str | None = field(default=None, repr=False)  # None: the password serves as well
    key: asyncssh.SSHKey | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)  # of the key: never sent, but to be masked
    agent_socket: str | None = None  # path of an SSH agent's socket, which signs with the keys that it holds

    @property
    def secrets(self) -> frozenset[str]:
        """Its words that must be seen nowhere else."""
        return frozenset(secret for secret in (self.password, self.enable, self.passphrase) if secret)
