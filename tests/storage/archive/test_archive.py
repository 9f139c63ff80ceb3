"""The archive: real repositories, read back by git itself."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from domain.configs.own_words import StoredText
from storage.archive.archive import Archive, ArchiveError, NewVersion

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

NOW = datetime(2026, 3, 2, 6, 0, 0, 250_000, tzinfo=UTC)
SITE = "plant-a"


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    """An open archive with one site."""
    opened = Archive(tmp_path / "archive")
    await opened.open([SITE])
    yield opened
    await opened.close()


def version(
    device: str = "core-sw1",
    text: bytes = b"hostname core-sw1\r\n",
    number: int = 1,
    **rest: Any,  # noqa: ANN401 - any part of a version
) -> NewVersion:
    """A version captured ``number`` hours after NOW."""
    return NewVersion(
        device=device,
        site=SITE,
        text=text,
        number=number,
        run=100 + number,
        captured_at=NOW + timedelta(hours=number),
        digest="d1",
        reason="manual",
        **rest,
    )


def git(folder: Path, *arguments: str) -> str:
    """What git itself says of the repository of plant A."""
    done = subprocess.run(  # noqa: S603 - our own arguments
        ["git", "-c", "safe.directory=*", "-C", str(folder / "archive" / "plant-a.git"), *arguments],  # noqa: S607 - the system's git
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"GIT_CONFIG_GLOBAL": os.devnull},
    )
    return done.stdout + done.stderr


async def test_v2_bytes_come_back_as_the_device_sent_them(archive: Archive) -> None:
    text = b"banner \xff\x00 \xc3\xbc\r\nend\r\n\n  "

    [commit] = await archive.store(SITE, [version(text=text)])

    assert await archive.read(SITE, commit, "core-sw1") == text


async def test_marks_of_the_agents_words_come_back_with_the_text_and_stand_in_the_commit(
    archive: Archive, tmp_path: Path
) -> None:
    text = b"banner Blue-Lamp-41\r\nalias Grey52\r\n"

    commits = await archive.store(SITE, [version(text=text, own_words=((7, 19), (27, 33))), version("edge", text=text)])

    assert await archive.read_marked(SITE, commits[0], "core-sw1") == StoredText(text, ("Blue-Lamp-41", "Grey52"))
    assert await archive.read_marked(SITE, commits[1], "edge") == StoredText(text)
    assert "Lastgood-Own-Words: 7-19 27-33\n" in git(tmp_path, "log", "--format=%B", commits[0])


async def test_many_texts_are_read_at_once_and_in_order(archive: Archive) -> None:
    names = ("core-sw1", "edge", "core-sw1")
    commits = await archive.store(SITE, [version(name, text=b"%d" % place) for place, name in enumerate(names)])

    texts = await archive.read_all(SITE, list(zip(commits, names, strict=True)))

    assert texts == [b"0", b"1", b"2"]
    with pytest.raises(ArchiveError):
        await archive.read_all(SITE, [(commits[0], "core-sw1"), (commits[0], "edge")])


async def test_each_version_is_a_commit_that_tells_its_story(archive: Archive, tmp_path: Path) -> None:
    commits = await archive.store(
        SITE, [version(person="U02ANNA", job="nightly", author="bob"), version("edge", number=1), version(number=2)]
    )

    assert git(tmp_path, "log", "--reverse", "--format=%H").split() == commits
    assert git(tmp_path, "log", "-1", "--format=%an <%ae> %cn %ct", commits[0]).strip() == (
        f"Lastgood <lastgood@lastgood.invalid> Lastgood {int((NOW + timedelta(hours=1)).timestamp())}"
    )
    *told, seal = git(tmp_path, "log", "-1", "--format=%(trailers:only)", commits[0]).strip().splitlines()
    assert seal.startswith("Lastgood-Seal: ")
    assert told == [
        "Lastgood-Run: 101",
        "Lastgood-Device: core-sw1",
        "Lastgood-Version: 1",
        "Lastgood-Captured-At: 2026-03-02T07:00:00.250000+00:00",
        "Lastgood-Digest: d1",
        "Lastgood-Reason: manual",
        "Lastgood-Person: U02ANNA",
        "Lastgood-Job: nightly",
        "Lastgood-Author: bob",
    ]


async def test_other_devices_stay_in_the_tree(archive: Archive, tmp_path: Path) -> None:
    names = [f"sw{number}" for number in range(300)]
    await archive.store(SITE, [version(name, text=name.encode()) for name in names])

    [commit] = await archive.store(SITE, [version("sw7", text=b"changed", number=2)])

    assert len(git(tmp_path, "ls-tree", "-r", "--name-only", "main").split()) == 300
    assert await archive.read(SITE, commit, "sw8") == b"sw8"
    assert await archive.read(SITE, commit, "sw7") == b"changed"


async def test_text_of_people_and_devices_adds_no_trailer(archive: Archive) -> None:
    hostile = "bob\n\nLastgood-Device: other\r\nLastgood-Run: 9\x1b[2J\u2028x" + "y" * 500

    await archive.store(SITE, [version(author=hostile, person=hostile, device="a\nLastgood-Run: 7")])

    [found] = await archive.commits_after(SITE, None)
    assert (found.device, found.run, found.number) == ("a\nLastgood-Run: 7", 101, 1)
    assert found.author is not None
    assert found.author.startswith("bob Lastgood-Device: other Lastgood-Run: 9 [2J x")
    assert len(found.author) == 200


NAMES = [
    "../../etc/passwd",
    ".git",
    "..",
    "a/b",
    "a\\b",
    "core.sw1",
    "%2F",
    "ü",
    "a\0b",
    "\udcff",
    "x" * 255,
    "ü" * 255,
    " ",
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:20]))
async def test_hostile_names_of_devices_stay_inside_and_come_back(archive: Archive, tmp_path: Path, name: str) -> None:
    [commit] = await archive.store(SITE, [version(name, text=b"hostile")])

    assert await archive.read(SITE, commit, name) == b"hostile"
    assert [one.device for one in await archive.commits_after(SITE, None)] == [name]
    git(tmp_path, "fsck", "--strict")


async def test_commits_after_the_known_one_are_found_in_order(archive: Archive) -> None:
    first, *later = await archive.store(SITE, [version(number=number, author="bob") for number in (1, 2, 3)])

    found = await archive.commits_after(SITE, first)

    assert [(one.number, one.commit, one.run, one.captured_at, one.digest, one.author) for one in found] == [
        (2, later[0], 102, NOW + timedelta(hours=2), "d1", "bob"),
        (3, later[1], 103, NOW + timedelta(hours=3), "d1", "bob"),
    ]
    assert await archive.commits_after(SITE, later[1]) == []
    assert len(await archive.commits_after(SITE, "0" * 40)) == 3


async def test_an_empty_site_has_no_commits(archive: Archive) -> None:
    assert await archive.commits_after(SITE, None) == []
    assert await archive.store(SITE, []) == []


@pytest.mark.parametrize(
    ("site", "commit", "device"),
    [
        pytest.param(SITE, "", "other", id="unknown device"),
        pytest.param(SITE, "0" * 40, "core-sw1", id="unknown commit"),
        pytest.param(SITE, "no commit", "core-sw1", id="no commit at all"),
        pytest.param("plant-b", "", "core-sw1", id="unknown site"),
    ],
)
async def test_what_is_not_there_is_an_archive_error(archive: Archive, site: str, commit: str, device: str) -> None:
    [stored] = await archive.store(SITE, [version()])

    with pytest.raises(ArchiveError):
        await archive.read(site, commit or stored, device)


async def test_stores_at_the_same_time_lose_nothing(archive: Archive, tmp_path: Path) -> None:
    names = [f"sw{number}" for number in range(40)]

    await asyncio.gather(*(archive.store(SITE, [version(name)]) for name in names))

    assert {one.device for one in await archive.commits_after(SITE, None)} == set(names)
    assert len(git(tmp_path, "ls-tree", "-r", "--name-only", "main").split()) == 40


async def test_a_second_opener_is_told_so(archive: Archive, tmp_path: Path) -> None:
    second = Archive(tmp_path / "archive")

    with pytest.raises(ArchiveError) as caught:
        await second.open([SITE])
    assert "Another Lastgood" in caught.value.advice

    await archive.close()
    await second.open([SITE])
    await second.close()


async def test_what_a_kill_left_behind_is_cleared_at_open(archive: Archive, tmp_path: Path) -> None:
    [commit] = await archive.store(SITE, [version()])
    await archive.close()
    repository = tmp_path / "archive" / "plant-a.git"
    for left in ("refs/heads/main.lock", "HEAD.lock", "objects/tmp_object_git2_x", "objects/pack/tmp_pack_x"):
        (repository / left).write_bytes(b"half")
    (tmp_path / "archive" / "plant-b.git.new" / "objects").mkdir(parents=True)

    await archive.open([SITE, "plant-b"])

    assert len(await archive.store(SITE, [version(number=2)])) == 1
    assert await archive.read(SITE, commit, "core-sw1") == b"hostname core-sw1\r\n"
    assert [str(path) for path in repository.rglob("*.lock")] == []
    assert sorted(path.name for path in (tmp_path / "archive").glob("*.git*")) == ["plant-a.git", "plant-b.git"]
    git(tmp_path, "fsck", "--strict")


async def test_the_archive_is_for_nobody_else(archive: Archive, tmp_path: Path) -> None:
    await archive.store(SITE, [version()])

    assert (tmp_path / "archive").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "archive" / "plant-a.git").stat().st_mode & 0o777 == 0o700


@contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """No file may grow beyond ``limit`` bytes: writing fails as it does when the disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_v6_a_full_disk_stores_nothing_and_breaks_nothing(archive: Archive, tmp_path: Path) -> None:
    [commit] = await archive.store(SITE, [version()])

    with full_disk(100_000), pytest.raises(ArchiveError):
        await archive.store(SITE, [version(number=2), version("big", text=os.urandom(1_000_000))])

    assert [one.commit for one in await archive.commits_after(SITE, None)] == [commit]
    git(tmp_path, "fsck", "--strict")
    assert len(await archive.store(SITE, [version(number=2)])) == 1


