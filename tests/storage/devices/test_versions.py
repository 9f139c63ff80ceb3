"""Versions that git has and the database has not."""

from __future__ import annotations

import pytest

from storage.devices import devices, versions
from storage.runs import runs
from tests.storage.values import HOUR, NOW, add_started, good_end, stored

pytestmark = pytest.mark.usefixtures("storage")


async def test_found_versions_fill_the_gap_and_move_the_device() -> None:
    run = await add_started()
    await runs.finish_runs([good_end(run, 1, is_new=True)])
    found = [stored(run, number, at=NOW + number * HOUR) for number in (1, 2, 3)]

    missing = await versions.add_found_versions(found)
    again = await versions.add_found_versions(found)

    assert [one.number for one in missing] == [2, 3]
    assert again == []
    listed = await versions.versions_of("core-sw1")
    assert [(one.number, one.valid_until) for one in listed] == [
        (3, None),
        (2, NOW + 3 * HOUR),
        (1, NOW + 2 * HOUR),
    ]
    state = await devices.device_state("core-sw1")
    assert state is not None
    assert (state.version, state.digest, state.last_good_at, state.last_run) == (3, "d3", NOW + 3 * HOUR, run.id)


async def test_the_newest_commit_of_a_site_is_known() -> None:
    assert await versions.newest_commits("plant-a") == []
    first, second, elsewhere = [await add_started(name) for name in "abc"]

    await versions.add_found_versions([stored(first, 1), stored(second, 7), stored(elsewhere, 9, site="plant-b")])

    assert await versions.newest_commits("plant-a") == [f"{7:040x}"]
    assert await versions.newest_commits("plant-a", limit=5) == [f"{1:040x}", f"{7:040x}"]
    assert await versions.newest_commits("plant-b") == [f"{9:040x}"]


async def test_a_version_is_found_by_its_number() -> None:
    await versions.add_found_versions([stored(await add_started(), 1)])

    found = await versions.version_of("core-sw1", 1)

    assert found is not None
    assert (found.commit, found.size, found.digest, found.captured_at) == (f"{1:040x}", 100, "d1", NOW)
    assert await versions.version_of("core-sw1", 2) is None
    assert await versions.newest_version("other") is None


async def test_the_newest_versions_of_many_devices_come_at_once() -> None:
    first, second = [await add_started(name) for name in ("core-sw1", "edge-sw2")]
    await versions.add_found_versions([stored(first, 1), stored(second, 1), stored(first, 2)])

    found = await versions.newest_versions(["core-sw1", "other", "edge-sw2"])

    assert {name: one.number for name, one in found.items()} == {"core-sw1": 2, "edge-sw2": 1}
