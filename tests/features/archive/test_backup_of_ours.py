"""Copies made while every device changes, and two bots on one database: the real ``serve``, killed at the end."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from storage.archive.files import file_of
from tests.storage.archive.repositories import complaints, git
from tests.support.books import PostgresBooks, SqliteBooks
from tests.support.database_fixtures import empty_database
from tests.support.serve_process import ServeProcess, Works, until, works

if TYPE_CHECKING:
    from tests.support.books import Books, Row

COPIES = 3
FIRST_ROUNDS = 2


async def lastgood(here: Works, *words: str, config: str = "app.yaml") -> tuple[int, str]:
    """What a command ends with and says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words, "--config", str(here.folder / config)),
        env=os.environ | here.environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


def another(here: Works, name: str, **changes: Any) -> ServeProcess:  # noqa: ANN401 - keys of app.yaml
    """A second bot with the same settings but these."""
    settings = yaml.safe_load((here.folder / "app.yaml").read_text(encoding="utf-8"))
    (here.folder / name).write_text(yaml.safe_dump(settings | changes), encoding="utf-8")
    return ServeProcess(here.folder / name, here.environ)


async def restored_rows(kind: str, copy: Path, url: str) -> list[Row]:
    """The versions that the copied database names, after it was restored to ``url``."""
    if kind == "sqlite":
        with closing(sqlite3.connect(copy / "lastgood.db")) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute("SELECT * FROM version")]
    subprocess.run(["pg_restore", "--no-owner", "--dbname", url, str(copy / "lastgood.dump")], check=True)  # noqa: ASYNC221, S603, S607 - nobody waits for this loop
    books = PostgresBooks(url)
    try:
        return await books.rows("SELECT * FROM version")
    finally:
        await books.close()


def lies_in(copy: Path, versions: list[Row]) -> list[str]:
    """What git finds wrong, and the versions whose text is not there."""
    found = [said for path in (copy / "archive").glob("*.git") if (said := complaints(path))]
    for one in versions:
        repository = copy / "archive" / f"{one['site']}.git"
        place = f"{one['commit']}:{'/'.join(file_of(one['device']))}"
        if "fatal" in git(repository, "cat-file", "-s", place, good=False):
            found.append(place)
    return found


async def changing_for_ever(here: Works, site: str, begun: asyncio.Event) -> None:
    """Every device changes and is backed up, again and again; it has begun when each has some versions."""
    for rounds in count(1):
        await here.change(here.devices)
        await here.ask(f"/backup now {site}", site)
        await until(partial(have_ended, here, rounds * len(here.devices)), "runs end")
        if rounds == FIRST_ROUNDS:
            begun.set()


async def have_ended(here: Works, runs: int) -> bool:
    """Whether so many runs have."""
    return await here.count("run", "finished_at IS NOT NULL") >= runs


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.long)])
async def test_copies_made_while_every_device_changes_are_whole_and_a_bot_starts_on_them(
    kind: str, tmp_path: Path
) -> None:
    async with (
        works(kind, tmp_path, devices=["sw1", "sw2", "sw3", "sw4"]) as here,
        empty_database(kind, tmp_path / "restored") as url,
    ):
        site = here.next_site()
        await here.ready(site)
        begun = asyncio.Event()
        changing = asyncio.create_task(changing_for_ever(here, site, begun))
        await begun.wait()

        ended = [await lastgood(here, "archive", "backup", str(tmp_path / f"copy{number}")) for number in range(COPIES)]
        ended.append(await lastgood(here, "archive", "backup", str(tmp_path / "copy0")))
        changing.cancel()
        await asyncio.gather(changing, return_exceptions=True)
        assert [status for status, _ in ended] == [0] * (COPIES + 1), ended

        found: list[str] = []
        for number in range(1, COPIES):
            versions = (
                await restored_rows(kind, tmp_path / f"copy{number}", url) if number == 1 or kind == "sqlite" else []
            )
            found += lies_in(tmp_path / f"copy{number}", versions)
        assert found == []

        here.serve.kill()
        await here.serve.ended()
        await start_on_copy(here, kind, tmp_path / "copy1", url)


async def start_on_copy(here: Works, kind: str, copy: Path, url: str) -> None:
    """A bot over the copy: what is in its archive is in its database, and every text is there."""
    database = f"sqlite://{copy / 'lastgood.db'}" if kind == "sqlite" else url
    bot = another(here, "copy.yaml", database=database, archive=str(copy / "archive"))
    books: Books = SqliteBooks(database) if kind == "sqlite" else PostgresBooks(database)
    await bot.start()
    try:
        await here.slack.connected(timeout=120)
        await until(lambda: unfinished_is_none(books), "runs end", every=0.05)
        versions = await books.rows("SELECT * FROM version")
        missing = [one for one in versions if one["missing_since"]]
        in_git = sum(
            int(git(path, "rev-list", "--count", "--all").strip()) for path in (copy / "archive").glob("*.git")
        )
        assert (missing, in_git, lies_in(copy, versions)) == ([], len(versions), [])
    finally:
        bot.kill()
        await bot.ended()
        await books.close()


async def unfinished_is_none(books: Books) -> bool:
    """Whether every run that was in progress when the copy was made has ended."""
    rows = await books.rows("SELECT COUNT(*) AS found FROM run WHERE outcome = 'in_progress'")
    return bool(rows) and not rows[0]["found"]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_second_bot_with_another_archive_is_held_off_by_the_database_until_the_first_is_killed(
    kind: str, tmp_path: Path
) -> None:
    async with works(kind, tmp_path, devices=["sw1"]) as here:
        site = here.next_site()
        await here.ready(site)
        second = another(here, "second.yaml", archive=str(tmp_path / "second"))

        await second.start()
        status = await second.ended()

        assert status == 1
        assert "Another Lastgood already uses this database" in second.log.read_text(encoding="utf-8")
        assert not (tmp_path / "second").exists()
        here.serve.kill()
        await here.serve.ended()
        await second.start()
        try:
            await here.slack.connected(timeout=120)
            assert second.is_running
        finally:
            second.kill()
            await second.ended()


async def test_backup_names_what_it_cannot_copy_and_copies_the_rest(tmp_path: Path) -> None:
    async with works("sqlite", tmp_path, devices=["sw1"]) as here:
        site, other = here.next_site(), "plant-02"  # declared ahead, and never backed up
        await here.ready(site)
        await here.ask(f"/backup now {site}", site)
        await until(lambda: have_ended(here, 1), "the run ends")
        shutil.rmtree(here.archive(site))

        status, said = await lastgood(here, "archive", "backup", str(tmp_path / "copy"))

        assert status == 1
        assert f"❌ {site}" in said
        assert f"✅ {other}" in said
        assert (tmp_path / "copy" / "archive" / "key").stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "copy" / "lastgood.db").stat().st_mode & 0o777 == 0o600


def same(file: Path) -> int:
    """What stays the same as long as nobody puts another file in its place."""
    return file.stat().st_ino


async def test_backup_into_lastgoods_own_folders_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    async with works("sqlite", tmp_path, devices=["sw1"]) as here:
        await here.ready(here.next_site())
        file = Path(here.books.url.removeprefix("sqlite://"))
        before = same(file)

        answers = [await lastgood(here, "archive", "backup", str(own)) for own in (file.parent, tmp_path / "data")]

        assert [status for status, _ in answers] == [1, 1]
        assert all("Name another folder" in said for _, said in answers)
        assert same(file) == before
