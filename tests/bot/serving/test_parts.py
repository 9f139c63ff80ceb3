"""The small parts of the shell: the log without secrets, the task pool, the background, the salt."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from bot.background import Background
from bot.logs import blackening_formatter
from bot.requests.task_pool import TaskPool
from bot.serving.salt import installation_salt
from bot.serving.timetable import Timetable
from domain.errors import SettingsError
from storage.archive.archive import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path

SOON = timedelta(seconds=5)


def record(message: str, *arguments: object, **facts: object) -> logging.LogRecord:
    error = RuntimeError("refused xoxb-in-a-traceback")
    traceback = (RuntimeError, error, None)
    found = logging.LogRecord("bot", logging.INFO, __file__, 1, message, arguments, traceback)
    found.__dict__.update(facts)
    return found


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "console"])
@pytest.mark.parametrize(
    "secret",
    [
        pytest.param("xoxb-1234567890-abcdef", id="a bot token"),
        pytest.param("xapp-1-A0LASTGOOD-123-abcdef", id="an app token"),
        pytest.param("8f742231b10e8888abcd", id="the signing secret"),
        pytest.param("https://hooks.slack.com/commands/T1234/567/abcDEF", id="a response URL"),
        pytest.param("wss://wss.slack.com/link/?ticket=12345-abcde", id="a socket's address"),
        pytest.param("postgres://lastgood:hunter22@db/lastgood", id="a password in a URL"),
    ],
)
def test_c4_no_secret_stands_in_a_log_line_wherever_it_came_from(secret: str, *, as_json: bool) -> None:
    formatter = blackening_formatter(as_json=as_json, secrets=["8f742231b10e8888abcd"])

    line = formatter.format(record("sent %s", secret, where=secret, deep={"in": [secret]}))

    end = secret.rpartition("/")[2].rpartition("=")[2].rpartition(":")[2].split("@")[0]
    assert "[redacted]" in line
    assert end not in line.replace("lastgood", "")
    assert "xoxb-in-a-traceback" not in line


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "console"])
def test_c1_traceback_shows_no_local_variable(*, as_json: bool) -> None:
    def stumble(password: str) -> None:
        message = f"a bug, met with {len(password)} characters"
        raise RuntimeError(message)

    try:
        stumble("hunter of locals".replace(" ", "-"))  # the line itself is shown
    except RuntimeError:
        found = logging.LogRecord("bot", logging.ERROR, __file__, 1, "capture crashed", (), sys.exc_info())

    line = blackening_formatter(as_json=as_json).format(found)

    assert "a bug, met with 16 characters" in line
    assert "hunter-of-locals" not in line


def test_a_json_line_holds_the_phrase_and_what_varies() -> None:
    line = json.loads(blackening_formatter(as_json=True).format(record("run ended", run=12)))

    assert (line["event"], line["run"], line["level"], line["logger"]) == ("run ended", 12, "info", "bot")


async def test_the_task_pool_finishes_what_it_took_and_takes_nothing_after_it_closed() -> None:
    task_pool, done = TaskPool(), []

    async def work(name: str) -> None:
        await asyncio.sleep(0)
        done.append(name)

    taken = task_pool.hand_in(work("first"), name="first")
    await task_pool.close(limit=SOON)
    late = task_pool.hand_in(work("late"), name="late")

    assert (taken, late, done) == (True, False, ["first"])


async def test_the_task_pool_refuses_what_is_too_much() -> None:
    task_pool, go = TaskPool(most=2), asyncio.Event()

    async def work() -> None:
        await go.wait()

    assert [task_pool.hand_in(work(), name="work") for _ in range(3)] == [True, True, False]
    go.set()
    await task_pool.settled()
    assert len(task_pool) == 0


async def test_one_crash_at_the_task_pool_stops_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    task_pool, done = TaskPool(), []

    async def crash() -> None:
        raise RuntimeError("a bug")

    async def work() -> None:
        done.append(1)

    task_pool.hand_in(crash(), name="crash")
    task_pool.hand_in(work(), name="work")
    await task_pool.settled()

    assert done == [1]
    assert "work crashed" in caplog.text


async def test_work_that_does_not_end_is_cut_off_at_the_limit() -> None:
    task_pool = TaskPool()
    task_pool.hand_in(asyncio.sleep(3600), name="for ever")
    await asyncio.sleep(0)

    await task_pool.close(limit=timedelta(0))

    assert len(task_pool) == 0


async def test_a_part_that_ends_by_itself_breaks_serve_and_one_that_was_asked_to_does_not() -> None:
    background = Background()

    async def part() -> None:
        await asyncio.sleep(0)

    background.start(part(), name="asked")
    background.may_end("asked")
    await background.finish("asked", limit=SOON)
    broken_before = background.broken.is_set()
    background.start(part(), name="by itself")
    await asyncio.wait_for(background.broken.wait(), 5)

    assert not broken_before
    await background.close()


class RefusingArchive:
    """Repacks all sites but those that are damaged."""

    def __init__(self, *damaged: str) -> None:
        self._damaged = damaged
        self.repacked: list[str] = []

    async def repack(self, site: str) -> None:
        """As the archive does."""
        if site in self._damaged:
            raise ArchiveError(f"repacking {site} failed")
        self.repacked.append(site)


class NeverTicks:
    """A timetable that nobody winds."""

    async def tick(self) -> None:
        """Do nothing."""


async def test_a_damaged_repository_keeps_no_other_from_being_repacked(caplog: pytest.LogCaptureFixture) -> None:
    archive = RefusingArchive("plant-a")
    core: Any = SimpleNamespace(inventory=SimpleNamespace(sites=("plant-a", "plant-b", "plant-c")), archive=archive)
    idle = NeverTicks()
    storage: Any = idle
    engine: Any = SimpleNamespace(
        dispatcher=None, due_jobs=idle, digester=idle, overdue=idle, publisher=idle, deferred=idle, archive_watch=idle
    )

    await Timetable(core, engine, storage).repack()

    assert archive.repacked == ["plant-b", "plant-c"]
    assert [one.__dict__["site"] for one in caplog.records] == ["plant-a"]


def test_the_salt_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = installation_salt(tmp_path / "data")

    assert installation_salt(tmp_path / "data") == first
    assert len(first) == 32
    assert (tmp_path / "data" / "salt").stat().st_mode & 0o777 == 0o600


def test_a_salt_that_cannot_be_kept_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file in the way", encoding="utf-8")

    with pytest.raises(SettingsError, match="cannot be kept"):
        installation_salt(tmp_path / "data")
