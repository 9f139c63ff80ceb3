"""Where secrets come from: ``scheme:where``, read anew at each use."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from domain.failures import FailureKind
from runners.agent.secrets.errors import Unresolved
from runners.agent.secrets.keyring import from_keyring
from runners.agent.secrets.local import from_environment, from_file
from runners.agent.secrets.vault import Vault
from runners.agent.secrets.worker_threads import Threads

if TYPE_CHECKING:
    from runners.agent.secrets.settings import VaultSettings

KEYRING_TIMEOUT = timedelta(seconds=10)  # for one answer of the keyring
_SCHEMES = ("env:", "file:", "keyring:", "vault:")


class SecretSources:
    """Reads what sources hold."""

    def __init__(self, vault: VaultSettings | None = None) -> None:
        self.vault = Vault(vault, self.word) if vault else None  # None: app.yaml declares none
        self._keyring = Threads("keyring", limit=KEYRING_TIMEOUT)

    async def content(self, source: str) -> str:
        """All that ``source`` holds.

        Raises:
            Unresolved: it could not be had; no secret is in its words.
        """
        scheme, _, where = source.partition(":")
        match scheme:
            case "env":
                return from_environment(where)
            case "file":
                return from_file(where)
            case "keyring":
                return await self._from_keyring(where)
            case "vault":
                return await self._from_vault(where)
        problem = f"a source must begin with one of {', '.join(_SCHEMES)}"
        raise Unresolved(problem)

    async def word(self, source: str) -> str:
        """A password or a token: the first line of what ``source`` holds.

        Raises:
            Unresolved: it could not be had.
        """
        return (await self.content(source)).split("\n", 1)[0].rstrip("\r")

    async def _from_keyring(self, where: str) -> str:
        try:
            return await self._keyring.call(partial(from_keyring, where))
        except TimeoutError:
            problem = "the keyring did not answer in time: is it waiting to be unlocked?"
            raise Unresolved(problem, FailureKind.SECRETS_AWAY) from None

    async def _from_vault(self, where: str) -> str:
        if self.vault is None:
            problem = "app.yaml has no vault section with Vault's address"
            raise Unresolved(problem)
        return await self.vault.field(where)
