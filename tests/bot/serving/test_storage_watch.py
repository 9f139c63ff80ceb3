"""Disk and database as a part of health: each way in which they take nothing more is done for real."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import asyncpg  # type: ignore[import-untyped]
import pytest

from bot.metrics import Metrics
from bot.serving.storage_watch import MIN_FREE_DISK, StorageWatch, look_at
from storage.database.opening import database
from tests.support.clock import MovedClock
from tests.support.database_fixtures import SERVER, migrate_file, migrated_database
from tests.support.real_devices import skip_or_fail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AMPLE = MIN_FREE_DISK * 2


@contextmanager
def disk(folder: Path, *, size: int = AMPLE, inodes: int = 10_000) -> Iterator[Path]:
    """A small disk of its own, in memory."""
    if os.geteuid() != 0:
        pytest.skip("mounting a disk takes root")
    folder.mkdir()
    options = f"size={size},nr_inodes={inodes},mode=700"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=False, capture_output=True)  # noqa: S603, S607 - fixed words
    if mounted.returncode:
        skip_or_fail(f"no disk can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)  # noqa: S603, S607 - the same


def fill(folder: Path, *, leave: int) -> None:
    """Write until no more than ``leave`` bytes are free."""
    facts = os.statvfs(folder)
    with (folder / "ballast").open("wb") as file:
        for _ in range((facts.f_bavail * facts.f_frsize - leave) // 65536):
            file.write(b"\0" * 65536)


def fill_up(folder: Path) -> None:
    """Write until nothing more fits."""
    with suppress(OSError), (folder / "rest").open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)


def watch(archive: Path, file: Path | None) -> StorageWatch:
    settings: Any = SimpleNamespace(archive=archive, database_file=file)
    return StorageWatch(settings, clock=MovedClock(), metrics=Metrics())


def test_a_full_disk_a_nearly_full_one_and_one_without_inodes_are_told_apart(tmp_path: Path) -> None:
    with disk(tmp_path / "one") as folder:
        _, fine = look_at(folder)
        fill(folder, leave=MIN_FREE_DISK // 2)
        _, nearly = look_at(folder)
        fill_up(folder)
        _, full = look_at(folder)
    with disk(tmp_path / "two", inodes=60) as folder:
        _, few = look_at(folder)
        with suppress(OSError):
            for number in range(99):
                (folder / str(number)).touch()
        _, none = look_at(folder)

    assert fine == ""
    assert nearly.startswith("the disk is nearly full: ")
    assert few.startswith("the disk takes hardly any more files: ")
    assert (full, none) == ("the disk is full", "the disk is full")


def test_a_disk_that_became_read_only_and_a_folder_that_is_gone_are_named(tmp_path: Path) -> None:
    with disk(tmp_path / "one") as folder:
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)  # noqa: S603, S607 - fixed words
        _, read_only = look_at(folder)

    _, gone = look_at(tmp_path / "nowhere")

    assert (read_only, gone) == ("the disk is read-only", "the folder is gone")


async def test_a_database_on_a_full_disk_is_not_healthy_until_there_is_room_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    archive = tmp_path / "archive"
    archive.mkdir()
    with disk(tmp_path / "one") as folder:
        file = folder / "lastgood.db"
        await migrate_file(file)
        async with database(f"sqlite://{file}"):
            looking = watch(archive, file)
            await looking.tick()
            before = looking.works
            fill_up(folder)
            await looking.tick()
            full, problems = looking.works, dict(looking.problems)
            (folder / "rest").unlink()
            await looking.tick()
            after = looking.works

    assert (before, full, after) == (True, False, True)
    assert problems.keys() >= {"database"}
    assert [record.getMessage() for record in caplog.records if record.name.endswith("storage_watch")] == [
        "what must be kept cannot be written",
        "storage works again",
    ]


async def test_a_database_that_only_answers_questions_is_not_healthy(tmp_path: Path) -> None:
    async with migrated_database("postgres", tmp_path) as url, database(url):
        looking = watch(tmp_path, None)
        await looking.tick()
        works = looking.works
        try:
            await ask(url, "ALTER DATABASE {name} SET default_transaction_read_only = on")
            for _ in range(2):  # the first one may still have a connection that has just been ended
                await looking.tick()
        finally:
            await ask(url, "ALTER DATABASE {name} RESET default_transaction_read_only")
        problems = dict(looking.problems)
        for _ in range(2):
            await looking.tick()
        after = looking.works

    assert (works, after) == (True, True)
    assert "read-only transaction" in problems["database"]


async def ask(url: str, statement: str) -> None:
    """Have the server do something to the database, and end all connections with it, so that it holds for all."""
    name = url.rpartition("/")[2]
    admin = await asyncpg.connect(f"{SERVER}/postgres" if SERVER.count("/") < 3 else SERVER)
    try:
        await admin.execute(statement.format(name=f'"{name}"'))
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
    finally:
        await admin.close()
