"""Tortoise's client for PostgreSQL with a fault mended; the address of the database selects it as its engine.

A transaction that is cancelled while it begins gives its connection back: Tortoise's own would keep it, and after
a few of them the pool would be empty for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionContextPooled
from tortoise.connection import get_connections

if TYPE_CHECKING:
    from tortoise.backends.base.client import TransactionalDBClient, TransactionContext


class _Context(TransactionContextPooled):
    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        pool = self.client._parent._pool  # noqa: SLF001 - Tortoise offers no other way
        connection = await pool.acquire()
        try:
            self.client._connection = connection  # noqa: SLF001 - the same
            await self.client.begin()
        except BaseException:
            await pool.release(connection)  # rolls back what has begun, and goes on when it is cancelled itself
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client


class PostgresPool(AsyncpgDBClient):
    """PostgreSQL, a pool of connections."""

    def _in_transaction(self) -> TransactionContext:
        return _Context(TransactionWrapper(self), self._pool_init_lock)


client_class = PostgresPool
