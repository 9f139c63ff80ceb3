"""The objects of a repository, read so that no damage to a file can do more than make its object missing.

libgit2 itself never comes back from a loose object that was cut off, and takes the whole process with it. So Python's
zlib reads them. An object that is not what its name says counts as not there: then it is written anew when the same
content comes again, over the damaged file.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pygit2
from pygit2.enums import ConfigLevel, ObjectType

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FILE_TRIES = 10  # for a new file in a folder that somebody tidies up
_SPEED = 1  # of compression, as git itself compresses loose objects
_TYPES = {
    b"commit": ObjectType.COMMIT,
    b"tree": ObjectType.TREE,
    b"blob": ObjectType.BLOB,
    b"tag": ObjectType.TAG,
}
_WORDS = {int(number): word for word, number in _TYPES.items()}

MISSING = (KeyError, ValueError, pygit2.GitError)  # what is raised for an object that is gone or damaged

# The archive is the same whoever runs the process: no settings of that account, and no question who owns the folder.
for _level in (ConfigLevel.SYSTEM, ConfigLevel.XDG, ConfigLevel.GLOBAL):
    pygit2.settings.search_path[_level] = ""
pygit2.settings.owner_validation = False


def open_repository(path: Path, damaged: set[str]) -> pygit2.Repository:
    """The repository in ``path``, as it is now; names of objects that are damaged in a pack are added to ``damaged``.

    Raises:
        pygit2.GitError: there is none that can be used.
    """
    repository = pygit2.Repository(str(path))
    odb = pygit2.Odb()
    odb.add_backend(_Objects(path, damaged), 1)
    repository.set_odb(odb)
    return repository


class _Objects(pygit2.OdbBackend):
    """Loose objects by Python, those in packs by libgit2. What pygit2 calls ends in ``_cb``; KeyError: not there."""

    def __init__(self, path: Path, damaged: set[str]) -> None:
        super().__init__()
        self._damaged = damaged
        self._path = path
        self._folder = f"{path}/objects"
        self._packs: pygit2.Repository | None = None  # opened when an object is not loose

    def read_cb(self, name: pygit2.Oid) -> tuple[int, bytes]:
        """The kind and the content of an object."""
        return self._load(str(name))

    def read_header_cb(self, name: pygit2.Oid) -> tuple[int, int]:
        """The kind and the size of an object."""
        kind, content = self._load(str(name))
        return kind, len(content)

    def exists_cb(self, name: pygit2.Oid) -> bool:
        """Whether there is such an object, whole as far as it is loose."""
        try:
            self._load(str(name))
        except MISSING:
            return False
        return True

    def write_cb(self, name: pygit2.Oid, content: bytes, kind: int) -> None:
        """Write an object under a temporary name, and rename it: it is there or not, never half."""
        file = self._file(str(name))
        packed = zlib.compress(b"%s %d\0" % (_WORDS[kind], len(content)) + content, _SPEED)
        descriptor, fresh = _new_file(file.parent)
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(packed)
            fresh.chmod(0o444)
            fresh.replace(file)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise

    def read_prefix_cb(self, name: pygit2.Oid) -> tuple[int, bytes, pygit2.Oid]:
        """As ``read_cb``: nobody asks for less than a whole name."""
        return *self._load(str(name)), name

    def exists_prefix_cb(self, name: pygit2.Oid) -> pygit2.Oid:
        """As ``exists_cb``."""
        self._load(str(name))
        return name

    def refresh_cb(self) -> None:
        """Nothing is remembered."""

    def __iter__(self) -> Iterator[pygit2.Oid]:
        """Nobody asks for all."""
        return iter(())

    def _file(self, name: str) -> Path:
        return Path(f"{self._folder}/{name[:2]}/{name[2:]}")

    def _load(self, name: str) -> tuple[int, bytes]:
        try:
            with open(f"{self._folder}/{name[:2]}/{name[2:]}", "rb") as opened:  # noqa: PTH123 - paths cost as much as reading
                packed = opened.read()
        except FileNotFoundError:
            return self._load_packed(name)
        try:
            whole = zlib.decompress(packed)
        except zlib.error:
            raise KeyError(name) from None
        if hashlib.sha1(whole, usedforsecurity=False).hexdigest() != name:
            raise KeyError(name)
        head, _, content = whole.partition(b"\0")
        return int(_TYPES[head.partition(b" ")[0]]), content

    def _load_packed(self, name: str) -> tuple[int, bytes]:
        if self._packs is None:
            self._packs = pygit2.Repository(str(self._path))
        try:
            kind, content = self._packs.read(pygit2.Oid(hex=name))
        except pygit2.GitError:
            self._damaged.add(name)
            raise
        return int(kind), content


def _new_file(folder: Path) -> tuple[int, Path]:
    """A file under a temporary name that git's clean-up leaves alone; it does remove folders that are empty."""
    for _ in range(MAX_FILE_TRIES):
        folder.mkdir(exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            descriptor, name = tempfile.mkstemp(prefix="tmp_lastgood_", dir=folder)
            return descriptor, Path(name)
    raise FileNotFoundError(errno.ENOENT, "the folder does not stay", str(folder))
