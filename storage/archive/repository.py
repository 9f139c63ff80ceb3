"""One site's bare git repository, as blocking calls: what ``storage.archive.archive`` runs in threads.

Trees are built by hand and kept small, in folders named by two digits of a hash: a version then costs four small
objects however many devices the site has. Everything is written under a temporary name and renamed, objects first and
the one reference last, so that a kill at any moment leaves the repository as it was before or as it is after.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import shutil
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import pygit2
from pygit2.enums import ConfigLevel, FileMode, SortMode

from domain.configs.own_words import marked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from domain.configs.own_words import Mark, StoredText

MAIN = "refs/heads/main"
EMAIL = "lastgood@lastgood.invalid"  # a domain that can never exist
MAX_FILE_NAME = 200  # characters of a file name, which most file systems end at 255
MAX_TRAILER = 200  # characters
_MARK = re.compile(r"(\d{1,12})-(\d{1,12})")
LEFT_BY_A_KILL = ("*.lock", "tmp_*", ".tmp-*")  # of libgit2 and of git

# The archive is the same whoever runs the process: no settings of that account, and no question who owns the folder.
for _level in (ConfigLevel.SYSTEM, ConfigLevel.XDG, ConfigLevel.GLOBAL):
    pygit2.settings.search_path[_level] = ""
pygit2.settings.owner_validation = False

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """A version that is to be stored, and what its commit says of it."""

    device: str
    site: str
    text: bytes  # as the device sent it
    number: int  # counts from 1 for each device
    run: int
    captured_at: datetime
    digest: str  # of the comparable text
    reason: str  # why it was captured: baseline, manual, ...
    person: str | None = None  # who asked for the run
    job: str | None = None
    author: str | None = None  # who changed it, where the device says so
    own_words: tuple[Mark, ...] = ()  # where in the text words stand that its agent logged in with


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVersion:
    """A version as its commit tells of it."""

    device: str
    site: str
    number: int
    commit: str  # hex
    run: int
    captured_at: datetime
    digest: str
    author: str | None = None


class Repository:
    """The versions of one site. One writer at a time; readers never wait for it."""

    def __init__(self, path: Path, *, durable: bool) -> None:
        self._path = path
        self._durable = durable
        self._writing = threading.Lock()

    @property
    def path(self) -> Path:
        """The folder of the bare repository."""
        return self._path

    def prepare(self) -> None:
        """Make the repository if it is missing, and clear what a kill has left behind."""
        if not self._path.exists():
            _make(self._path)
        with self._writing:
            for pattern in LEFT_BY_A_KILL:
                for left in self._path.rglob(pattern):
                    left.unlink(missing_ok=True)

    def store(self, versions: Sequence[NewVersion]) -> list[str]:
        """Commit each of ``versions``, in order, all or none; returns the ids of the commits."""
        with self._writing:
            repository = self._open()
            tip = _tip(repository)
            commits: list[pygit2.Oid] = []
            for version in versions:
                tip = _commit(repository, tip, version)
                commits.append(tip)
            if commits:
                self._publish(repository, commits[-1])
        return [str(commit) for commit in commits]

    def read(self, commit: str, device: str) -> bytes:
        """The text that ``device`` had in ``commit``, byte for byte."""
        return _text(self._open(), commit, device)

    def read_marked(self, commit: str, device: str) -> StoredText:
        """The text that ``device`` had in ``commit``, with those of its agent's words that stand in it."""
        repository = self._open()
        told = dict(_trailers(repository[commit].peel(pygit2.Commit).message))
        places = (_MARK.fullmatch(mark) for mark in told.get("Own-Words", "").split())
        return marked(_text(repository, commit, device), [(int(one[1]), int(one[2])) for one in places if one])

    def read_all(self, wanted: Sequence[tuple[str, str]]) -> list[bytes]:
        """The texts of pairs of commit and device, in their order."""
        repository = self._open()
        return [_text(repository, commit, device) for commit, device in wanted]

    def commits_after(self, site: str, known: str | None) -> list[FoundVersion]:
        """The versions committed after ``known``, oldest first; all of them if it is None or not in here."""
        repository = self._open()
        tip = _tip(repository)
        if tip is None:
            return []
        walk = repository.walk(tip, SortMode.TOPOLOGICAL | SortMode.REVERSE)
        if known is not None and known in repository:
            walk.hide(pygit2.Oid(hex=known))
        return [found for commit in walk if (found := _found(commit, site))]

    def wait(self) -> None:
        """Return when no writing is under way."""
        with self._writing:
            pass

    def _open(self) -> pygit2.Repository:
        return pygit2.Repository(str(self._path))

    def _publish(self, repository: pygit2.Repository, tip: pygit2.Oid) -> None:
        """Let the branch point at ``tip``, with everything that it needs on the disk before."""
        if self._durable:
            flush_file_system(self._path)
        repository.create_reference_direct(MAIN, tip, True)  # noqa: FBT003 - C function: force
        if self._durable:
            flush_file(self._path / MAIN)
            flush_file((self._path / MAIN).parent)


