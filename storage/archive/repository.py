"""One site's bare git repository, as blocking calls: what ``storage.archive.archive`` runs in threads.

Everything is written under a temporary name and renamed, objects first and the one reference last, so that a kill at
any moment leaves the repository as it was before or as it is after. Others may read and push; nothing that they do,
and no damage to an object, keeps the next version from being stored.
"""

from __future__ import annotations

import errno
import logging
import shutil
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

import pygit2
from pygit2.enums import SortMode

from domain.configs.own_words import marked
from storage.archive import mending
from storage.archive.commits import found_in, message_of, own_words_of, signature_of
from storage.archive.files import flush_file, flush_file_system
from storage.archive.objects import MISSING, open_repository
from storage.archive.trees import is_commit, is_readable, text_of, tree_with

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from domain.configs.own_words import StoredText
    from storage.archive.commits import FoundVersion, NewVersion, Seal

log = logging.getLogger(__name__)

MAIN = "refs/heads/main"
SET_ASIDE = "refs/set-aside"  # where the branch pointed to when somebody had moved it
MAX_KNOWN_COMMITS = 100  # that are remembered: if the newest is damaged, the branch goes on from the one before
MAX_STORE_TRIES = 5  # for one batch, while somebody removes objects or packs are damaged


class Repository:
    """The versions of one site. One writer at a time; readers never wait for it."""

    def __init__(self, path: Path, *, durable: bool, seal: Seal) -> None:
        self._path = path
        self._durable = durable
        self._seal = seal
        self._writing = threading.Lock()
        self._damaged: set[str] = set()  # objects in packs
        self._known: deque[pygit2.Oid] = deque(maxlen=MAX_KNOWN_COMMITS)  # where the branch was left, the newest last

    @property
    def path(self) -> Path:
        """The folder of the bare repository."""
        return self._path

    def prepare(self) -> None:
        """Make the repository if it is missing, and clear what a kill has left behind; raises if it is of no use."""
        with self._writing:
            self._make_missing()
            mending.clear_leftovers(self._path)
            mending.mend_frame(self._path)
            mending.put_back_objects(self._path)
            mending.keep_settings(self._open())

    def expect(self, commits: Sequence[str]) -> bool:
        """Let the branch hold ``commits``, the newest known ones, oldest first; True: it did not, and is put back."""
        with self._writing:
            repository = self._open()
            self._known = deque((pygit2.Oid(hex=one) for one in commits if one in repository), maxlen=MAX_KNOWN_COMMITS)
            return self._keep_branch(repository)

    def keep_branch(self) -> bool:
        """Let the branch be where it was left, or ahead of it; True: it was put back."""
        with self._writing:
            self._make_missing()
            return self._keep_branch(self._open())

    def store(self, versions: Sequence[NewVersion]) -> list[str]:
        """Commit each of ``versions``, in order, all or none; returns the ids of the commits."""
        if not versions:
            return []
        with self._writing:
            self._make_missing()
            mending.clear_stale_locks(self._path)
            commits = self._store(versions)
            if self._damaged:
                mending.set_damaged_packs_aside(self._path, self._damaged)
            return [str(commit) for commit in commits]

    def read(self, commit: str, device: str) -> bytes:
        """The text that ``device`` had in ``commit``, byte for byte."""
        return text_of(self._open(), commit, device)

    def read_marked(self, commit: str, device: str) -> StoredText:
        """The text that ``device`` had in ``commit``, with those of its agent's words that stand in it."""
        repository = self._open()
        return marked(text_of(repository, commit, device), own_words_of(repository[commit].peel(pygit2.Commit)))

    def read_all(self, wanted: Sequence[tuple[str, str]]) -> list[bytes]:
        """The texts of pairs of commit and device, in their order."""
        repository = self._open()
        return [text_of(repository, commit, device) for commit, device in wanted]

    def unreadable(self, wanted: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Those pairs of commit and device whose text is gone or damaged; raises if that cannot be told now."""
        if not self._path.exists():
            mending.require_answer(self._path)
            return list(wanted)
        repository = self._open()
        lost = [(commit, device) for commit, device in wanted if not is_readable(repository, commit, device)]
        if lost:
            mending.require_answer(self._path)
        return lost

    def commits_after(self, known: str | None) -> list[FoundVersion]:
        """The versions committed after ``known``, oldest first; all of them if it is None or not in here."""
        repository = self._open()
        tip = _tip(repository)
        if tip is None:
            return []
        walk = repository.walk(tip, SortMode.TOPOLOGICAL | SortMode.REVERSE)
        if known is not None and known in repository:
            walk.hide(pygit2.Oid(hex=known))
        commits = [(commit, found_in(commit, self._seal)) for commit in walk]
        if strangers := [str(commit.id) for commit, found in commits if not found]:
            log.warning("commits of others left alone", extra={"path": str(self._path), "commits": strangers[:10]})
        return [found for _, found in commits if found]

    def wait(self) -> None:
        """Return when no writing is under way."""
        with self._writing:
            pass

    def _open(self) -> pygit2.Repository:
        return open_repository(self._path, self._damaged)

    def _make_missing(self) -> None:
        if not self._path.exists():
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make(self._path)
            mending.keep_settings(self._open())

    def _keep_branch(self, repository: pygit2.Repository) -> bool:
        tip = _tip(repository)
        base = _base(repository, tip, self._known)
        if base is not None and base not in self._known:
            self._known.append(base)
        if base == tip:
            return False
        log.error("branch put back", extra={"path": str(self._path), "was": str(tip), "now": str(base)})
        if tip is not None:
            repository.create_reference_direct(f"{SET_ASIDE}/{str(tip)[:12]}", tip, True)  # noqa: FBT003 - C function: force
        self._move(repository, base)
        return True

    def _store(self, versions: Sequence[NewVersion]) -> list[pygit2.Oid]:
        """The same versions upon the same base are the same objects: trying again writes only what has vanished."""
        error: Exception = OSError(errno.EIO, "what is written does not stay", str(self._path))
        for _ in range(MAX_STORE_TRIES):
            try:
                self._keep_branch(self._open())
                base = _tip(self._open())
                commits = self._commit(self._open(), base, versions)
                self._publish(self._open(), commits[-1])
                if self._has(commits, versions):
                    self._known.extend(commits)
                    return commits
                self._move(self._open(), base)
            except (*MISSING, FileNotFoundError) as vanished:  # somebody prunes what has no name yet
                error = vanished
        raise error

    def _commit(
        self, repository: pygit2.Repository, base: pygit2.Oid | None, versions: Sequence[NewVersion]
    ) -> list[pygit2.Oid]:
        commits: list[pygit2.Oid] = []
        for version in versions:
            parents = [base] if base else []
            tree = tree_with(repository, base, version.device, version.text)
            message, who = self._seal.sealed(message_of(version), base, tree), signature_of(version)
            base = _created(repository, (who, who, message, tree, parents))
            commits.append(base)
        return commits

    def _has(self, commits: Sequence[pygit2.Oid], versions: Sequence[NewVersion]) -> bool:
        """Whether what was just stored is there: somebody may be pruning what has no name yet."""
        repository = self._open()
        stored = zip(commits, versions, strict=True)
        return all(is_readable(repository, str(commit), version.device) for commit, version in stored)

    def _move(self, repository: pygit2.Repository, tip: pygit2.Oid | None) -> None:
        if _tip(repository) is None:
            (self._path / MAIN).unlink(missing_ok=True)  # nothing that git could read, so it would not write over it
        if tip is not None:
            self._publish(repository, tip)
        elif MAIN in repository.references:
            repository.references.delete(MAIN)

    def _publish(self, repository: pygit2.Repository, tip: pygit2.Oid) -> None:
        """Let the branch point at ``tip``, with everything that it needs on the disk before."""
        if self._durable:
            flush_file_system(self._path)
        repository.create_reference_direct(MAIN, tip, True)  # noqa: FBT003 - C function: force
        if self._durable:
            flush_file(self._path / MAIN)
            flush_file((self._path / MAIN).parent)


def _make(path: Path) -> None:
    """Made under another name first: a kill half-way must not leave half a repository under this one."""
    unfinished = path.with_name(f"{path.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    pygit2.init_repository(str(unfinished), bare=True, initial_head="main")
    unfinished.chmod(0o700)
    unfinished.rename(path)


def _created(repository: pygit2.Repository, parts: tuple[Any, ...]) -> pygit2.Oid:
    try:
        return repository.create_commit(None, *parts)
    except SystemError as error:  # pygit2's way to pass on an error of the disk
        raise error.__cause__ or error from None


def _tip(repository: pygit2.Repository) -> pygit2.Oid | None:
    """Where the branch points to; None: nowhere, or to nothing that can be built upon."""
    try:
        reference = repository.references.get(MAIN)
        return reference.peel(pygit2.Commit).id if reference else None
    except MISSING:
        return None


def _base(repository: pygit2.Repository, tip: pygit2.Oid | None, known: Sequence[pygit2.Oid]) -> pygit2.Oid | None:
    """What the next version is built upon: the branch, unless it lacks what was stored before."""
    left = next((one for one in reversed(known) if one == tip or is_commit(repository, one)), None)
    if left is None or tip == left:
        return tip
    try:
        return tip if tip and repository.descendant_of(tip, left) else left
    except MISSING:
        return left
