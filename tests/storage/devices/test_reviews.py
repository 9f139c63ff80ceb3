"""Row H5 where it is kept: who reviewed which change, and what still waits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from storage.devices.reviews import count_unreviewed, review, unreviewed
from storage.devices.versions import version_of
from storage.runs.runs import finish_runs
from tests.storage.values import NOW, add_run, good_end

if TYPE_CHECKING:
    from domain.configs.versions import Review

PLANTS = frozenset({"plant-a", "plant-b"})
LATER = NOW + timedelta(hours=1)


async def change(device: str, versions: int, *, site: str = "plant-a") -> None:
    """Give ``device`` so many versions; the first is its baseline."""
    for number in range(1, versions + 1):
        run = await add_run(device, site=site)
        await finish_runs([good_end(run, number, is_new=True)])


async def pressed(device: str, number: int, by: str, note: str = "") -> tuple[Review, bool]:
    found = await review(device, number, by=by, note=note, now=LATER)
    assert found
    return found


async def test_h5_a_review_is_kept_and_the_counter_drops(storage: str) -> None:
    assert storage
    await change("core-sw1", 3)
    before = await count_unreviewed(PLANTS)

    kept, is_new = await pressed("core-sw1", 2, "U02ANNA", "CHG0012 Änderung")

    assert (before, await count_unreviewed(PLANTS)) == (2, 1)
    assert is_new
    assert (kept.by, kept.at, kept.note) == ("U02ANNA", LATER, "CHG0012 Änderung")
    version = await version_of("core-sw1", 2)
    assert version
    assert version.review == kept
    assert [one.number for one in await unreviewed(PLANTS)] == [3]


async def test_h5_the_second_review_changes_nothing_and_says_who_was_first(storage: str) -> None:
    assert storage
    await change("core-sw1", 2)
    first, _ = await pressed("core-sw1", 2, "U02ANNA", "CHG1")

    second, is_new = await pressed("core-sw1", 2, "U03OLGA", "CHG2")

    assert not is_new
    assert second == first
    assert await count_unreviewed(PLANTS) == 0


async def test_h5_a_baseline_and_a_version_that_is_not_there_cannot_be_reviewed(storage: str) -> None:
    assert storage
    await change("core-sw1", 1)

    assert await review("core-sw1", 1, by="U02ANNA", note="", now=LATER) is None
    assert await review("core-sw1", 2, by="U02ANNA", note="", now=LATER) is None
    assert await count_unreviewed(PLANTS) == 0


async def test_h5_what_waits_is_listed_newest_first_in_pages_without_hidden_devices(storage: str) -> None:
    assert storage
    for number in range(6):
        await change(f"sw{number}", 2, site=("plant-a", "plant-b", "plant-c")[number % 3])
    hidden = frozenset({"sw3"})

    first = await unreviewed(PLANTS, hidden, limit=2)
    second = await unreviewed(PLANTS, hidden, limit=2, before=first[-1].run)

    assert [one.device for one in first] == ["sw4", "sw1"]
    assert [one.device for one in second] == ["sw0"]
    assert await count_unreviewed(PLANTS, hidden) == 3
    assert await count_unreviewed(PLANTS) == 4
    assert await unreviewed(frozenset()) == []
