"""Opening the database: its schema, its locks, and what a kill does to it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.transactions import in_transaction

from storage.database.opening import APPS, StorageError, database
from storage.database.statements import fetch
from storage.messages import outbox
from storage.runs import runs
from tests.storage.values import NOW, add_run, new_run
from tests.support.database_fixtures import migrate_file

ROOT = Path(__file__).parents[3]


async def test_models_and_migrations_agree(storage: str) -> None:
    from tortoise.context import require_context  # noqa: PLC0415 - only here

    context = require_context()
    assert context.apps
    assert storage

    pending = await MigrationAutodetector(context.apps, APPS).changes()

    assert [writer.name for writer in pending] == []


async def test_what_was_written_is_there_after_a_restart(address: str) -> None:
    async with database(address):
        run = await add_run()

    async with database(address):
        assert await runs.run_by_id(run.id) == run


async def test_a_newer_schema_is_refused(address: str) -> None:
    async with database(address):
        await fetch(
            "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ($1, $2, $3)",
            ["storage", "9999_of_a_later_version", NOW],
        )

    with pytest.raises(StorageError, match="9999_of_a_later_version") as caught:
        async with database(address):
            pass

    assert "newer Lastgood" in caught.value.advice


async def test_there_is_one_database_in_a_process(storage: str) -> None:
    with pytest.raises(StorageError, match="already open"):
        async with database(storage):
            pass

    assert await runs.unfinished_runs() == []


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("mysql://root@localhost/x", id="unknown kind"),
        pytest.param("postgres://postgres@127.0.0.1:1/x", id="nobody there"),
        pytest.param("sqlite:///proc/nowhere/x.db", id="no such folder"),
    ],
)
async def test_a_database_that_cannot_be_opened_says_what_to_check(url: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        async with database(url):
            pass
    assert "app.yaml" in caught.value.advice

    await migrate_file(tmp_path / "x.db")
    async with database(f"sqlite://{tmp_path / 'x.db'}"):
        assert await runs.unfinished_runs() == []


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"not a database " * 100)

    with pytest.raises(StorageError):
        async with database(f"sqlite://{tmp_path / 'x.db'}"):
            pass


async def test_the_folder_of_the_database_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    async with database(f"sqlite://{tmp_path / 'data' / 'x.db'}"):
        [mode] = await fetch("PRAGMA journal_mode", [])
        [flush] = await fetch("PRAGMA synchronous", [])
        [keys] = await fetch("PRAGMA foreign_keys", [])

    assert (mode["journal_mode"], flush["synchronous"], keys["foreign_keys"]) == ("wal", 2, 1)
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def modes_in(folder: Path) -> dict[str, int]:
    """The rights of each file."""
    return {one.name: one.stat().st_mode & 0o777 for one in folder.iterdir()}


async def test_the_files_of_the_database_are_their_owners_alone_in_any_folder(tmp_path: Path) -> None:
    async with database(f"sqlite://{tmp_path / 'x.db'}"):
        modes = modes_in(tmp_path)

    assert modes["x.db"] == 0o600
    assert set(modes.values()) == {0o600}


async def opener(address: str, what: str) -> asyncio.subprocess.Process:
    """A process of its own that opens the database at ``address``."""
    arguments = ["-m", "tests.storage.database.opening", address, what]
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT, stdout=subprocess.PIPE)


async def test_processes_that_open_a_new_database_at_once_upgrade_it_once(address: str) -> None:
    openers = [await opener(address, "only open") for _ in range(3)]

    said = [(await process.communicate())[0] for process in openers]

    assert said == [b"open\n"] * 3
    async with database(address):
        applied = await fetch("SELECT name FROM tortoise_migrations WHERE app = $1", ["storage"])
    migrations = sorted(path.stem for path in (ROOT / "storage" / "migrations").glob("0*.py"))
    assert sorted(row["name"] for row in applied) == migrations


async def test_a_killed_process_loses_nothing_that_was_acknowledged(address: str) -> None:
    process = await opener(address, "add")
    assert process.stdout
    said = [await process.stdout.readline() for _ in range(20)]

    process.kill()
    said += (await process.stdout.read()).splitlines(keepends=True)
    await process.wait()

    acknowledged = {int(line) for line in said[1:] if line.endswith(b"\n")}
    async with database(address):
        assert acknowledged <= {run.id for run in await runs.unfinished_runs()}
    assert len(acknowledged) >= 19


@pytest.mark.usefixtures("storage")
@pytest.mark.parametrize("steps", range(12))
async def test_a_transaction_cancelled_at_any_step_leaves_the_database_usable(steps: int) -> None:
    adding = [asyncio.create_task(runs.add_runs([new_run()])) for _ in range(10)]
    for _ in range(steps):
        await asyncio.sleep(0)

    for task in adding:
        task.cancel()
    await asyncio.gather(*adding, return_exceptions=True)

    async with asyncio.timeout(120):
        added = [await add_run() for _ in range(10)]
    assert set(added) <= set(await runs.unfinished_runs())


@pytest.mark.usefixtures("storage")
async def test_a_transaction_that_fails_takes_everything_back() -> None:
    async def add_and_fail() -> None:
        async with in_transaction():
            await add_run()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await add_and_fail()

    assert await runs.unfinished_runs() == []


PLANS = {
    "unfinished": "SELECT * FROM run WHERE outcome IN ('pending', 'in_progress')",
    "overdue": "SELECT * FROM run WHERE outcome IN ('pending', 'in_progress') AND deadline <= '2026' ORDER BY deadline",
    "unannounced": "SELECT * FROM run WHERE announced = 0 ORDER BY id LIMIT 9",
    "history of a site": "SELECT * FROM run WHERE site = 'a' AND id < 9 ORDER BY id DESC LIMIT 9",
    "failures of a site": "SELECT * FROM run WHERE site = 'a' AND outcome = 'failed' ORDER BY id DESC LIMIT 9",
    "history of a device": "SELECT * FROM run WHERE device = 'a' AND id < 9 ORDER BY id DESC LIMIT 9",
    "history of a job": "SELECT id FROM run WHERE job = 1 AND site IN ('a', 'b') AND id < 9 ORDER BY id DESC LIMIT 9",
    "history of a person": "SELECT id FROM run WHERE asked_by = 'U' AND site IN ('a') ORDER BY id LIMIT 9",
    "runs by hand": "SELECT id FROM run WHERE site = 'a' AND trigger = 'm' AND outcome = 'failed' ORDER BY id LIMIT 9",
    "first since": "SELECT id FROM run WHERE created_at >= '2026' ORDER BY created_at, id LIMIT 1",
    "jobs that are due": "SELECT * FROM job WHERE next_run_at <= '2026' ORDER BY next_run_at, id LIMIT 9",
    "jobs by name": "SELECT * FROM job WHERE deleted = 0 AND live_name > 'a' ORDER BY live_name, id LIMIT 9",
    "slots of a job": "SELECT * FROM slot WHERE job = 1 AND due_at < '2026' ORDER BY due_at DESC LIMIT 9",
    "batch": "SELECT outcome, COUNT(id) FROM run WHERE batch_id = 1 GROUP BY outcome",
    "versions": "SELECT * FROM version WHERE device = 'a' AND number < 9 ORDER BY number DESC LIMIT 9",
    "newest commit": "SELECT * FROM version WHERE site = 'a' ORDER BY id DESC LIMIT 1",
    "due": outbox._DUE.format(which=outbox._OTHERS, elsewhere="").replace("$1", "'2026'").replace("$2", "9"),  # noqa: SLF001 - its plan is the point
    "events to be told": "SELECT * FROM event_group WHERE is_told = 0 ORDER BY id LIMIT 9",
    "group that takes an event": "SELECT * FROM event_group WHERE notice = 'f' AND site = 'a' ORDER BY id DESC LIMIT 1",
    "group of a batch": "SELECT * FROM event_group WHERE notice = 'f' AND batch = 1 ORDER BY id DESC LIMIT 1",
    "events of a group": "SELECT * FROM event WHERE event_group = 1 ORDER BY id LIMIT 9",
    "events of runs": "SELECT * FROM event WHERE run IN (1, 2)",
    "deferred for a person": "SELECT * FROM deferred_event WHERE wait = 'q' AND person = 'U' ORDER BY event LIMIT 9",
    "persons with deferred events": "SELECT DISTINCT person FROM deferred_event WHERE wait = 'q' ORDER BY person",
    "deferred of a group": "SELECT * FROM deferred_event WHERE event_group = 1",
    "events to forget": "SELECT id FROM event_group WHERE last_at < '2026' ORDER BY last_at, id LIMIT 9",
    "subscriptions at a site": "SELECT * FROM subscription WHERE site = 'a'",
    "routes to a channel": "SELECT * FROM route WHERE channel = 'C' ORDER BY id",
    "mutes that are over": "SELECT * FROM profile WHERE muted_until <= '2026' ORDER BY muted_until, person LIMIT 9",
    "clean-up": "DELETE FROM seen_event WHERE seen_at < '2026'",
}


@pytest.mark.parametrize("question", PLANS)
async def test_every_list_has_an_index_behind_it(question: str, tmp_path: Path) -> None:
    await migrate_file(tmp_path / "x.db")
    async with database(f"sqlite://{tmp_path / 'x.db'}"):
        plan = [row["detail"] for row in await fetch(f"EXPLAIN QUERY PLAN {PLANS[question]}", [])]

    assert [step for step in plan if step.startswith("SCAN") and "CONSTANT" not in step] == []
    assert any("USING" in step and "INDEX" in step for step in plan)
