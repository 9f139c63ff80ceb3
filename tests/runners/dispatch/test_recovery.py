"""After a stop of any kind every run has its true outcome, once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from domain.errors import NotNow
from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from domain.runs.steps import RunEnd
from storage.archive.archive import Archive
from storage.devices.versions import newest_version, version_of, versions_of
from storage.runs import runs as run_store
from storage.runs.runs import finish_runs
from tests.runners.workshop import CHANGED, CONFIG, make_device, make_inventory, workshop

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from storage.archive.archive import NewVersion


async def end_elsewhere(run: int, at: datetime) -> None:
    """An end that was written down elsewhere."""
    await finish_runs([RunEnd(run=run, outcome=Outcome.FAILED, at=at, reason=FailureKind.INTERNAL)])


class DyingArchive(Archive):
    """Stores, and then the process dies before it can tell anybody."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, durable=False)
        self.is_dying = False
        self.has_stored = asyncio.Event()

    async def store(self, site: str, versions: Sequence[NewVersion]) -> list[str]:
        """Store; while dying never come back."""
        commits = await super().store(site, versions)
        if self.is_dying:
            self.has_stored.set()
            await asyncio.Event().wait()
        return commits


async def test_a7_run_in_progress_is_interrupted_by_a_crash(tmp_path: Path) -> None:
    async with workshop(tmp_path) as shop:
        await shop.connect()
        run = await shop.start()
        await shop.settle()
        await shop.begin(run)
        await shop.crash()

    async with workshop(tmp_path) as shop:
        await shop.settle()
        ended = await shop.look_up(run)
        again = await shop.start()

    assert (ended.outcome, ended.reason) == (Outcome.FAILED, FailureKind.INTERRUPTED)
    assert [one.id for one in shop.announced] == [run.id, again.id]


async def test_waiting_run_is_sent_again_after_a_crash(tmp_path: Path) -> None:
    async with workshop(tmp_path) as shop:
        await shop.connect()
        run = await shop.start()
        await shop.settle()
        await shop.crash()

    async with workshop(tmp_path) as shop:
        await shop.connect()
        await shop.begin(run)
        await shop.say(shop.captured(run))

        assert [capture.run for capture in shop.captures()] == [run.id]
        assert (await shop.look_up(run)).outcome is Outcome.UP_TO_DATE


@pytest.mark.parametrize("has_version", [False, True], ids=["baseline", "modified"])
async def test_run_whose_commit_was_made_before_the_crash_has_its_true_outcome(
    tmp_path: Path, *, has_version: bool
) -> None:
    archive = DyingArchive(tmp_path / "archive")
    async with workshop(tmp_path, archive=archive) as shop:
        await shop.connect()
        if has_version:
            await shop.back_up(CONFIG)
        run = await shop.start()
        await shop.settle()
        await shop.begin(run)
        archive.is_dying = True
        saying = asyncio.create_task(shop.say(shop.captured(run, CHANGED)))
        await archive.has_stored.wait()
        await shop.crash()
        saying.cancel()

    async with workshop(tmp_path) as shop:
        await shop.settle()
        ended = await shop.look_up(run)
        versions = await versions_of("core-sw1")
        text = await shop.archive.read("plant-a", versions[0].commit, "core-sw1")

    number = 2 if has_version else 1
    assert ended.outcome is (Outcome.MODIFIED if has_version else Outcome.UP_TO_DATE)
    assert (ended.version, versions[0].number, versions[0].run) == (number, number, run.id)
    assert (ended.added, ended.removed) == ((1, 1) if has_version else (0, 0))
    assert text == CHANGED
    assert [one.id for one in shop.announced] == [run.id]


async def test_version_of_a_run_that_has_ended_is_taken_in_without_touching_the_run(tmp_path: Path) -> None:
    archive = DyingArchive(tmp_path / "archive")
    async with workshop(tmp_path, archive=archive) as shop:
        await shop.connect()
        run = await shop.start()
        await shop.settle()
        archive.is_dying = True
        saying = asyncio.create_task(shop.say(shop.captured(run)))
        await archive.has_stored.wait()
        saying.cancel()
        await shop.crash()
        await end_elsewhere(run.id, shop.clock.now())

    async with workshop(tmp_path) as shop:
        ended = await shop.look_up(run)
        version = await version_of("core-sw1", 1)

    assert (ended.outcome, ended.reason) == (Outcome.FAILED, FailureKind.INTERNAL)
    assert version
    assert version.run == run.id


