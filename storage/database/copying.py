"""A copy of the database as it is at one moment, made beside whoever works with it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

from storage.database.opening import StorageError

COPY_TIMEOUT = 6 * 3600  # seconds
SQLITE_COPY, POSTGRES_COPY = "lastgood.db", "lastgood.dump"


def copy_database(url: str, folder: Path) -> Path:
    """Write a copy into ``folder`` in the place of an earlier one, whole or not at all; returns the file.

    Raises:
        StorageError: it cannot be copied.
    """
    is_file = url.startswith("sqlite:")
    target = folder / (SQLITE_COPY if is_file else POSTGRES_COPY)
    fresh = target.with_name(f"{target.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    try:
        if is_file:
            _copy_sqlite(Path(url.removeprefix("sqlite://")), fresh)
        else:
            _copy_postgres(url, fresh)
    except (OSError, sqlite3.Error, subprocess.SubprocessError) as error:
        raise StorageError(
            f"cannot copy the database: {type(error).__name__}: {error}",
            advice="The database could not be copied. Is it there, is there room, and is pg_dump installed?",
        ) from error
    fresh.replace(target)
    return target


def _copy_sqlite(file: Path, target: Path) -> None:
    """In one step, within one read transaction: writers go on meanwhile."""
    with (
        closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=60)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it


def _copy_postgres(url: str, target: Path) -> None:
    """By PostgreSQL's own tool; the password goes through the environment, where no list of processes shows it."""
    parts = urlsplit(url)
    places = {
        "PGHOST": parts.hostname,
        "PGPORT": str(parts.port) if parts.port else None,
        "PGUSER": unquote(parts.username) if parts.username else None,
        "PGPASSWORD": unquote(parts.password) if parts.password else None,
        "PGDATABASE": unquote(parts.path.lstrip("/")),
    }
    done = subprocess.run(  # noqa: S603 - our own arguments
        ["pg_dump", "--format=custom", "--no-password", "--file", str(target)],  # noqa: S607 - the system's
        env=os.environ | {name: value for name, value in places.items() if value},
        capture_output=True,
        text=True,
        check=False,
        timeout=COPY_TIMEOUT,
    )
    if done.returncode:
        raise OSError(done.stderr.strip()[:500])
