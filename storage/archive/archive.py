"""The archive: every stored configuration is a commit in the bare git repository of its site.

What it promises after a kill at any moment: each repository is sound, and holds every version whose ``store`` has
returned. With ``durable`` the same is true after a power cut; that costs three flushes of the disk for each ``store``,
however many versions it is given. Only one process writes: a lock on the folder keeps a second one out. A repository
that is of no use is set aside: it is named, tried again, and keeps no other site from its own.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import re
from typing import TYPE_CHECKING, TypeVar

import pygit2

from storage.archive.commits import FoundVersion, NewVersion, Seal
from storage.archive.errors import ArchiveError
from storage.archive.files import kept_key, safe_name
from storage.archive.repacking import repack
from storage.archive.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from domain.configs.own_words import StoredText

__all__ = ["Archive", "ArchiveError", "FoundVersion", "NewVersion"]

log = logging.getLogger(__name__)

KEY_FILE = "key"  # in the folder of the archive: what seals its commits

T = TypeVar("T")


class Archive:
    """The repositories below one folder. Everything that touches the disk runs in threads."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        """Name the archive without touching it.

        Args:
            folder: where the repositories are, one ``SITE.git`` each.
            durable: wait for the disk before a version counts as stored.
        """
        self._folder = folder
        self._durable = durable
        self._lock: int | None = None
        self._key = b""
        self._repositories: dict[str, Repository] = {}
        self._set_aside: dict[str, str] = {}
        self._put_back: set[str] = set()

    async def open(self, sites: Iterable[str]) -> None:
        """Take the archive for this process, make missing repositories, and clear what a kill has left.

        Raises:
            ArchiveError: another process has it, or the folder cannot be used. A single repository that cannot be
                used is set aside.
        """
        await self._attempt("open", lambda: self._open(list(sites)))

    def open_to_read(self, sites: Iterable[str]) -> None:
        """Read what is there, also while another process writes; ``store`` refuses."""
        for site in sites:
            self._repositories[site] = Repository(self.path_of(site), durable=False, seal=Seal(site, b""))

    async def close(self) -> None:
        """Wait for writing that is under way, then let others have the archive. Closing twice is harmless."""
        await asyncio.to_thread(self._close)

    async def store(self, site: str, versions: Sequence[NewVersion]) -> list[str]:
        """Commit ``versions`` in their order, all or none; returns the ids of the commits.

        Versions of the same site wait for each other. A call that is cancelled still runs to its end.

        Raises:
            ArchiveError: nothing was stored, and the repository is as it was.
        """
        if self._lock is None:
            raise ArchiveError("the archive is not open for writing")
        return await self._attempt("store", lambda: self._repository(site).store(versions))

    async def read(self, site: str, commit: str, device: str) -> bytes:
        """The text of ``device`` in ``commit``, byte for byte as the device sent it.

        Raises:
            ArchiveError: there is no such commit or device in it.
        """
        return await self._attempt("read", lambda: self._repository(site).read(commit, kept_as(device, site)))

    async def read_marked(self, site: str, commit: str, device: str) -> StoredText:
        """As ``read``, with those of its agent's words that stand in the text.

        Raises:
            ArchiveError: there is no such commit or device in it.
        """
        return await self._attempt("read", lambda: self._repository(site).read_marked(commit, kept_as(device, site)))

    async def read_all(self, site: str, wanted: Sequence[tuple[str, str]]) -> list[bytes]:
        """As ``read`` for many pairs of commit and device at once, in their order.

        Raises:
            ArchiveError: one of them is not there.
        """
        texts = [(commit, kept_as(device, site)) for commit, device in wanted]
        return await self._attempt("read", lambda: self._repository(site).read_all(texts))

    async def commits_after(self, site: str, known: str | None) -> list[FoundVersion]:
        """The versions committed after ``known``, oldest first; all of them if it is None or unknown here.

        After a kill these are the ones that were stored while the database does not know it yet.

        Raises:
            ArchiveError: the repository cannot be read.
        """
        return await self._attempt("read", lambda: self._repository(site).commits_after(known))

    async def expect(self, site: str, commits: Sequence[str]) -> None:
        """Let the branch of ``site`` hold ``commits``, the newest ones that are known of it, oldest first.

        Raises:
            ArchiveError: the repository cannot be read.
        """
        if await self._attempt("read", lambda: self._repository(site).expect(commits)):
            self._put_back.add(site)

    async def look_after(self) -> None:
        """Try again what was set aside, and put back branches that were moved."""
        await asyncio.to_thread(self._look_after)

    def take_put_back(self) -> frozenset[str]:
        """The sites whose branch had been moved, and is where it was left again; each is said once."""
        found, self._put_back = frozenset(self._put_back), set()
        return found

    @property
    def set_aside(self) -> Mapping[str, str]:
        """The sites whose repository is of no use now, each with why."""
        return dict(self._set_aside)

    async def unreadable(self, site: str, wanted: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Those pairs of commit and device whose text is gone or damaged.

        Raises:
            ArchiveError: that cannot be told now.
        """
        kept = {(commit, kept_as(device, site)): (commit, device) for commit, device in wanted}
        lost = await self._attempt("look into", lambda: self._repository(site).unreadable(list(kept)))
        return [kept[one] for one in lost]

    async def repack(self, site: str) -> None:
        """Join loose objects into packs; to be called rarely, such as once a night.

        Raises:
            ArchiveError: git is not installed, failed, or took longer than an hour.
        """
        await repack(self._repository(site).path)

    def path_of(self, site: str) -> Path:
        """The repository of ``site``."""
        return self._folder / f"{safe_name(site)}.git"

    def _open(self, sites: Sequence[str]) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = _take(self._folder / "lock")
        try:
            self._key = kept_key(self._folder / KEY_FILE)
        except BaseException:
            self._close()
            raise
        for site in sites:
            self._prepare(site)

    def _prepare(self, site: str) -> None:
        repository = Repository(self.path_of(site), durable=self._durable, seal=Seal(site, self._key))
        try:
            repository.prepare()
        except (OSError, pygit2.GitError, ValueError) as error:
            if site not in self._set_aside:
                log.error("repository set aside", extra={"path": str(repository.path), "error": str(error)})  # noqa: TRY400 - its facts are enough
            self._set_aside[site] = f"{type(error).__name__}: {error}"
            return
        self._repositories[site] = repository
        if self._set_aside.pop(site, None):
            log.info("repository can be used again", extra={"path": str(repository.path)})

    def _look_after(self) -> None:
        if self._lock is None:
            return
        for site in list(self._set_aside):
            self._prepare(site)
        for site, repository in list(self._repositories.items()):
            try:
                if repository.keep_branch():
                    self._put_back.add(site)
            except (OSError, pygit2.GitError, ValueError) as error:
                self._repositories.pop(site, None)
                self._set_aside[site] = f"{type(error).__name__}: {error}"
                log.error("repository set aside", extra={"path": str(repository.path), "error": str(error)})  # noqa: TRY400 - the same

    def _close(self) -> None:
        for repository in self._repositories.values():
            repository.wait()
        self._repositories.clear()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _repository(self, site: str) -> Repository:
        if site in self._set_aside:
            raise ArchiveError(f"the repository of {site} is set aside: {self._set_aside[site]}")
        repository = self._repositories.get(site)
        if repository is None:
            raise ArchiveError(f"the archive is not open for site {site!r}")
        return repository

    async def _attempt(self, what: str, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except ArchiveError:
            raise
        except (OSError, pygit2.GitError, KeyError, ValueError) as error:
            raise ArchiveError(f"cannot {what} in the archive: {type(error).__name__}: {error}") from error


def kept_as(device: str, site: str) -> str:
    """The name under which its texts were stored: before its past was sealed, as ``storage.devices.moves`` does."""
    past = re.fullmatch(rf"(.+) \({re.escape(site)}(?: \d+)?\)", device, re.DOTALL)
    return past[1] if past else device


def _take(path: Path) -> int:
    """Hold the lock of this archive until the descriptor is closed, also by a kill."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise ArchiveError(
            f"the archive is in use: {path}",
            advice="Another Lastgood already uses this archive. Stop it, or give this one a folder of its own.",
        ) from error
    return descriptor
