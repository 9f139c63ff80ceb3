"""Opening the database: its address, its schema, and who else may be opening it."""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tortoise.backends.base.config_generator import expand_db_url
from tortoise.context import TortoiseContext, set_global_context
from tortoise.exceptions import ConfigurationError
from tortoise.migrations.executor import MigrationExecutor
from tortoise.transactions import in_transaction

from domain.errors import LastgoodError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tortoise.backends.base.client import BaseDBAsyncClient

MIGRATION_LOCK = 0x1A57600D  # PostgreSQL's advisory lock while the schema is upgraded

# Names of asyncpg's errors, whose classes are none of this file's business.
_LASTING = frozenset({"InvalidPasswordError", "InvalidAuthorizationSpecificationError", "InvalidCatalogNameError"})

APPS = {
    "storage": {
        "models": [
            "storage.tables.core",
            "storage.tables.jobs",
            "storage.tables.access",
            "storage.tables.subscriptions",
            "storage.tables.audit",
            "storage.tables.events",
        ],
        "default_connection": "default",
        "migrations": "storage.migrations",
    }
}


class StorageError(LastgoodError):
    """The database cannot be used."""

    def __init__(self, facts: str, *, advice: str) -> None:
        super().__init__(facts)
        self.advice = advice


class StorageAway(StorageError):
    """The database cannot be used now; later it may, without anybody changing the settings."""


@asynccontextmanager
async def database(url: str) -> AsyncIterator[None]:
    """Open the database at ``url``, bring its schema up to date, and close it at the end.

    While it is open the queries of this room work from every task of the loop, whatever context it was made in.

    Args:
        url: ``sqlite://data/lastgood.db`` (relative), ``sqlite:///var/lib/lastgood.db`` (absolute; folders are made),
            or ``postgres://user:password@host:port/name``.

    Raises:
        StorageAway: it cannot be reached now, or not be written.
        StorageError: no such kind of database, it lets nobody in, or its schema is newer than this program.
    """
    context = TortoiseContext()
    _make_known(context)
    try:
        await _open(context, url)
        yield
    finally:
        await context.close_connections()  # and no longer known


def is_unborn(url: str) -> bool:
    """Whether opening the database at ``url`` would make it: nothing can be known from it."""
    path = url.removeprefix("sqlite://")
    return path not in {url, ":memory:"} and not Path(path).exists()


def _make_known(context: TortoiseContext) -> None:
    """Tasks made elsewhere do not inherit a context of ours, hence Tortoise's fallback for the whole process."""
    try:
        set_global_context(context)
    except ConfigurationError as error:
        raise StorageError(
            "a database is already open in this process", advice="Only one database can be open at a time."
        ) from error


async def _open(context: TortoiseContext, url: str) -> None:
    try:
        connection = _connection(url)
        await context.init(
            config={"connections": {"default": connection}, "apps": APPS, "use_tz": True, "timezone": "UTC"}
        )
        await _upgrade(context.db())
    except StorageError:
        raise
    except Exception as error:  # the drivers have trees of their own, and whatever it is, it cannot be opened
        kind = StorageError if _is_lasting(error) else StorageAway
        raise kind(
            f"cannot open the database: {error}",
            advice=(
                "The database cannot be opened. Check `database` in app.yaml. Is the database running, and has "
                "its user the rights?"
            ),
        ) from error


def _is_lasting(error: BaseException) -> bool:
    """Whether trying again cannot help: the settings are wrong, or the file is no database."""
    chain = error.__cause__ or error.__context__
    named = type(error) is sqlite3.DatabaseError or isinstance(error, PermissionError)
    return named or type(error).__name__ in _LASTING or (chain is not None and _is_lasting(chain))


def _connection(url: str) -> dict[str, Any]:
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        return _sqlite(url)
    if scheme in {"postgres", "postgresql", "asyncpg"}:
        return _postgres(url)
    raise StorageError(
        f"unknown kind of database: {scheme!r}",
        advice="`database` in app.yaml starts with sqlite:// or postgres://.",
    )


def _sqlite(url: str) -> dict[str, Any]:
    """Write-ahead log, so that readers do not wait; flushed at every commit.

    ``synchronous=FULL`` costs one flush for each transaction. Without it a killed process loses nothing either,
    but a power cut takes back what was acknowledged, and a message already sent to Slack would be sent again.
    Runs are written in batches, so a flush is shared by many of them.
    """
    path = url.removeprefix("sqlite://")
    if path != ":memory:":
        _make_private(Path(path))
    credentials = {
        "file_path": path,
        "journal_mode": "WAL",
        "synchronous": "FULL",
        "busy_timeout": 10_000,  # milliseconds
        "foreign_keys": "ON",
        "journal_size_limit": 64 * 1024 * 1024,
        "cache_size": -32_768,  # KiB
    }
    return {"engine": "storage.database.sqlite", "credentials": credentials}


def _make_private(path: Path) -> None:
    """A new database is its owner's alone, also in a folder that others may read: SQLite's other files follow it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)


def _postgres(url: str) -> dict[str, Any]:
    # Eight connections for the work, and one that is held as long as this process runs things.
    expanded = expand_db_url(url)
    limits = {"minsize": 1, "maxsize": 9, "timeout": 10, "command_timeout": 60}
    return {"engine": "storage.database.postgres", "credentials": expanded["credentials"] | limits}


async def _upgrade(client: BaseDBAsyncClient) -> None:
    """Apply what is missing, in one transaction that other processes wait for.

    SQLite locks the file as the transaction begins; PostgreSQL is asked for a lock.
    """
    async with in_transaction() as transaction:
        if client.capabilities.dialect == "postgres":
            await transaction.execute_query(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        executor = MigrationExecutor(transaction, APPS)
        # First, because the question for a table that is not there ends PostgreSQL's transaction.
        await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))  # noqa: SLF001 - no other way
        await executor.loader.build_graph()
        await _refuse_newer(executor)
        await executor.migrate(direction="forward")


async def _refuse_newer(executor: MigrationExecutor) -> None:
    newer = sorted(key.name for key in executor.loader.applied_migrations - set(executor.loader.disk_migrations))
    if newer:
        raise StorageError(
            f"schema is newer than this program: {', '.join(newer)}",
            advice="A newer Lastgood has already upgraded this database. Install that version, or restore a backup.",
        )
