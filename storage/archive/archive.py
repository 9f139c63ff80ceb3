"""The archive: every stored configuration is a commit in the bare git repository of its site.

What it promises after a kill at any moment: each repository is sound, and holds every version whose ``store`` has
returned. With ``durable`` the same is true after a power cut; that costs three flushes of the disk for each ``store``,
however many versions it is given. Only one process writes: a lock on the folder keeps a second one out.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import re
from typing import TYPE_CHECKING, TypeVar

import pygit2
from pygit2.enums import DiffOption

from domain.configs.versions import TextDiff
from domain.errors import LastgoodError
from storage.archive.repository import FoundVersion, NewVersion, Repository, safe_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from domain.configs.own_words import StoredText

__all__ = ["Archive", "ArchiveError", "FoundVersion", "NewVersion", "diff_texts"]

REPACK_TIMEOUT = 3600.0  # seconds

T = TypeVar("T")


class ArchiveError(LastgoodError):
    """A version could not be stored or read."""

    advice = "The archive is not available. Check the disk and the rights of the archive folder."

    def __init__(self, facts: str, *, advice: str | None = None) -> None:
        super().__init__(facts)
        self.advice = advice or type(self).advice


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
        self._repositories: dict[str, Repository] = {}

    async def open(self, sites: Iterable[str]) -> None:
        """Take the archive for this process, make missing repositories, and clear what a kill has left.

        Raises:
            ArchiveError: another process has it, or the folder cannot be used.
        """
        await self._attempt("open", lambda: self._open(list(sites)))

    def open_to_read(self, sites: Iterable[str]) -> None:
        """Read what is there, also while another process writes; ``store`` refuses."""
        for site in sites:
            self._repositories[site] = Repository(self._folder / f"{safe_name(site)}.git", durable=False)

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
        return await self._attempt("read", lambda: self._repository(site).commits_after(site, known))

    async def repack(self, site: str) -> None:
        """Join loose objects into packs; to be called rarely, such as once a night.

        git's own ``repack`` does it in a process of low priority, because libgit2 would keep a core of ours busy for
        seconds. It touches no reference, so storing and reading go on meanwhile. Packs grow geometrically, so that
        a year of history is not written anew every time.

        Raises:
            ArchiveError: git is not installed, failed, or took longer than an hour.
        """
        arguments = ["-C", str(self._repository(site).path), *_REPACK]
        try:
            process = await asyncio.create_subprocess_exec(
                "nice", "-n", "19", "git", *arguments, env=_git_environment(), stderr=asyncio.subprocess.PIPE
            )
        except OSError as error:
            raise ArchiveError(f"cannot repack {site}: {error}") from error
        await _finish(process, site)

    def _open(self, sites: Sequence[str]) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = _take(self._folder / "lock")
        try:
            for site in sites:
                repository = Repository(self._folder / f"{safe_name(site)}.git", durable=self._durable)
                repository.prepare()
                self._repositories[site] = repository
        except BaseException:
            self._close()
            raise

    def _close(self) -> None:
        for repository in self._repositories.values():
            repository.wait()
        self._repositories.clear()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _repository(self, site: str) -> Repository:
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


def diff_texts(before: str, after: str, *, context: int = 3) -> TextDiff:
    """Compare two texts in C; 20 KB take a fifth of a millisecond, so only large ones need a thread.

    Hunks have no heading: git would guess one from what begins a line. Where a block of lines could have been added
    at several places, the one with the least indentation before it is chosen.

    Args:
        before: the older text.
        after: the newer text.
        context: unchanged lines to keep around each change.
    """
    # libgit2 keeps pointers into both: they have to outlive the patch.
    old, new = before.encode("utf-8", "replace"), after.encode("utf-8", "replace")
    patch = pygit2.Patch.create_from(old, new, flag=_OPTIONS, context_lines=context, interhunk_lines=0)
    _, added, removed = patch.line_stats
    hunks = _HEADERS.sub(b"", patch.data, count=1)
    text = _GUESSES.sub(rb"\1", hunks).decode("utf-8", "replace")
    del patch, old, new
    return TextDiff(text=text, added=added, removed=removed)


_OPTIONS = DiffOption.FORCE_TEXT | DiffOption.INDENT_HEURISTIC
_GUESSES = re.compile(rb"^(@@ -[\d,]+ \+[\d,]+ @@)[^\n]+", re.MULTILINE)
_HEADERS = re.compile(rb"\A.*?^(?=@@ )|\A(?!.*^@@ ).*\Z", re.DOTALL | re.MULTILINE)

_REPACK = ("-c", "safe.directory=*", "repack", "--geometric=2", "-d", "-l", "-q", "--no-write-bitmap-index")


def _git_environment() -> dict[str, str]:
    """Our own environment without what would send git elsewhere, and no settings of the account it runs under."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return plain | {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


async def _finish(process: asyncio.subprocess.Process, site: str) -> None:
    try:
        async with asyncio.timeout(REPACK_TIMEOUT):
            _, said = await process.communicate()
    except BaseException as error:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if isinstance(error, TimeoutError):
            raise ArchiveError(f"repacking {site} took longer than {REPACK_TIMEOUT:g} s") from error
        raise
    if process.returncode:
        raise ArchiveError(f"repacking {site} failed: {said.decode(errors='replace').strip()[:500]}")


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
