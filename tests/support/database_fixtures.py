"""Empty databases for tests of any room: SQLite in a file, PostgreSQL where a server is reachable."""

from __future__ import annotations

import asyncio
import atexit
import os
import tempfile
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import asyncpg  # type: ignore[import-untyped]
import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from storage.database.opening import database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SERVER = os.environ.get("LASTGOOD_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432")
BOTH = ("sqlite", "postgres")


@asynccontextmanager
async def empty_database(kind: str, folder: Path) -> AsyncIterator[str]:
    """The address of an empty database of this kind, gone afterwards: ``sqlite`` or ``postgres``."""
    if kind == "sqlite":
        yield f"sqlite://{folder / 'lastgood.db'}"
        return
    name = f"lastgood_test_{uuid.uuid4().hex}"
    await _ask_server(f'CREATE DATABASE "{name}"')
    try:
        yield f"{SERVER}/{name}"
    finally:
        await _ask_server(f'DROP DATABASE "{name}" WITH (FORCE)')


@asynccontextmanager
async def migrated_database(kind: str, folder: Path) -> AsyncIterator[str]:
    """As ``empty_database``, with every table in it and nothing in the tables: what this process has migrated once."""
    EXECUTOR_CACHE.clear()  # Tortoise keeps statements for each table, whatever kind of database they were written for
    if kind == "sqlite":
        await migrate_file(folder / "lastgood.db")
        yield f"sqlite://{folder / 'lastgood.db'}"
        return
    yield f"{SERVER}/{await _emptied()}"


async def migrate_file(path: Path) -> None:
    """Make ``path`` an SQLite database with every table in it, unless there is one: opening it then takes no time."""
    content = await _migrated_file()
    if not path.exists():  # noqa: ASYNC240 - nobody waits for this loop
        path.write_bytes(content)  # noqa: ASYNC240 - the same


async def _migrated_file() -> bytes:
    if not _made.file:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "lastgood.db"
            async with database(f"sqlite://{path}"):
                pass
            _made.file = path.read_bytes()
    return _made.file


async def _emptied() -> str:
    """The name of this process's own migrated database, emptied; it is dropped when the process ends.

    Making one for each test would take a second: for the tables, and for the flush of the disk when it is dropped.
    """
    if not _made.name:
        name = f"lastgood_test_{uuid.uuid4().hex}"
        await _ask_server(f'CREATE DATABASE "{name}"')
        atexit.register(lambda: asyncio.run(_ask_server(f'DROP DATABASE "{name}" WITH (FORCE)')))
        async with database(f"{SERVER}/{name}"):
            _made.name = name
    await _ask_server(_EMPTY, database=_made.name)
    return _made.name


_EMPTY = """
DO $$ BEGIN
    EXECUTE (SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') || ' RESTART IDENTITY CASCADE'
             FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations');
END $$
"""


@dataclass
class _Made:
    """What was migrated once for all tests of this process."""

    name: str = ""
    file: bytes = b""


_made = _Made()


def skip_or_fail(reason: str) -> NoReturn:
    """Skip this test, or fail it where every test must run."""
    if os.environ.get("LASTGOOD_TEST_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


async def _ask_server(statement: str, *, database: str = "postgres") -> None:
    try:
        connection = await asyncpg.connect(f"{SERVER}/{database}", timeout=60)
    except (OSError, asyncpg.PostgresError) as error:
        skip_or_fail(f"no PostgreSQL at {SERVER.rpartition('@')[2]}: {error}")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
