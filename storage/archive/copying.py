"""A copy of a repository that git accepts, made beside whoever stores into it.

Copying files one by one would take a branch whose objects came too late for the copy. git's own protocol takes the
branches first, and then everything that they need; a second copy into the same folder brings only what is new.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from storage.archive.archive import KEY_FILE
from storage.archive.errors import ArchiveError
from storage.archive.files import safe_name
from storage.archive.tools import GIT, git_environment

if TYPE_CHECKING:
    from pathlib import Path

COPY_TIMEOUT = 6 * 3600  # seconds, for one repository

_FETCH = ("fetch", "--quiet", "--prune", "--force", "--no-write-fetch-head", "--no-auto-maintenance")


def is_there(archive: Path, site: str) -> bool:
    """Whether ``site`` has a repository."""
    return (archive / f"{safe_name(site)}.git").exists()


def copy_repository(archive: Path, site: str, folder: Path) -> None:
    """Bring the copy of the repository of ``site`` in ``folder`` up to date, or make it.

    Raises:
        ArchiveError: it cannot be copied; an earlier copy is as it was.
    """
    name = f"{safe_name(site)}.git"
    source, target = archive / name, folder / name
    if not source.exists():
        raise ArchiveError(f"there is no repository {source}")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not target.exists():
        _git("init", "--quiet", "--bare", "--initial-branch=main", str(target))
        target.chmod(0o700)
    _git("-C", str(target), *_FETCH, str(source.absolute()), "+refs/*:refs/*")


def copy_key(archive: Path, folder: Path) -> None:
    """What tells our own commits from others': a copy without it would take no commit for one of ours."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (archive / KEY_FILE).exists():
        copy_secret(archive / KEY_FILE, folder / KEY_FILE)


def copy_secret(source: Path, target: Path) -> None:
    """For the owner of the process alone, at every moment."""
    fresh = target.with_name(f"{target.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    shutil.copyfile(source, fresh)
    fresh.replace(target)


def holds(folder: Path, site: str, commits: list[str]) -> bool:
    """Whether the copy of ``site`` has all of ``commits``."""
    if not commits:
        return True
    target = folder / f"{safe_name(site)}.git"
    said = _git("-C", str(target), "cat-file", "--batch-check=%(objecttype)", given="\n".join(commits) + "\n")
    return said.split() == ["commit"] * len(commits)


def _git(*arguments: str, given: str = "") -> str:
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            [*GIT, *arguments],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=COPY_TIMEOUT,
            env=git_environment(),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ArchiveError(f"git cannot be run: {error}") from error
    if done.returncode:
        raise ArchiveError(f"git says: {done.stderr.strip()[:500]}")
    return done.stdout
