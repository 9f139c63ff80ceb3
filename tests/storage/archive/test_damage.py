"""What others and a disk do to a repository: the next version is stored all the same, and nothing whole is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING

import pytest

from storage.archive import objects
from storage.archive.archive import Archive, ArchiveError
from tests.storage.archive.repositories import (
    SITE,
    blob_of,
    complaints,
    git,
    object_file,
    trees_of,
    truncate,
    version,
)

if TYPE_CHECKING:
    from pathlib import Path


# Damaged and missing objects


def cut(file: Path) -> None:
    """Half of it is left."""
    truncate(file)


def empty(file: Path) -> None:
    """Nothing but its name is left, as after a power cut."""
    file.chmod(0o644)
    file.write_bytes(b"")


def garble(file: Path) -> None:
    """It can be read, and says something else than its name."""
    other = next(one for one in file.parent.parent.rglob("*") if one.is_file() and one.name != file.name)
    file.chmod(0o644)
    file.write_bytes(other.read_bytes())


def remove(file: Path) -> None:
    """It is gone."""
    file.unlink()


HARMS = (cut, empty, garble, remove)


@pytest.mark.parametrize("harm", HARMS)
async def test_damaged_text_is_noticed_and_whole_again_after_the_same_capture(
    archive: Archive, repository: Path, harm: object
) -> None:
    assert callable(harm)
    first, other = await archive.store(SITE, [version(), version("edge-sw2")])
    harm(object_file(repository, blob_of(repository, first)))

    assert await archive.unreadable(SITE, [(first, "core-sw1"), (other, "edge-sw2")]) == [(first, "core-sw1")]
    [again] = await archive.store(SITE, [version(number=2, text=version().text)])

    assert await archive.unreadable(SITE, [(first, "core-sw1"), (again, "core-sw1")]) == []
    assert complaints(repository) == ""


@pytest.mark.parametrize("which", ["outer tree", "inner tree", "commit"])
@pytest.mark.parametrize("harm", HARMS)
async def test_next_version_is_stored_whatever_object_of_the_newest_commit_is_damaged(
    archive: Archive, repository: Path, which: str, harm: object
) -> None:
    assert callable(harm)
    kept, newest = await archive.store(SITE, [version(), version(number=2)])
    outer, inner = trees_of(repository, newest)
    harm(object_file(repository, {"outer tree": outer, "inner tree": inner, "commit": newest}[which]))

    [commit] = await archive.store(SITE, [version(number=3)])

    assert await archive.read(SITE, commit, "core-sw1") == version(number=3).text
    assert await archive.read(SITE, kept, "core-sw1") == version().text
    assert git(repository, "rev-parse", "main").strip() == commit
    assert kept in git(repository, "rev-list", "main").split()


async def test_damaged_pack_is_set_aside_and_what_was_whole_in_it_stays(archive: Archive, repository: Path) -> None:
    texts = {f"sw{number}": os.urandom(2000) for number in range(20)}
    commits = await archive.store(SITE, [version(name, text=text) for name, text in texts.items()])
    await archive.repack(SITE)
    [pack] = (repository / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    whole = bytearray(pack.read_bytes())
    damaged = next(name for name in texts if (place := whole.find(texts[name][:40])) > 0)
    whole[place : place + 30] = bytes(30)
    pack.write_bytes(whole)
    pairs = list(zip(commits, texts, strict=True))
    assert [device for _, device in await archive.unreadable(SITE, pairs)] == [damaged]

    await archive.store(SITE, [version(damaged, 2, text=texts[damaged])])

    assert await archive.unreadable(SITE, pairs) == []
    assert complaints(repository) == ""


async def test_pack_that_was_set_aside_when_a_kill_came_gives_its_objects_back_at_the_next_start(
    archive: Archive, repository: Path
) -> None:
    commits = await archive.store(SITE, [version(f"sw{number}", text=os.urandom(500)) for number in range(9)])
    pairs = [(commit, f"sw{number}") for number, commit in enumerate(commits)]
    await archive.repack(SITE)
    aside = repository / "set-aside"
    aside.mkdir()
    for file in (repository / "objects" / "pack").iterdir():
        file.rename(aside / file.name)
    await archive.close()

    again = Archive(repository.parent, durable=False)
    await again.open([SITE])
    lost = await again.unreadable(SITE, pairs)
    await again.close()

    assert lost == []


@pytest.mark.parametrize(("hours", "is_left"), [(0, True), (2, False)])
async def test_folder_of_a_push_that_was_cut_short_harms_nothing_and_goes_when_it_is_old(
    archive: Archive, repository: Path, hours: int, *, is_left: bool
) -> None:
    left = repository / "objects" / "tmp_objdir-incoming-x1y2z3"
    (left / "pack").mkdir(parents=True)
    changed = left.stat().st_mtime - hours * 3600
    os.utime(left, (changed, changed))
    await archive.close()

    again = Archive(repository.parent, durable=False)
    await again.open([SITE])
    stored = await again.store(SITE, [version("sw1")])
    await again.close()

    assert (left.exists(), len(stored), again.set_aside) == (is_left, 1, {})


async def test_texts_survive_somebody_who_prunes_while_versions_are_stored(archive: Archive, repository: Path) -> None:
    stop = asyncio.Event()

    async def prune() -> None:
        while not stop.is_set():
            await asyncio.to_thread(git, repository, "prune", "--expire=now", good=False)

    async def capture(name: str, number: int) -> str | None:
        with contextlib.suppress(ArchiveError):  # a run that fails; the next one must not
            return (await archive.store(SITE, [version(name, number)]))[0]
        return None

    pruning = asyncio.create_task(prune())
    stored = {f"sw{number}": await capture(f"sw{number}", number) for number in range(1, 16)}
    stop.set()
    await pruning
    kept = {commit: name for name, commit in stored.items() if commit}
    lost = {name for _, name in await archive.unreadable(SITE, list(kept.items()))}
    anew = {name: await capture(name, 99) for name, commit in stored.items() if not commit or name in lost}

    assert await archive.unreadable(SITE, [(commit or "", name) for name, commit in (stored | anew).items()]) == []


async def test_storing_reads_no_more_of_a_long_history_than_of_a_short_one(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    load = objects._Objects._load  # noqa: SLF001 - the one place through which every object comes

    def counted(self: objects._Objects, name: str) -> tuple[int, bytes]:
        read.append(name)
        return load(self, name)

    monkeypatch.setattr(objects._Objects, "_load", counted)  # noqa: SLF001 - the same
    counts = []
    for history in (5, 200):
        await archive.store(SITE, [version(f"sw{number}") for number in range(history)])
        read.clear()
        await archive.store(SITE, [version(number=history)])
        counts.append(len(read))

    assert counts[1] < 2 * counts[0]
