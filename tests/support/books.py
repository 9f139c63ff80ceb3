"""The database of a bot under test, read by plain SQL: by somebody else than the code that wrote it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Protocol

import asyncpg  # type: ignore[import-untyped]

Row = dict[str, Any]


class Books(Protocol):
    """The database, read by somebody else than the code under test."""

    url: str

    async def rows(self, sql: str) -> list[Row]:
        """What this query gives; no rows while there are no tables yet."""
        ...

    async def close(self) -> None:
        """Read no more."""
        ...


class SqliteBooks:
    """One connection to the file, which reads and never waits."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._file = Path(url.removeprefix("sqlite://"))
        self._connection: sqlite3.Connection | None = None

    async def rows(self, sql: str) -> list[Row]:
        """What this query gives."""
        if not self._file.exists():
            return []
        if self._connection is None:
            self._connection = sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, timeout=60)
            self._connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in self._connection.execute(sql)]
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise

    async def close(self) -> None:
        """Read no more."""
        if self._connection is not None:
            self._connection.close()


class PostgresBooks:
    """One connection beside those of ``serve``."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection: asyncpg.Connection | None = None

    async def rows(self, sql: str) -> list[Row]:
        """What this query gives."""
        if self._connection is None:
            self._connection = await asyncpg.connect(self.url)
        try:
            return [dict(row) for row in await self._connection.fetch(sql)]
        except asyncpg.UndefinedTableError:
            return []

    async def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            await self._connection.close()