async def test_end_that_was_not_announced_is_announced_at_the_next_start(tmp_path: Path) -> None:
    async with workshop(tmp_path) as shop:
        await shop.connect()
        shop.announcing_fails = True
        run = await shop.back_up(CONFIG)

    async with workshop(tmp_path) as shop:
        await shop.settle()

        assert [(one.id, one.outcome) for one in shop.announced] == [(run.id, Outcome.UP_TO_DATE)]


async def test_waiting_run_of_a_device_that_is_no_longer_declared_ends_with_that_reason(tmp_path: Path) -> None:
    async with workshop(tmp_path) as shop:
        run = await shop.start("core-sw1")

    async with workshop(tmp_path, make_inventory([make_device("edge-sw2")])) as shop:
        ended = await shop.look_up(run)

    assert (ended.outcome, ended.reason) == (Outcome.FAILED, FailureKind.NOT_DECLARED)
    assert ended.facts == "core-sw1 is not at plant-a in app.yaml."


async def test_clean_stop_takes_in_what_agents_still_bring(tmp_path: Path) -> None:
    async with workshop(tmp_path) as shop:
        await shop.connect()
        run = await shop.start()
        await shop.settle()
        await shop.begin(run)

        closing = asyncio.create_task(shop.dispatcher.close())
        await asyncio.sleep(0)
        with pytest.raises(NotNow):
            await shop.start("edge-sw2")
        await shop.say(shop.captured(run))
        await closing
        shop.has_crashed = True  # it is closed already

        assert (await shop.look_up(run)).outcome is Outcome.UP_TO_DATE


async def test_clean_stop_leaves_what_was_not_begun_waiting(tmp_path: Path) -> None:
    async with workshop(tmp_path) as shop:
        await shop.connect()
        run = await shop.start()
        await shop.settle()

    async with workshop(tmp_path) as again:
        assert shop.cancels() == [run.id]
        assert [one.id for one in await run_store.unfinished_runs()] == [run.id]
        assert (await again.look_up(run)).outcome is Outcome.PENDING


async def test_agents_going_away_at_a_clean_stop_cost_no_attempt(tmp_path: Path) -> None:
    async with workshop(tmp_path, close_timeout=timedelta(0)) as shop:
        await shop.connect()
        run = await shop.start()
        await shop.settle()
        await shop.begin(run)

    async with workshop(tmp_path) as shop:
        assert (await shop.look_up(run)).reason is FailureKind.INTERRUPTED


@pytest.mark.parametrize("has_base", [False, True], ids=["a baseline there", "a change there"])
async def test_p3_version_of_a_moved_device_found_after_a_kill_is_compared_with_its_site_alone(
    tmp_path: Path, *, has_base: bool
) -> None:
    async with workshop(tmp_path) as shop:
        await shop.connect()
        await shop.back_up(CONFIG)
        await shop.back_up(CHANGED)
    there = make_inventory([make_device("core-sw1", site="plant-b")])
    archive = DyingArchive(tmp_path / "archive")
    async with workshop(tmp_path, there, archive=archive) as shop:
        await shop.connect()
        if has_base:
            await shop.back_up(CONFIG)
        run = await shop.start()
        await shop.settle()
        archive.is_dying = True
        saying = asyncio.create_task(shop.say(shop.captured(run, CHANGED)))
        await archive.has_stored.wait()
        await shop.crash()
        saying.cancel()

    async with workshop(tmp_path, there) as shop:
        ended = await shop.look_up(run)
        version = await newest_version("core-sw1")

    assert version
    assert (version.site, version.run) == ("plant-b", run.id)
    if has_base:
        assert (ended.outcome, ended.base_version, ended.version) == (Outcome.MODIFIED, 3, 4)
        assert (ended.added, ended.removed) == (1, 1)
    else:
        assert (ended.outcome, ended.base_version, ended.version) == (Outcome.UP_TO_DATE, None, 3)
        assert ended.is_baseline


async def test_p3_waiting_run_of_a_device_that_moved_ends_and_brings_nothing_to_its_old_site(tmp_path: Path) -> None:
    async with workshop(tmp_path) as shop:
        run = await shop.start("core-sw1")

    async with workshop(tmp_path, make_inventory([make_device("core-sw1", site="plant-b")])) as shop:
        await shop.connect()
        await shop.settle()
        ended = await shop.look_up(run)

    assert (ended.outcome, ended.reason) == (Outcome.FAILED, FailureKind.NOT_DECLARED)
    assert shop.captures() == []
