"""Digests: who gets one, about what, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from domain.digests.periods import Period
from domain.jobs.schedules import next_time
from domain.times.zones import zone_or_utc

if TYPE_CHECKING:
    from datetime import datetime

    from domain.jobs.schedules import Schedule

_COUNTED: Final = 400  # due times that are gone through in one go


class DigestPeriod(StrEnum):
    """What span a digest looks back upon; the value is what the database stores."""

    DAY = "day"  # the local day before
    WEEK = "week"  # the seven local days before


class DigestForm(StrEnum):
    """How much a digest tells; the value is what the database stores."""

    SHORT = "short"  # only what needs somebody; successes as a number
    LONG = "long"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFields:
    """What is chosen of a digest. A person's is about what that person subscribes to, a channel's about its site."""

    recipient: str  # U... or C...
    site: str | None  # None: a person's digest, over all that is subscribed to
    period: DigestPeriod
    schedule: Schedule
    zone: str  # IANA name
    form: DigestForm = DigestForm.LONG
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest(DigestFields):
    """A digest as it stands; a recipient has one for each site and period."""

    id: int
    declared: bool = False  # in app.yaml
    next_at: datetime | None = None  # None: switched off
    last_at: datetime | None = None  # the due time that was last served


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDigest:
    """A digest that came due and does not stand in Slack yet."""

    digest: Digest
    due_at: datetime  # the last of the times at which it came due
    missed: int = 0  # times before it for which nothing was sent, since Lastgood was not running
    tries: int = 0  # how often it was composed

    @property
    def span(self) -> Period:
        """The local days that it looks back upon: those before the one on which it was due."""
        today = self.due_at.astimezone(zone_or_utc(self.digest.zone)).date()
        days = 1 if self.digest.period is DigestPeriod.DAY else 7
        first = today - timedelta(days=days)
        if days == 1:
            return Period(first=first, days=1, words="the day", typed=first.isoformat())
        return Period(first=first, days=days, words="the week", typed=f"{first} until {today - timedelta(days=1)}")

    @property
    def key(self) -> str:
        """Names its message for ever: however often it is composed, it is one message."""
        return f"digest:{self.digest.id}:{self.due_at:%Y-%m-%dT%H:%M}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaken:
    """What became of the times of a digest up to now."""

    due_at: datetime  # the last one
    missed: int  # how many were before it
    next_at: datetime | None


def next_after_move(fields: DigestFields, *, last: datetime | None, now: datetime) -> datetime | None:
    """When a digest comes due by its zone as it is now; not on the local day of the ``last`` one, which had its day."""
    zone = zone_or_utc(fields.zone)
    coming = next_time(fields.schedule, zone, now)
    if coming and last and coming.astimezone(zone).date() == last.astimezone(zone).date():
        return next_time(fields.schedule, zone, coming)
    return coming


def overtake(fields: DigestFields, first: datetime, now: datetime) -> Overtaken:
    """Go through the times of a digest that was due at ``first``, up to ``now``: all but the last have gone by.

    Where there are very many, ``next_at`` may still lie before ``now``.
    """
    due_at, missed = first, 0
    while True:
        following = next_time(fields.schedule, zone_or_utc(fields.zone), due_at)
        if following is None or following > now or missed >= _COUNTED:
            return Overtaken(due_at=due_at, missed=missed, next_at=following)
        due_at, missed = following, missed + 1