def file_of(device: str) -> tuple[str, str]:
    """The folder and the file of a device: names that no device name can break out of.

    Letters, digits, hyphen and underscore stay as they are, all else becomes ``%2F`` and so on, also dots. A name
    that is too long for a file ends with its hash; the commit's trailer has it in full.
    """
    hashed = hashlib.sha256(device.encode("utf-8", "surrogatepass")).hexdigest()
    name = safe_name(device)
    if len(name) > MAX_FILE_NAME:
        name = f"{name[: MAX_FILE_NAME - 33]}-{hashed[:32]}"
    return hashed[:2], name


def safe_name(name: str) -> str:
    """``name`` with everything but letters, digits, hyphen and underscore percent-encoded."""
    return quote(name, safe="", errors="surrogatepass").replace(".", "%2E").replace("~", "%7E")


def flush_file_system(path: Path) -> None:
    """Wait until the file system of ``path`` has everything on the disk: one flush for thousands of objects."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if _libc.syncfs(descriptor) != 0:
            raise OSError(ctypes.get_errno(), "syncfs failed", str(path))
    finally:
        os.close(descriptor)


def flush_file(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make(path: Path) -> None:
    """Made under another name first: a kill half-way must not leave half a repository under this one."""
    unfinished = path.with_name(f"{path.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    pygit2.init_repository(str(unfinished), bare=True, initial_head="main")
    unfinished.chmod(0o700)
    unfinished.rename(path)


def _tip(repository: pygit2.Repository) -> pygit2.Oid | None:
    reference = repository.references.get(MAIN)
    return reference.peel(pygit2.Commit).id if reference else None


def _text(repository: pygit2.Repository, commit: str, device: str) -> bytes:
    folder, name = file_of(device)
    tree = repository[commit].peel(pygit2.Tree)
    return tree[f"{folder}/{name}"].peel(pygit2.Blob).data


def _commit(repository: pygit2.Repository, parent: pygit2.Oid | None, version: NewVersion) -> pygit2.Oid:
    signature = pygit2.Signature("Lastgood", EMAIL, int(version.captured_at.timestamp()), 0)
    tree = _tree(repository, parent, version)
    parents = [parent] if parent else []
    return repository.create_commit(None, signature, signature, _message(version), tree, parents)


def _tree(repository: pygit2.Repository, parent: pygit2.Oid | None, version: NewVersion) -> pygit2.Oid:
    folder, name = file_of(version.device)
    before = repository[parent].peel(pygit2.Tree) if parent else None
    top = repository.TreeBuilder(before) if before else repository.TreeBuilder()
    files = repository.TreeBuilder(before[folder].id) if before and folder in before else repository.TreeBuilder()
    files.insert(name, repository.create_blob(version.text), FileMode.BLOB)
    top.insert(folder, files.write(), FileMode.TREE)
    return top.write()


def _message(version: NewVersion) -> str:
    trailers = {
        "Run": str(version.run),
        "Device": quote(version.device, safe="", errors="surrogatepass"),  # in full: recovery reads it back
        "Version": str(version.number),
        "Captured-At": version.captured_at.astimezone(UTC).isoformat(),
        "Digest": _one_line(version.digest),
        "Reason": _one_line(version.reason),
        "Person": _one_line(version.person),
        "Job": _one_line(version.job),
        "Author": _one_line(version.author),
        "Own-Words": " ".join(f"{start}-{end}" for start, end in version.own_words),
    }
    lines = [f"Lastgood-{name}: {value}" for name, value in trailers.items() if value]
    return f"{_one_line(version.device)} v{version.number}\n\n" + "\n".join(lines) + "\n"


def _one_line(text: str | None) -> str:
    """Text of people and devices, so that it can add no trailer of its own."""
    printable = "".join(char if char.isprintable() else " " for char in text or "")
    return " ".join(printable.split())[:MAX_TRAILER]


def _trailers(message: str) -> Iterator[tuple[str, str]]:
    for line in message.rpartition("\n\n")[2].split("\n"):
        name, found, value = line.partition(": ")
        if found and name.startswith("Lastgood-"):
            yield name.removeprefix("Lastgood-"), value


def _found(commit: pygit2.Commit, site: str) -> FoundVersion | None:
    """The version that a commit of ours holds; None: somebody else's commit."""
    told = dict(_trailers(commit.message))
    if not {"Run", "Device", "Version", "Captured-At", "Digest"} <= told.keys():
        return None
    return FoundVersion(
        device=unquote(told["Device"], errors="surrogatepass"),
        site=site,
        number=int(told["Version"]),
        commit=str(commit.id),
        run=int(told["Run"]),
        captured_at=datetime.fromisoformat(told["Captured-At"]),
        digest=told["Digest"],
        author=told.get("Author"),
    )
