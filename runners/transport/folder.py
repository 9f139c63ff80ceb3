"""A private folder for sockets: short enough for their addresses, and gone after a kill at the next start."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import LastgoodError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

log = logging.getLogger(__name__)

MAX_SOCKET_PATH = 103  # bytes of a socket's address that every system takes
_PREFIX = "lastgood-"
_LOCK = "lock"
_NAME_BYTES = len(_PREFIX) + 8 + len("/12345678.sock") + 1  # what is added to the place of the folder


class NoFolder(LastgoodError):
    """No place takes a folder for the agents' socket."""

    def __init__(self, tried: Sequence[str]) -> None:
        super().__init__(f"no place for the agents' socket: {'; '.join(tried)}")
        self.advice = (
            "The agents' socket needs a short path to a folder that Lastgood may write. Set TMPDIR to one such as /tmp."
        )


@dataclass(frozen=True, slots=True)
class PrivateFolder:
    """A folder of our own, held by a lock for as long as we live: one whose lock is free was left by a kill."""

    path: Path
    _lock: int

    @classmethod
    def make(cls) -> PrivateFolder:
        """Make one, and remove those that were left behind there. Blocks.

        Raises:
            NoFolder: no place takes one.
        """
        tried = []
        for place in _places():
            if len(os.fsencode(place)) + _NAME_BYTES > MAX_SOCKET_PATH:
                tried.append(f"{place} is too long")
                continue
            try:
                _remove_leftovers(place)
                return cls(*_made(place))
            except OSError as error:
                tried.append(f"{place}: {error.strerror}")
        raise NoFolder(tried)

    def remove(self) -> None:
        """Remove it with all that it holds. Blocks."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _places() -> Iterator[Path]:
    """Where it may be: the place that the system or the user names, or else one with a short path."""
    seen: set[str] = set()
    for place in (tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp", "/var/tmp"):  # noqa: S108 - made private
        if place and place not in seen:
            seen.add(place)
            yield Path(place).absolute()


def _made(place: Path) -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))  # with mode 0700
        try:
            lock = _locked(path)
        except FileNotFoundError:  # somebody who cleans up came between: it was empty
            continue
        if lock is not None:
            return path, lock


def _locked(folder: Path) -> int | None:
    """The lock of ``folder``, held; None: it is another's, or has just been removed."""
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    if os.fstat(lock).st_nlink:
        return lock
    os.close(lock)
    return None


def _remove_leftovers(place: Path) -> None:
    """Remove the folders of ours whose process is gone."""
    for path in place.glob(f"{_PREFIX}????????"):
        try:
            facts = path.lstat()
            if stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.geteuid():
                _remove_if_left(path)
        except OSError as error:  # it is going, or not ours after all
            log.info("old folder left alone", extra={"folder": str(path), "error": error.strerror})


def _remove_if_left(path: Path) -> None:
    if not (path / _LOCK).exists():
        if not any(path.iterdir()):
            path.rmdir()
        return
    lock = _locked(path)
    if lock is None:
        return
    shutil.rmtree(path, ignore_errors=True)
    os.close(lock)
    log.info("folder of a process that was killed removed", extra={"folder": str(path)})
