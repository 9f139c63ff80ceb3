"""Overdue devices: those whose last good backup is too old, whatever was said of them before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Aging:
    """What is known of the age of a device's last good backup."""

    device: str
    site: str
    good_at: datetime | None  # None: never
    known_since: datetime | None  # first declared; None: before anybody took note of that
    told_at: datetime | None  # when people were last told that it is overdue

    @property
    def since(self) -> datetime | None:
        """From when on it counts: the last good backup, or else its first declaration."""
        return self.good_at or self.known_since

    @property
    def is_told(self) -> bool:
        """Whether people know of the present stretch: a good backup after the telling ends it."""
        return self.told_at is not None and (self.good_at is None or self.told_at > self.good_at)

    def is_overdue(self, now: datetime, limit: timedelta) -> bool:
        """Whether there has been no good backup for longer than ``limit``."""
        return self.since is None or now - self.since > limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """A device that people are told of."""

    device: str
    good_at: datetime | None  # its last good backup; None: never
    since: datetime | None  # from when on it counts
