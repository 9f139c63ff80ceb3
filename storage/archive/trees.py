"""The files of a site as git's trees, built by hand and kept small, in folders named by two digits of a hash.

A version then costs four small objects however many devices the site has.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import pygit2
from pygit2.enums import FileMode

from storage.archive.files import file_of
from storage.archive.objects import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_EARLIER_TREES = 200  # commits that are looked through for a readable tree when the newest one is damaged


def text_of(repository: pygit2.Repository, commit: str, device: str) -> bytes:
    """The text that ``device`` had in ``commit``, byte for byte."""
    folder, name = file_of(device)
    tree = repository[commit].peel(pygit2.Tree)
    return tree[f"{folder}/{name}"].peel(pygit2.Blob).data


def is_readable(repository: pygit2.Repository, commit: str, device: str) -> bool:
    """Whether this text is there and whole."""
    try:
        text_of(repository, commit, device)
    except MISSING:
        return False
    return True


def is_commit(repository: pygit2.Repository, commit: pygit2.Oid) -> bool:
    """Whether a commit can be read: something to build upon."""
    try:
        repository[commit].peel(pygit2.Commit)
    except MISSING:
        return False
    return True


def tree_with(repository: pygit2.Repository, parent: pygit2.Oid | None, device: str, text: bytes) -> pygit2.Oid:
    """The files of ``parent`` with this text of ``device``.

    Of a tree that is damaged the newest readable one before it takes the place.
    """
    folder, name = file_of(device)
    before, inner = _readable(repository, parent, folder) if parent else (None, None)
    blob = repository.create_blob(text)
    files = repository.TreeBuilder(inner) if inner else repository.TreeBuilder()
    files.insert(name, blob, FileMode.BLOB)
    written = files.write()
    top = repository.TreeBuilder(before) if before else repository.TreeBuilder()
    top.insert(folder, written, FileMode.TREE)
    return top.write()


def _readable(
    repository: pygit2.Repository, parent: pygit2.Oid, folder: str
) -> tuple[pygit2.Tree | None, pygit2.Tree | None]:
    """The newest list of files from ``parent`` on that can be read, and that of ``folder`` in it."""
    for commit in islice(_earlier(repository, parent), MAX_EARLIER_TREES):
        try:
            tree = commit.peel(pygit2.Tree)
            return tree, repository[tree[folder].id].peel(pygit2.Tree) if folder in tree else None
        except MISSING:
            continue
    return None, None


def _earlier(repository: pygit2.Repository, newest: pygit2.Oid) -> Iterator[pygit2.Commit]:
    """Commits from ``newest`` back, each read when it is asked for: histories are long."""
    names = [newest]
    while names:
        try:
            commit = repository[names[0]].peel(pygit2.Commit)
        except MISSING:
            return
        yield commit
        names = commit.parent_ids
