"""Git repositories of the archive, looked at and harmed by git itself and by hand."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from storage.archive.archive import NewVersion

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
SITE = "plant-a"
_WHO = {f"GIT_{who}_{what}": "mallory" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def version(device: str = "core-sw1", number: int = 1, text: bytes | None = None, **rest: Any) -> NewVersion:  # noqa: ANN401 - any part of a version
    """A version with a text that tells which it is."""
    return NewVersion(
        device=device,
        site=SITE,
        text=f"hostname {device}\nversion {number}\n".encode() if text is None else text,
        number=number,
        run=100 + number,
        captured_at=NOW + timedelta(hours=number),
        digest=f"d{number}",
        reason="manual",
        **rest,
    )


def git(repository: Path, *arguments: str, given: str | None = None, good: bool = True) -> str:
    """What git itself says of ``repository``."""
    done = subprocess.run(  # noqa: S603 - our own arguments
        ["git", "-c", "safe.directory=*", "-C", str(repository), *arguments],  # noqa: S607 - the system's git
        capture_output=True,
        text=True,
        check=good,
        input=given,
        env=os.environ | _WHO | {"GIT_CONFIG_GLOBAL": os.devnull},
    )
    return done.stdout + ("" if good else done.stderr)


def complaints(repository: Path) -> str:
    """What ``git fsck`` finds wrong; empty: nothing. That there is no branch yet is none."""
    said = git(repository, "fsck", "--strict", "--no-dangling", "--full", good=False)
    return "\n".join(line for line in said.splitlines() if not line.startswith("notice: "))


def object_file(repository: Path, name: str) -> Path:
    """The loose file of an object."""
    return repository / "objects" / name[:2] / name[2:]


def truncate(file: Path) -> None:
    """Keep half of it, as a disk may after a power cut."""
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def blob_of(repository: Path, commit: str, device: str = "core-sw1") -> str:
    """The name of the object that holds the text of a device."""
    [line] = [one for one in git(repository, "ls-tree", "-r", commit).splitlines() if one.endswith(f"/{device}")]
    return line.split()[2]


def trees_of(repository: Path, commit: str) -> list[str]:
    """The names of its lists of files: the outer one, and those within."""
    inner = git(repository, "ls-tree", commit).splitlines()
    return [git(repository, "rev-parse", f"{commit}^{{tree}}").strip(), *(line.split()[2] for line in inner)]


def forge(repository: Path, message: str, *, parent: str | None = None, tree: str | None = None) -> str:
    """Commit with these words upon ``parent`` and let the branch point there, as a push does."""
    parent = parent or git(repository, "rev-parse", "main").strip()
    tree = tree or git(repository, "rev-parse", f"{parent}^{{tree}}").strip()
    made = git(repository, "commit-tree", tree, "-p", parent, given=message).strip()
    git(repository, "update-ref", "refs/heads/main", made)
    return made
