"""Who ends a run when two want to at once: exactly one, and never with a version that nobody hears of."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from domain.errors import NotNow
from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from storage.archive.archive import Archive
from storage.devices.versions import newest_version
from tests.runners.workshop import CHANGED, CONFIG, workshop

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from storage.archive.archive import NewVersion


class SlowArchive(Archive):
    """Stores when the test lets it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, durable=False)
        self.is_asked = asyncio.Event()
        self.may_store = asyncio.Event()

    async def store(self, site: str, versions: Sequence[NewVersion]) -> list[str]:
        """Store, once the test lets it."""
        self.is_asked.set()
        await self.may_store.wait()
        return await super().store(site, versions)


async def test_result_that_comes_while_the_cancellation_is_written_down_is_not_stored(tmp_path: Path) -> None:
    async with workshop(tmp_path) as shop:
        await shop.connect()
        await shop.back_up(CONFIG)
        run = await shop.start()
        await shop.settle()
        with closing(sqlite3.connect(tmp_path / "lastgood.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # so that the cancellation has to wait
            cancelling = asyncio.create_task(shop.dispatcher.cancel(run, by="U02ANNA"))
            await asyncio.sleep(0)
            await shop.say(shop.captured(run, CHANGED))
            other.execute("ROLLBACK")
        await cancelling

        ended = await shop.look_up(run)
        version = await newest_version("core-sw1")
        assert version
        left_over = await shop.archive.commits_after("plant-a", version.commit)
        again = await shop.back_up(CHANGED)

    assert (ended.outcome, ended.reason) == (Outcome.FAILED, FailureKind.CANCELLED)
    assert (version.number, left_over) == (1, [])
    assert (again.outcome, again.version) == (Outcome.MODIFIED, 2)


@pytest.mark.parametrize("begun", [False, True], ids=["not begun", "begun"])
async def test_result_that_is_being_stored_wins_over_cancelling_and_clocks(tmp_path: Path, *, begun: bool) -> None:
    archive = SlowArchive(tmp_path / "archive")
    async with workshop(tmp_path, archive=archive) as shop:
        await shop.connect()
        run = await shop.start()
        await shop.settle()
        if begun:
            await shop.begin(run)
        saying = asyncio.create_task(shop.say(shop.captured(run)))
        await archive.is_asked.wait()

        with pytest.raises(NotNow):
            await shop.dispatcher.cancel(run, by="U02ANNA")
        await shop.clock.advance(timedelta(hours=2))
        await shop.dispatcher.watch()
        archive.may_store.set()
        await saying

        ended = await shop.look_up(run)
        version = await newest_version("core-sw1")

    assert ended.outcome is Outcome.UP_TO_DATE
    assert version
    assert version.run == run.id


async def test_run_that_an_agent_had_just_begun_waits_for_the_next_start_after_a_clean_stop(tmp_path: Path) -> None:
    async with workshop(tmp_path) as shop:
        await shop.connect()
        run = await shop.start()
        await shop.settle()

        closing_down = asyncio.create_task(shop.dispatcher.close())
        await asyncio.sleep(0)
        await shop.say(shop.started(run), shop.failed(run, FailureKind.CANCELLED))
        await closing_down
        shop.has_crashed = True  # it is closed already
        left = await shop.look_up(run)

    async with workshop(tmp_path) as shop:
        await shop.settle()
        waiting = await shop.look_up(run)

    assert (left.outcome, waiting.outcome) == (Outcome.PENDING, Outcome.PENDING)
