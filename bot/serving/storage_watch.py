"""Whether disk and database take what has to be kept: a part of serve's health, found out by writing to them."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from storage.database.writable import write_something

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bot.metrics import Metrics
    from bot.settings.loading import Settings
    from domain.clock import Clock

log = logging.getLogger(__name__)

MIN_FREE_DISK = 50 * 1024 * 1024  # bytes; with less, the next configurations or the database may not fit
MIN_FREE_INODES = 100  # files; each configuration that changed needs a few
MAX_STORAGE_AGE = 120  # seconds since the last look: a disk that does not answer at all is no good one
DATABASE_WRITE_TIMEOUT = timedelta(seconds=20)  # for one small row
_PROBE_BYTES = 4096
_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "Lastgood may not write there",
    errno.EPERM: "Lastgood may not write there",
    errno.ENOENT: "the folder is gone",
}


@dataclass(frozen=True, slots=True)
class Room:
    """What is left on the disk of a folder. ``inodes`` is None where files are not counted."""

    bytes: int
    inodes: int | None


class StorageWatch:
    """Looks from time to time; ``works`` tells what the last look found."""

    def __init__(self, settings: Settings, *, clock: Clock, metrics: Metrics) -> None:
        self._folders = _folders(settings)
        self._clock = clock
        self._metrics = metrics
        self._looked_at = 0.0  # by the loop's clock
        self.problems: Mapping[str, str] = {}

    @property
    def works(self) -> bool:
        """Whether all of it takes what is written."""
        return not self.problems and asyncio.get_running_loop().time() - self._looked_at < MAX_STORAGE_AGE

    async def tick(self) -> None:
        """Look at each folder and at the database."""
        found: dict[str, str] = {}
        for name, folder in self._folders.items():
            room, trouble = await asyncio.to_thread(look_at, folder)
            if room:
                self._metrics.disk_free.labels(name).set(room.bytes)
            if trouble:
                found[name] = f"{trouble} ({folder})"
        trouble = await self._database_trouble()
        if trouble:
            found["database"] = trouble
        self._looked_at = asyncio.get_running_loop().time()
        self._tell(found)

    async def _database_trouble(self) -> str:
        try:
            async with asyncio.timeout(DATABASE_WRITE_TIMEOUT.total_seconds()):
                await write_something(self._clock.now())
        except Exception as error:  # noqa: BLE001 - every driver has its own, and all of them mean the same here
            return f"the database cannot be written: {error!r}"
        return ""

    def _tell(self, found: Mapping[str, str]) -> None:
        if found.keys() - self.problems.keys():
            log.error("what must be kept cannot be written", extra={"problems": dict(found)})
        if self.problems and not found:
            log.info("storage works again")
        self.problems = found
        self._metrics.storage.set(not found)


def look_at(folder: Path) -> tuple[Room | None, str]:
    """What is left in ``folder``, and what keeps it from taking more; no words: nothing does. Blocks."""
    try:
        facts = os.statvfs(folder)
        room = Room(facts.f_bavail * facts.f_frsize, facts.f_favail if facts.f_files else None)
        _write_and_remove(folder)
    except OSError as error:
        return None, _WORDS.get(error.errno or 0, f"{error.strerror}")
    return room, _shortage(room)


def _shortage(room: Room) -> str:
    if room.bytes < MIN_FREE_DISK:
        return f"the disk is nearly full: {room.bytes // 1024 // 1024} MB are left"
    if room.inodes is not None and room.inodes < MIN_FREE_INODES:
        return f"the disk takes hardly any more files: {room.inodes} are left"
    return ""


def _write_and_remove(folder: Path) -> None:
    path = folder / f".writable-{secrets.token_hex(4)}"
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, b"\0" * _PROBE_BYTES)
        os.fsync(file)
    finally:
        os.close(file)
        path.unlink(missing_ok=True)


def _folders(settings: Settings) -> dict[str, Path]:
    """Where something is kept on this machine's disks."""
    folders = {"archive": settings.archive}
    file = settings.database_file
    if file is not None:
        folders["database"] = file.parent
    return folders
