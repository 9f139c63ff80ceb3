"""A version: one stored configuration of a device, made only when something changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A stored configuration and the time in which it was valid."""

    device: str
    site: str
    number: int  # counts from 1 for each device, over all the sites that it belonged to
    commit: str
    run: int
    captured_at: datetime
    last_checked_at: datetime  # the last run that found it unchanged
    valid_until: datetime | None  # captured_at of the next version at its site; None: it is the newest there
    size: int  # bytes
    digest: str
    author: str | None = None
    added: int = 0
    removed: int = 0
    secrets_changed: int = 0  # values of secrets that were replaced by others
    review: Review | None = None  # None: nobody has reviewed it
    missing_since: datetime | None = None  # when its text was found to be missing; None: it is in the archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """That a person has looked at a change and knows why it was made."""

    by: str  # Slack user id
    at: datetime
    note: str = ""  # such as the number of a ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """What is known of a device at the site that it belongs to. Its past at another site is none of this."""

    device: str
    site: str
    version: int | None = None  # number of the newest version
    digest: str | None = None  # of its comparable text
    size: int | None = None  # bytes of its text
    last_good_at: datetime | None = None  # None: never backed up
    last_run: int | None = None
    host_key: str | None = None  # pinned
    offered_host_key: str | None = None  # shown by the device and refused
    known_since: datetime | None = None  # when it was first declared; None: before anybody took note of that

    @property
    def good_since(self) -> datetime | None:
        """From when its age counts: its last good backup, or when it was first declared; None: nobody knows."""
        return self.last_good_at or self.known_since


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDiff:
    """Two texts compared."""

    text: str  # unified diff without file headers; empty: no difference
    added: int  # lines
    removed: int  # lines
