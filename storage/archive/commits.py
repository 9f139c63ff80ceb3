"""What the commit of a version says, and whether it was really made here.

Each commit carries a seal: a keyed hash over its site, its parent, its files and its words. Whoever may push into a
repository can write any trailer, and copy any commit to another place, but seals nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import pygit2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.configs.own_words import Mark

MAX_TRAILER = 200  # characters
EMAIL = "lastgood@lastgood.invalid"  # a domain that can never exist
_MARK = re.compile(r"(\d{1,12})-(\d{1,12})")
_SEAL = b"Lastgood-Seal: "


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


@dataclass(frozen=True, slots=True)
class Seal:
    """Puts the seal of one site on commits, and knows it again."""

    site: str
    key: bytes

    def sealed(self, message: str, parent: pygit2.Oid | None, tree: pygit2.Oid) -> str:
        """``message`` with the seal as its last trailer."""
        return f"{message}{_SEAL.decode()}{self._of(message.encode(), parent, tree)}\n"

    def is_on(self, commit: pygit2.Commit) -> bool:
        """Whether ``commit`` was made here, for this site, in this place."""
        message, found, seal = commit.raw_message.rpartition(_SEAL)
        parents = commit.parent_ids
        if not found or len(parents) > 1:
            return False
        wanted = self._of(message, parents[0] if parents else None, commit.tree_id)
        return hmac.compare_digest(seal, f"{wanted}\n".encode())

    def _of(self, message: bytes, parent: pygit2.Oid | None, tree: pygit2.Oid) -> str:
        parts = (self.site.encode("utf-8", "surrogatepass"), str(parent or "").encode(), str(tree).encode(), message)
        return hmac.new(self.key, b"\0".join(parts), hashlib.sha256).hexdigest()


def message_of(version: NewVersion) -> str:
    """The message of its commit, without the seal."""
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


def found_in(commit: pygit2.Commit, seal: Seal) -> FoundVersion | None:
    """The version that a commit of ours holds; None: somebody else's commit, whatever it says."""
    if not seal.is_on(commit):
        return None
    told = dict(_trailers(commit.message))
    return FoundVersion(
        device=unquote(told["Device"], errors="surrogatepass"),
        site=seal.site,
        number=int(told["Version"]),
        commit=str(commit.id),
        run=int(told["Run"]),
        captured_at=datetime.fromisoformat(told["Captured-At"]),
        digest=told["Digest"],
        author=told.get("Author"),
    )


def own_words_of(commit: pygit2.Commit) -> list[Mark]:
    """Where in its text words stand that the agent logged in with."""
    told = dict(_trailers(commit.message))
    places = (_MARK.fullmatch(mark) for mark in told.get("Own-Words", "").split())
    return [(int(one[1]), int(one[2])) for one in places if one]


def signature_of(version: NewVersion) -> pygit2.Signature:
    """Who commits, and when."""
    return pygit2.Signature("Lastgood", EMAIL, int(version.captured_at.timestamp()), 0)


def _one_line(text: str | None) -> str:
    """Text of people and devices, so that it can add no trailer of its own."""
    printable = "".join(char if char.isprintable() else " " for char in text or "")
    return " ".join(printable.split())[:MAX_TRAILER]


def _trailers(message: str) -> Iterator[tuple[str, str]]:
    for line in message.rpartition("\n\n")[2].split("\n"):
        name, found, value = line.partition(": ")
        if found and name.startswith("Lastgood-"):
            yield name.removeprefix("Lastgood-"), value
