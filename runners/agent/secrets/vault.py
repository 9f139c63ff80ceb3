"""Secrets in HashiCorp Vault, or in OpenBao, which speaks the same interface: its KV engine, version 2."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from domain.failures import FailureKind
from runners.agent.secrets.errors import TokenRefused, Unresolved
from runners.agent.secrets.worker_threads import Threads

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from runners.agent.secrets.settings import VaultSettings

T = TypeVar("T")


class Vault:
    """Reads fields of secrets, anew each time; who asks for a secret while it is being read shares that answer."""

    def __init__(self, settings: VaultSettings, read: Callable[[str], Awaitable[str]]) -> None:
        self._settings = settings
        self._read = read  # the first line of a source
        self._threads = Threads("vault", limit=settings.timeout)
        self._role_token: str | None = None
        self._under_way: dict[str, asyncio.Task[dict[str, object]]] = {}

    async def field(self, where: str) -> str:
        """The value at ``MOUNT/PATH#FIELD``; a mount with slashes in its name is ended by two of them.

        Raises:
            Unresolved: it could not be had.
        """
        path, _, name = where.rpartition("#")
        value = (await self._shared(path)).get(name)
        if value is None:
            problem = f"{path} in Vault has no field named {name}"
            raise Unresolved(problem, FailureKind.SECRET_MISSING)
        if not isinstance(value, str) or not value.strip():
            problem = f"the field {name} of {path} in Vault is empty, or not text"
            raise Unresolved(problem, FailureKind.SECRET_MISSING)
        return value

    async def check(self) -> None:
        """Ask Vault whether it takes the agent's proof.

        Raises:
            Unresolved: it does not, or it cannot be asked.
        """
        token = await self._token()

        def ask() -> None:
            from runners.agent.secrets.vault_calls import check_token  # noqa: PLC0415 - only whoever uses Vault loads hvac

            check_token(self._settings, token)

        await self._asked(ask)

    async def _shared(self, path: str) -> dict[str, object]:
        task = self._under_way.get(path)
        if task is None:
            task = self._under_way[path] = asyncio.create_task(self._fields(path), name=f"vault {path}")
            task.add_done_callback(lambda ended: self._forget(path, ended))
        return await asyncio.shield(task)  # who is cancelled leaves the others their answer

    def _forget(self, path: str, ended: asyncio.Task[dict[str, object]]) -> None:
        del self._under_way[path]
        if not ended.cancelled():
            ended.exception()  # perhaps nobody waits for it any more

    async def _fields(self, path: str) -> dict[str, object]:
        """The fields of a secret; a token that an AppRole was given long ago is replaced once."""
        had = self._role_token
        try:
            return await self._once(path)
        except TokenRefused:
            if had is None:
                raise
            self._role_token = None
            return await self._once(path)

    async def _once(self, path: str) -> dict[str, object]:
        mount, _, rest = path.partition("//" if "//" in path else "/")
        token = await self._token()

        def ask() -> dict[str, object]:
            from runners.agent.secrets.vault_calls import read_fields  # noqa: PLC0415 - as in check

            return read_fields(self._settings, token, mount, rest)

        return await self._asked(ask)

    async def _token(self) -> str:
        """The agent's token, read anew; an AppRole's is kept for as long as Vault takes it."""
        if self._settings.token is not None:
            return await self._read(self._settings.token)
        if self._role_token is None:
            self._role_token = await self._log_in()
        return self._role_token

    async def _log_in(self) -> str:
        role, source = self._settings.role_id, self._settings.secret_id
        if role is None or source is None:
            problem = "vault in app.yaml has no token and no AppRole"
            raise Unresolved(problem)
        secret = await self._read(source)

        def ask() -> str:
            from runners.agent.secrets.vault_calls import log_in  # noqa: PLC0415 - as in check

            return log_in(self._settings, role, secret)

        return await self._asked(ask)

    async def _asked(self, ask: Callable[[], T]) -> T:
        try:
            return await self._threads.call(ask)
        except TimeoutError:
            problem = "Vault did not answer in time"
            raise Unresolved(problem, FailureKind.SECRETS_AWAY) from None
