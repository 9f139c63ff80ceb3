"""A subscription: what one person wants to be told, and when; and the profile that rules all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, time


class SubscriptionScope(StrEnum):
    """What is subscribed to; the value is what the database stores. The narrowest one that fits a device counts."""

    DEVICE = "device"
    JOB = "job"
    SITE = "site"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionFields:
    """What a person chooses of one subscription. With neither failed nor modified it is for digests alone."""

    person: str  # Slack user id
    scope: SubscriptionScope
    target: str  # name of the device, number of the job, key of the site
    site: str
    failed: bool = True  # at once when it fails, times out or recovers
    modified: bool = False  # at once when it is modified
    and_new: bool = True  # SITE: also devices that are declared later
    silent: bool = False  # DEVICE: nothing of it, although its site or job is subscribed to


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription(SubscriptionFields):
    """A subscription as it stands; a person has one for each scope and target."""

    id: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one person wants to be told. Who never chose has the defaults."""

    person: str  # Slack user id
    muted_until: datetime | None = None  # no immediate message before it
    muted_at: datetime | None = None  # since when
    last_mute: tuple[datetime, datetime] | None = None  # the one before, that is over
    even_if_in_channel: bool = False  # also what stands in a channel that the person is in
    quiet_from: time | None = None  # immediate messages wait from here ...
    quiet_to: time | None = None  # ... to here, by the person's own clock
    zone: str = "UTC"  # IANA name: of the person's digests and quiet hours

    @property
    def mute(self) -> tuple[datetime, datetime] | None:
        """From when until when the present or else the last mute lasts; None: there was none."""
        return (self.muted_at, self.muted_until) if self.muted_at and self.muted_until else self.last_mute

    def unmuted(self, at: datetime) -> Profile:
        """The same, with a mute that is over at that moment at the latest."""
        mute = (self.muted_at, min(self.muted_until, at)) if self.muted_at and self.muted_until else self.last_mute
        return replace(self, muted_until=None, muted_at=None, last_mute=mute)
