"""What a kill, a bad disk or a hasty hand has done to a repository, undone as far as that goes without its texts.

An object is named by its content, so it is never written anew while something of that name is there. What is damaged
counts as not there (``storage.archive.objects``); a damaged pack is taken out of the way.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from storage.archive.tools import GIT, git_environment

if TYPE_CHECKING:
    import pygit2

log = logging.getLogger(__name__)

LEFT_BY_A_KILL = ("*.lock", "tmp_*", ".tmp-*")  # of libgit2 and of git
MAX_PUSH_AGE = 3600  # seconds since the last change to the folder of a push that is taken in; then it is nobody's
MAX_LOCK_AGE = 60  # seconds: no git holds a lock longer over a branch; whoever left it is gone
UNPACK_TIMEOUT = 3600  # seconds
_LOCKED = ("refs/heads/main", "HEAD", "config", "packed-refs")  # what storing a version may have to write
SET_ASIDE = "set-aside"  # the folder of damaged packs, within the repository
_PUT_BACK = ".unpacked"  # beside such a pack: all that is good in it is in the repository again

# Ours never loses a text because somebody tidied up or pushed; who insists by hand is noticed.
_SETTINGS = {
    "gc.auto": "0",
    "gc.pruneExpire": "never",
    "receive.denyNonFastForwards": "true",
    "receive.denyDeletes": "true",
}


def clear_leftovers(path: Path) -> None:
    """Remove what a kill has left behind; only while nobody else writes."""
    for pattern in LEFT_BY_A_KILL:
        for left in [*path.rglob(pattern)]:
            if not left.is_dir():
                left.unlink(missing_ok=True)
            elif time.time() - left.stat().st_mtime > MAX_PUSH_AGE:
                shutil.rmtree(left, ignore_errors=True)


def clear_stale_locks(path: Path) -> None:
    """Remove locks that are too old to be anybody's."""
    for name in _LOCKED:
        lock = path / f"{name}.lock"
        try:
            age = time.time() - lock.stat().st_mtime
        except FileNotFoundError:
            continue
        if age > MAX_LOCK_AGE:
            log.warning("stale lock removed", extra={"path": str(lock), "seconds": round(age)})
            lock.unlink(missing_ok=True)


def mend_frame(path: Path) -> None:
    """Bring back what tools that copy or sync leave out: empty folders, a HEAD."""
    for folder in ("objects", "refs/heads", "refs/tags"):
        (path / folder).mkdir(parents=True, exist_ok=True)
    head = path / "HEAD"
    if not head.exists() or not head.read_bytes().strip():
        head.write_bytes(b"ref: refs/heads/main\n")


def keep_settings(repository: pygit2.Repository) -> None:
    """The settings that protect what nobody names any more."""
    config = repository.config
    for name, value in _SETTINGS.items():
        if name not in config or config[name] != value:
            config[name] = value


def set_damaged_packs_aside(path: Path, names: set[str]) -> None:
    """Take out the packs that hold these damaged objects, and put back every other object of theirs."""
    for index in (path / "objects" / "pack").glob("*.idx"):
        held = names & set(_git(path, "show-index", given=index).stdout.decode().split())
        if not held or _git(path, "verify-pack", str(index)).returncode <= 0:  # less: it was killed, and tells nothing
            continue
        log.error("damaged pack set aside", extra={"path": str(index)})
        aside = path / SET_ASIDE
        aside.mkdir(exist_ok=True)
        for file in index.parent.glob(f"{index.stem}.*"):
            file.rename(aside / file.name)
        _put_back_objects(path, aside / f"{index.stem}.pack")
    names.clear()


def put_back_objects(path: Path) -> None:
    """Go on with what a kill has cut short: packs that were set aside, and whose good objects are nowhere else."""
    for pack in (path / SET_ASIDE).glob("*.pack"):
        if not pack.with_suffix(_PUT_BACK).exists():
            _put_back_objects(path, pack)


def _put_back_objects(path: Path, pack: Path) -> None:
    _git(path, "unpack-objects", "-r", "-q", given=pack)
    pack.with_suffix(_PUT_BACK).touch()


def require_answer(path: Path) -> None:
    """Make sure that what cannot be found is gone, and not only out of reach for now.

    Raises:
        OSError: the repository cannot be looked through: too many open files, no rights, a disk that does not answer.
    """
    if not os.path.lexists(path):
        os.listdir(path.parent if path.parent.exists() else path.parent.parent)  # noqa: PTH208 - its errors are the point
        return
    for folder in (path / "objects", path / "objects" / "pack"):
        if not os.path.lexists(folder):
            continue
        for entry in os.scandir(folder):
            if entry.is_dir():
                os.listdir(entry.path)  # noqa: PTH208 - the same
            else:
                os.close(os.open(entry.path, os.O_RDONLY))


def _git(path: Path, *arguments: str, given: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """What git says; ``unpack-objects -r`` fails in the end, and has done what can be done."""
    with (given or Path(os.devnull)).open("rb") as opened:
        return subprocess.run(  # noqa: S603 - our own arguments
            [*GIT, "-C", str(path), *arguments],
            stdin=opened,
            capture_output=True,
            check=False,
            timeout=UNPACK_TIMEOUT,
            env=git_environment(),
        )
