"""What people see when the archive was lost, harmed or set back under a running bot, and what the bot does about it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import aiohttp
import pytest

from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from storage.devices.devices import device_state
from storage.devices.versions import newest_version, version_of
from storage.runs.runs import latest_runs_of
from tests.storage.archive.repositories import blob_of, git, object_file, truncate

if TYPE_CHECKING:
    from pathlib import Path

    from demo.slack import Message
    from domain.runs.run import Run
    from tests.support.serve_fixtures import Town


def repository_of(town: Town, site: str = "plant-a") -> Path:
    """The repository of a site."""
    return town.folder / "data" / "archive" / f"{site}.git"


async def back_up(town: Town, after: Message | None = None) -> tuple[Message, Run]:
    """A run of core-sw1 to its end."""
    await town.command(town.anna, "/backup now core-sw1")
    message = await town.final("core-sw1", after=after)
    return message, (await latest_runs_of({"core-sw1": "plant-a"}))["core-sw1"]


async def readiness(town: Town) -> tuple[int, dict[str, bool]]:
    """What /readyz says."""
    async with aiohttp.ClientSession() as session, session.get(f"{town.serve.front.web.url}/readyz") as answer:
        return answer.status, (await answer.json())["parts"]


async def told_owner(town: Town, words: str) -> Message:
    """The message to the owner."""
    return await town.until(
        lambda: next(
            (one for one in town.slack.messages(town.slack.dm(town.olga)) if words in town.slack.plain(one)), None
        )
    )


def lose_everything(repository: Path) -> None:
    """The whole archive is gone."""
    shutil.rmtree(repository.parent)


def cut_the_text_off(repository: Path) -> None:
    """Half of the newest text is left."""
    truncate(object_file(repository, blob_of(repository, "main")))


def set_back_and_prune(repository: Path) -> None:
    """The branch was set back, and what had no name any more was removed."""
    git(repository, "update-ref", "-d", "refs/heads/main")
    git(repository, "prune", "--expire=now")


@pytest.mark.parametrize("harm", [lose_everything, cut_the_text_off, set_back_and_prune])
async def test_text_that_is_lost_is_told_shown_and_stored_anew_by_the_next_run(town: Town, harm: object) -> None:
    assert callable(harm)
    await town.add_device("core-sw1")
    await town.start()
    first, _ = await back_up(town)
    harm(repository_of(town))

    await town.serve.timetable.look_through_archive()

    shown = town.slack.plain(await told_owner(town, "The archive was changed or damaged"))
    assert "Plant A: the text of 1 version is missing." in shown
    assert "1 device has no current backup now." in shown
    assert await readiness(town) == (503, {**(await readiness(town))[1], "archive": False})
    assert "lastgood_versions_missing 1.0" in town.serve.core.metrics.text().decode()
    state = await device_state("core-sw1")
    assert state
    assert (state.version, state.last_good_at) == (None, None)

    _, run = await back_up(town, after=first)
    await town.serve.timetable.look_through_archive()

    version = await newest_version("core-sw1")
    assert version
    assert (run.outcome, run.version, version.run) == (Outcome.UP_TO_DATE, version.number, run.id)
    assert await town.serve.core.archive.read("plant-a", version.commit, "core-sw1")
    assert (await readiness(town))[1]["archive"] is True
    assert len(town.slack.messages(town.slack.dm(town.olga))) == 1


async def test_up_to_date_is_never_said_against_a_text_that_vanished_a_moment_ago(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()
    first, _ = await back_up(town)
    shutil.rmtree(repository_of(town))

    _, run = await back_up(town, after=first)

    lost, again = await version_of("core-sw1", 1), await version_of("core-sw1", 2)
    assert lost
    assert again
    assert lost.missing_since
    assert (run.version, run.base_version, again.run, again.missing_since) == (2, None, run.id, None)


async def test_older_version_takes_the_place_of_a_newest_one_that_is_lost(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    await town.start()
    first, _ = await back_up(town)
    switch.change("add vlan 77")
    second, _ = await back_up(town, after=first)
    cut_the_text_off(repository_of(town))
    switch.change("add vlan 78")

    _, run = await back_up(town, after=second)

    assert (run.outcome, run.base_version, run.version) == (Outcome.MODIFIED, 1, 3)
    assert await town.serve.core.archive.read("plant-a", (await newest_version("core-sw1")).commit, "core-sw1")  # type: ignore[union-attr]


async def test_branch_that_was_set_back_while_the_bot_was_stopped_is_put_back_and_told(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    await town.start()
    first, _ = await back_up(town)
    switch.change("add vlan 77")
    await back_up(town, after=first)
    await town.stop()
    newest = git(repository_of(town), "rev-parse", "main").strip()
    git(repository_of(town), "update-ref", "refs/heads/main", "main~1")

    await town.start()

    assert "Somebody had moved the branch of Plant A." in town.slack.plain(await told_owner(town, "moved the branch"))
    assert git(repository_of(town), "rev-parse", "main").strip() == newest
    assert (await readiness(town))[1]["archive"] is True


async def test_one_unreadable_repository_stops_no_other_site_and_is_used_again_when_it_is_mended(town: Town) -> None:
    town.settings["sites"]["plant-b"] = {"name": "Plant B", "digests": []}
    await town.add_device("core-sw1")
    await town.start()
    first, _ = await back_up(town)
    await town.stop()
    config = repository_of(town, "plant-b") / "config"
    good = config.read_text(encoding="utf-8")
    config.write_text("[core\n", encoding="utf-8")

    await town.start()
    _, run = await back_up(town, after=first)

    assert run.outcome is Outcome.UP_TO_DATE
    assert "The repository of Plant B cannot be used." in town.slack.plain(await told_owner(town, "cannot be used"))
    assert (await readiness(town))[1]["archive"] is False
    config.write_text(good, encoding="utf-8")
    await town.serve.timetable.look_through_archive()
    assert (await readiness(town))[1]["archive"] is True


async def test_run_whose_stored_text_cannot_be_looked_at_is_not_up_to_date(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()
    first, _ = await back_up(town)
    (repository_of(town) / "config").write_text("[core\n", encoding="utf-8")

    _, run = await back_up(town, after=first)

    assert (run.outcome, run.reason) == (Outcome.FAILED, FailureKind.ARCHIVE)


async def test_numbers_of_runs_and_versions_go_on_after_the_database_was_lost(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    await town.start()
    first, _ = await back_up(town)
    switch.change("add vlan 77")
    _, last = await back_up(town, after=first)
    await town.stop()
    for file in (town.folder / "data").glob("lastgood.db*"):
        file.unlink()

    await town.start()
    found = await newest_version("core-sw1")
    await town.command(town.anna, "/backup now core-sw1")
    await town.serve.settled()
    run = (await latest_runs_of({"core-sw1": "plant-a"}))["core-sw1"]

    assert found
    assert (found.number, found.run) == (2, last.id)
    assert run.id > last.id
