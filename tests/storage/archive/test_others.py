"""What others do to a repository: moved branches, locks, commits of their own, whole repositories of no use."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from storage.archive.archive import Archive, ArchiveError
from tests.storage.archive.repositories import (
    SITE,
    complaints,
    forge,
    git,
    version,
)

if TYPE_CHECKING:
    from pathlib import Path


# Branches


async def test_branch_that_was_set_back_is_put_back_with_all_versions(archive: Archive, repository: Path) -> None:
    commits = await archive.store(SITE, [version(number=number) for number in (1, 2, 3)])
    git(repository, "update-ref", "refs/heads/main", commits[0])

    await archive.look_after()

    assert git(repository, "rev-parse", "main").strip() == commits[2]
    assert archive.take_put_back() == {SITE}
    assert archive.take_put_back() == frozenset()


@pytest.mark.parametrize("how", ["set back", "unrelated", "gone", "garbage", "a file of zeros"])
async def test_next_version_goes_behind_all_others_wherever_the_branch_was_moved(
    archive: Archive, repository: Path, how: str
) -> None:
    commits = await archive.store(SITE, [version(number=number) for number in (1, 2)])
    branch = repository / "refs" / "heads" / "main"
    match how:
        case "set back":
            git(repository, "update-ref", "refs/heads/main", commits[0])
        case "unrelated":
            tree = git(repository, "rev-parse", "main^{tree}").strip()
            git(repository, "update-ref", "refs/heads/main", git(repository, "commit-tree", tree, given="new").strip())
        case "gone":
            branch.unlink()
        case "garbage":
            branch.write_bytes(b"half a na")
        case _:
            branch.write_bytes(bytes(41))

    commits += await archive.store(SITE, [version(number=3)])

    assert git(repository, "rev-list", "--reverse", "main").split() == commits
    assert complaints(repository) == ""


async def test_work_of_others_upon_the_branch_is_kept(archive: Archive, repository: Path) -> None:
    [first] = await archive.store(SITE, [version()])
    theirs = forge(repository, "our notes\n")

    [second] = await archive.store(SITE, [version(number=2)])

    assert git(repository, "rev-list", "--reverse", "main").split() == [first, theirs, second]


async def test_what_stood_where_the_branch_was_moved_to_is_kept_beside_it(archive: Archive, repository: Path) -> None:
    await archive.store(SITE, [version()])
    tree = git(repository, "rev-parse", "main^{tree}").strip()
    theirs = git(repository, "commit-tree", tree, given="new").strip()
    git(repository, "update-ref", "refs/heads/main", theirs)

    await archive.store(SITE, [version(number=2)])

    assert theirs in git(repository, "for-each-ref", "--format=%(objectname)", "refs/set-aside").split()


async def test_known_commits_bring_a_branch_back_that_was_set_back_while_nobody_looked(
    archive: Archive, repository: Path, tmp_path: Path
) -> None:
    commits = await archive.store(SITE, [version(number=number) for number in (1, 2, 3)])
    await archive.close()
    git(repository, "update-ref", "refs/heads/main", commits[0])
    again = Archive(tmp_path / "archive", durable=False)
    await again.open([SITE])

    await again.expect(SITE, commits)

    assert again.take_put_back() == {SITE}
    assert [one.commit for one in await again.commits_after(SITE, None)] == commits
    await again.close()


async def test_others_can_neither_set_the_branch_back_nor_delete_it_by_a_push(
    archive: Archive, repository: Path, tmp_path: Path
) -> None:
    commits = await archive.store(SITE, [version(number=number) for number in (1, 2)])
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(repository), str(clone))

    said = git(clone, "push", "--force", "origin", f"{commits[0]}:main", good=False)
    said += git(clone, "push", "origin", ":main", good=False)

    assert git(repository, "rev-parse", "main").strip() == commits[1]
    assert said.count("rejected") == 2


# Locks and repositories


@pytest.mark.parametrize("lock", ["refs/heads/main.lock", "HEAD.lock", "packed-refs.lock"])
async def test_stale_lock_needs_no_restart(archive: Archive, repository: Path, lock: str) -> None:
    await archive.store(SITE, [version()])
    (repository / lock).write_bytes(b"")
    os.utime(repository / lock, (time.time() - 3600,) * 2)

    assert len(await archive.store(SITE, [version(number=2)])) == 1


async def test_fresh_lock_is_respected(archive: Archive, repository: Path) -> None:
    await archive.store(SITE, [version()])
    lock = repository / "refs" / "heads" / "main.lock"
    lock.write_bytes(b"")

    with pytest.raises(ArchiveError):
        await archive.store(SITE, [version(number=2)])

    assert lock.exists()
    lock.unlink()
    assert len(await archive.store(SITE, [version(number=2)])) == 1


def config_is_garbage(repository: Path) -> None:
    """Git cannot open it."""
    (repository / "config").write_text("[core\n", encoding="utf-8")


def objects_are_a_file(repository: Path) -> None:
    """There is no place for objects."""
    (repository / "objects").rename(repository / "objects-away")
    (repository / "objects").write_bytes(b"")


def it_is_a_file(repository: Path) -> None:
    """There is something else."""
    repository.rename(repository.with_name("away"))
    repository.write_bytes(b"not a repository")


@pytest.mark.parametrize("harm", [config_is_garbage, objects_are_a_file, it_is_a_file])
async def test_repository_that_is_of_no_use_is_set_aside_and_the_others_work(
    archive: Archive, repository: Path, tmp_path: Path, harm: object
) -> None:
    assert callable(harm)
    await archive.store(SITE, [version()])
    await archive.close()
    harm(repository)
    again = Archive(tmp_path / "archive", durable=False)
    await again.open([SITE, "plant-b"])

    assert list(again.set_aside) == [SITE]
    assert len(await again.store("plant-b", [version()])) == 1
    with pytest.raises(ArchiveError, match="set aside"):
        await again.store(SITE, [version(number=2)])

    shutil.move(repository, tmp_path / "damaged")
    await again.look_after()
    assert again.set_aside == {}
    assert len(await again.store(SITE, [version(number=2)])) == 1
    await again.close()


@pytest.mark.parametrize("lost", ["HEAD", "refs", "objects/pack", "objects/info"])
async def test_what_copying_tools_leave_out_is_brought_back(
    archive: Archive, repository: Path, tmp_path: Path, lost: str
) -> None:
    [commit] = await archive.store(SITE, [version()])
    git(repository, "pack-refs", "--all")
    await archive.close()
    if (repository / lost).is_dir():
        shutil.rmtree(repository / lost)
    else:
        (repository / lost).unlink()
    again = Archive(tmp_path / "archive", durable=False)
    await again.open([SITE])

    assert again.set_aside == {}
    assert [one.commit for one in await again.commits_after(SITE, None)] == [commit]
    assert len(await again.store(SITE, [version(number=2)])) == 1
    assert complaints(repository) == ""
    await again.close()


async def test_archive_that_vanishes_while_it_is_open_begins_anew(archive: Archive, repository: Path) -> None:
    [commit] = await archive.store(SITE, [version()])
    shutil.rmtree(repository.parent)

    assert await archive.unreadable(SITE, [(commit, "core-sw1")]) == [(commit, "core-sw1")]
    [again] = await archive.store(SITE, [version(number=2)])

    assert await archive.read(SITE, again, "core-sw1") == version(number=2).text


async def test_texts_that_cannot_be_reached_now_are_not_called_lost(archive: Archive) -> None:
    [commit] = await archive.store(SITE, [version()])
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    await archive.unreadable(SITE, [(commit, "core-sw1")])  # its thread is there already
    first_free = os.dup(0)
    os.close(first_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (first_free, hard))
    try:
        with pytest.raises(ArchiveError):
            await archive.unreadable(SITE, [(commit, "core-sw1")])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


# Commits of others


def genuine_words(repository: Path, commit: str) -> str:
    """The message of a commit of ours, to the last byte."""
    return subprocess.run(  # noqa: S603 - our own arguments
        ["git", "-c", "safe.directory=*", "-C", str(repository), "log", "-1", "--format=%B", commit],  # noqa: S607 - the system's git
        capture_output=True,
        text=True,
        check=True,
    ).stdout.rstrip("\n")


@pytest.mark.parametrize("words", ["copied from a genuine commit", "made up", "without numbers"])
async def test_commit_with_forged_trailers_is_no_found_version(archive: Archive, repository: Path, words: str) -> None:
    [first] = await archive.store(SITE, [version()])
    genuine = genuine_words(repository, first)
    message = {
        "copied from a genuine commit": genuine,
        "made up": genuine.replace("Lastgood-Run: 101", "Lastgood-Run: 999999").replace("v1", "v7"),
        "without numbers": genuine.replace("Lastgood-Run: 101", "Lastgood-Run: many"),
    }[words]
    forge(repository, message + "\n")

    [second] = await archive.store(SITE, [version(number=2)])

    assert [one.commit for one in await archive.commits_after(SITE, None)] == [first, second]
    assert [one.commit for one in await archive.commits_after(SITE, first)] == [second]


async def test_genuine_commits_of_another_site_are_no_found_versions(
    archive: Archive, repository: Path, tmp_path: Path
) -> None:
    await archive.store("plant-b", [version("evil")])

    git(repository, "fetch", "-q", str(tmp_path / "archive" / "plant-b.git"), "main:main")

    assert await archive.commits_after(SITE, None) == []


async def test_seal_is_known_again_after_a_restart_and_in_a_clone(
    archive: Archive, repository: Path, tmp_path: Path
) -> None:
    commits = await archive.store(SITE, [version(number=number) for number in (1, 2)])
    await archive.close()
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(tmp_path / "archive" / "key", other / "key")
    git(tmp_path, "clone", "-q", "--mirror", str(repository), str(other / "plant-a.git"))
    again = Archive(other, durable=False)
    await again.open([SITE])

    assert [one.commit for one in await again.commits_after(SITE, None)] == commits
    assert (other / "key").stat().st_mode & 0o777 == 0o600
    await again.close()