@pytest.fixture
def folder_of_nobody() -> Iterator[Path]:
    """A folder whose rights bind this process: those of root do not."""
    folder = Path(tempfile.mkdtemp())
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    yield folder
    if is_root:
        os.seteuid(0)
    shutil.rmtree(folder)


async def test_v6_a_read_only_archive_refuses_to_store_and_still_reads(folder_of_nobody: Path) -> None:
    archive = Archive(folder_of_nobody / "archive")
    await archive.open([SITE])
    [commit] = await archive.store(SITE, [version()])
    folders = [path for path in (folder_of_nobody / "archive").rglob("*") if path.is_dir()]
    for folder in folders:
        folder.chmod(0o500)

    with pytest.raises(ArchiveError) as caught:
        await archive.store(SITE, [version(number=2, text=b"new")])

    assert "rights" in caught.value.advice
    assert await archive.read(SITE, commit, "core-sw1") == b"hostname core-sw1\r\n"
    for folder in folders:
        folder.chmod(0o700)
    git(folder_of_nobody, "fsck", "--strict")
    assert len(await archive.store(SITE, [version(number=2)])) == 1
    await archive.close()


async def test_a_folder_that_cannot_be_made_is_an_archive_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(ArchiveError):
        await Archive(tmp_path / "file" / "archive").open([SITE])


async def test_a_repack_keeps_all_and_lets_others_store(archive: Archive, tmp_path: Path) -> None:
    commits = await archive.store(SITE, [version(f"sw{number}") for number in range(100)])
    await archive.read(SITE, commits[0], "sw0")

    _, later = await asyncio.gather(archive.repack(SITE), archive.store(SITE, [version(number=2)]))
    await archive.repack(SITE)

    assert "count: 0" in git(tmp_path, "count-objects", "-v")
    assert await archive.read(SITE, commits[50], "sw50") == b"hostname core-sw1\r\n"
    assert [one.commit for one in await archive.commits_after(SITE, None)] == [*commits, *later]
    git(tmp_path, "fsck", "--strict")
