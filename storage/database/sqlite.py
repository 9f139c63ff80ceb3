"""Tortoise's client for SQLite with four faults mended; the address of the database selects it as its engine.

A transaction takes the write lock at once: one that reads first and writes later would fail when another process,
such as the command line, wrote in between. And a transaction that is cancelled while it begins gives everything
back: Tortoise's own would keep its lock, and with it the whole database, for ever. And a script within a
transaction stays within it. And times are read by C: Tortoise's own way of it costs more than the query.
"""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import datetime
from typing import TYPE_CHECKING

import aiosqlite
from tortoise.backends.base.client import NestedTransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tortoise.backends.base.client import TransactionalDBClient, TransactionContext


class _Transaction(SqliteTransactionWrapper):
    async def begin(self) -> None:
        await self._connection.execute("BEGIN IMMEDIATE")

    async def execute_script(self, query: str) -> None:
        """Run the statements one by one: sqlite3 commits before a script, and a half upgraded schema would stay."""
        for statement in _statements(query):
            await self.execute_query(statement)

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(_Transaction(self))


class _Context(SqliteTransactionContext):
    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:
            await self._give_back()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return self.connection  # type: ignore[no-any-return]

    async def _give_back(self) -> None:
        """Undo a BEGIN that may already be on its way to the thread that owns the connection."""
        try:
            if self.connection._connection:  # noqa: SLF001 - Tortoise offers no other way
                await asyncio.shield(self.connection._connection.rollback())  # noqa: SLF001 - the same
        finally:
            self._trxlock.release()


class SqliteConnection(SqliteClient):
    """SQLite, one connection for the process."""

    async def create_connection(self, with_db: bool) -> None:  # noqa: ARG002, FBT001 - Tortoise's signature
        """Open the file once, with the settings given, so that its columns of times come as times."""
        if self._connection:
            return
        self._connection = await aiosqlite.connect(
            self.filename, isolation_level=None, detect_types=sqlite3.PARSE_DECLTYPES
        )
        self._connection.row_factory = sqlite3.Row
        for name, value in self.pragmas.items():
            await self._connection.execute_fetchall(f"PRAGMA {name}={value}")
        await self._post_connect()

    def _in_transaction(self) -> TransactionContext:
        return _Context(_Transaction(self), self._lock)


client_class = SqliteConnection
sqlite3.register_converter("timestamp", lambda text: datetime.fromisoformat(text.decode()))


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for part in script.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
