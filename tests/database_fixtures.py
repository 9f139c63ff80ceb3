"""Empty databases for tests of any room: SQLite in a file, PostgreSQL where a server is reachable."""

from __future__ import annotations

import os
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NoReturn

import asyncpg  # type: ignore[import-untyped]
import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

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


def skip_or_fail(reason: str) -> NoReturn:
    """Skip this test, or fail it where every test must run."""
    if os.environ.get("LASTGOOD_TEST_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


async def _ask_server(statement: str) -> None:
    try:
        connection = await asyncpg.connect(f"{SERVER}/postgres", timeout=5)
    except (OSError, asyncpg.PostgresError) as error:
        skip_or_fail(f"no PostgreSQL at {SERVER.rpartition('@')[2]}: {error}")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
