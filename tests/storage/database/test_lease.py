"""One process at a time runs things on a database; it is free again when that one ends, however it ends."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg  # type: ignore[import-untyped]
import pytest

from storage.database.lease import SOLE_USER_LOCK, sole_user
from storage.database.opening import StorageError, database
from storage.runs import runs
from storage.runs.numbering import go_on_behind
from tests.storage.values import add_run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def holder(address: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another process that has it."""
    arguments = ["-m", "tests.storage.database.holding", address]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout
        assert await process.stdout.readline() == b"held\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_second_process_is_refused_until_the_first_is_killed(address: str) -> None:
    async with holder(address) as first, database(address):
        with pytest.raises(StorageError) as caught:
            async with sole_user(address):
                pass
        assert "Another Lastgood already uses this database" in caught.value.advice
        assert await runs.unfinished_runs() == []  # reading goes on

        first.kill()
        await first.wait()
        async with asyncio.timeout(60):
            while not await can_have_it(address):  # noqa: ASYNC110 - another process sets no event here
                await asyncio.sleep(0.05)


async def can_have_it(address: str) -> bool:
    """Whether it is free; PostgreSQL notices the end of a process a moment later."""
    try:
        async with sole_user(address) as lease:
            await lease.check()
            return True
    except StorageError:
        return False


async def test_other_names_of_a_file_are_the_same_database(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real.db")
    async with holder(f"sqlite://{tmp_path / 'real.db'}"), database(f"sqlite://{tmp_path / 'link'}"):
        assert not await can_have_it(f"sqlite://{tmp_path / 'link'}")


async def test_lock_file_that_was_removed_is_made_again(tmp_path: Path) -> None:
    address = f"sqlite://{tmp_path / 'x.db'}"
    async with database(address), sole_user(address) as lease:
        (tmp_path / "x.db.lock").unlink()

        await lease.check()

        assert (tmp_path / "x.db.lock").exists()


async def test_lock_that_could_not_be_taken_again_is_taken_as_soon_as_it_can_be(tmp_path: Path) -> None:
    address, lock = f"sqlite://{tmp_path / 'x.db'}", tmp_path / "x.db.lock"
    async with database(address), sole_user(address) as lease:
        lock.unlink()
        lock.mkdir()  # nothing can be locked here
        with pytest.raises(OSError, match=r"x\.db\.lock"):
            await lease.check()
        lock.rmdir()

        await lease.check()

        assert not await can_have_it(address)
        assert not await can_have_it(address)


@pytest.mark.parametrize("address", ["postgres"], indirect=True)
async def test_lock_that_was_lost_with_its_connection_is_taken_again_unless_another_has_it(address: str) -> None:
    beside = await asyncpg.connect(address)
    async with database(address), sole_user(address) as lease:
        await beside.execute(_END_HOLDER)
        await lease.check()
        assert not await taken_by(beside)

        await beside.execute(_END_HOLDER)
        async with asyncio.timeout(60):
            while not await taken_by(beside):  # noqa: ASYNC110 - the same
                await asyncio.sleep(0.05)
        with pytest.raises(StorageError):
            await lease.check()
    await beside.close()


async def taken_by(other: asyncpg.Connection) -> bool:
    """Whether another connection gets it now."""
    return bool(await other.fetchval("SELECT pg_try_advisory_lock($1)", SOLE_USER_LOCK))


_END_HOLDER = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""  # the process that holds it is cut off as a restart of PostgreSQL does


@pytest.mark.parametrize(("before", "highest", "after"), [(0, 41, 42), (3, 41, 42), (3, 2, 4), (0, 0, 1)])
async def test_numbers_of_runs_go_on_behind_the_highest_that_is_known(
    address: str, before: int, highest: int, after: int
) -> None:
    async with database(address):
        for _ in range(before):
            await add_run()

        await go_on_behind(highest)

        assert (await add_run()).id == after
