"""Who uses the database to run things: one process at a time, whatever archive it was given.

PostgreSQL keeps an advisory lock as long as one connection lives; beside an SQLite file lies a lock file. Both are free
again the moment their process ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from storage.database.opening import StorageError
from storage.database.statements import connection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SOLE_USER_LOCK = 0x1A57600E  # PostgreSQL's advisory lock of the process that runs things
LEASE_TIMEOUT = 10  # seconds: for one question to PostgreSQL

# A machine that loses its power says no goodbye: PostgreSQL asks after it, and gives the lock free within a minute.
_KEEP_ALIVE = "SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"


class Lease(Protocol):
    """The right to run things."""

    async def check(self) -> None:
        """Make sure that it is still ours, and take it again if it was lost.

        Raises:
            StorageError: another process has it now.
        """
        ...


@asynccontextmanager
async def sole_user(url: str) -> AsyncIterator[Lease]:
    """Be the only process that runs things on the open database at ``url``, until the block is left.

    Raises:
        StorageError: another process is.
    """
    lease = _FileLease(url) if url.startswith("sqlite:") else _PostgresLease()
    await lease.take()
    try:
        yield lease
    finally:
        await lease.give_back()


class _FileLease:
    def __init__(self, url: str) -> None:
        path = url.removeprefix("sqlite://")
        self._path = None if path == ":memory:" else Path(f"{os.path.realpath(path)}.lock")
        self._descriptor: int | None = None

    async def take(self) -> None:
        if self._path is None:
            return
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            await self.give_back()
            raise _taken() from error

    async def check(self) -> None:
        if self._path is None or (self._descriptor is not None and self._is_there(self._path, self._descriptor)):
            return
        await self.give_back()  # somebody removed the file: another process would lock a new one
        await self.take()

    async def give_back(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @staticmethod
    def _is_there(path: Path, descriptor: int) -> bool:
        return path.exists() and os.path.samestat(path.stat(), os.fstat(descriptor))


class _PostgresLease:
    def __init__(self) -> None:
        self._held: Any = None  # a connection of the pool

    async def take(self) -> None:
        pool = connection()._pool  # noqa: SLF001 - Tortoise offers no other way
        held = await pool.acquire(timeout=LEASE_TIMEOUT)
        try:
            await held.execute(_KEEP_ALIVE)
            is_ours = await held.fetchval("SELECT pg_try_advisory_lock($1)", SOLE_USER_LOCK)
        except BaseException:
            await pool.release(held)
            raise
        if not is_ours:
            await pool.release(held)
            raise _taken()
        self._held = held

    async def check(self) -> None:
        try:
            await self._held.fetchval("SELECT 1", timeout=LEASE_TIMEOUT)
        except Exception:  # noqa: BLE001 - whatever ended it: the lock went with the connection
            await self.give_back()
            await self.take()

    async def give_back(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            pool = connection()._pool  # noqa: SLF001 - the same
            await pool.release(held)  # which unlocks whatever it holds


def _taken() -> StorageError:
    return StorageError(
        "the database is in use",
        advice="Another Lastgood already uses this database. Stop it, or give this one a database of its own.",
    )
