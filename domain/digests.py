"""Scheduled reports: who gets one, about what, and when."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from domain.schedules import Schedule


class DigestPeriod(StrEnum):
    """What span a report looks back upon; the value is what the database stores."""

    DAY = "day"  # the local day before
    WEEK = "week"  # the seven local days before


class DigestForm(StrEnum):
    """How much a report tells; the value is what the database stores."""

    SHORT = "short"  # only what needs somebody; successes as a number
    LONG = "long"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFields:
    """What is chosen of a report. A person's is about what that person watches, a channel's about its site."""

    reader: str  # U... or C...
    site: str | None  # None: a person's report, over all that is watched
    period: DigestPeriod
    schedule: Schedule
    zone: str  # IANA name
    form: DigestForm = DigestForm.LONG
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest(DigestFields):
    """A report as it stands; a reader has one for each site and period."""

    id: int
    declared: bool = False  # in app.yaml
    next_at: datetime | None = None  # None: switched off
    last_at: datetime | None = None  # the due time that was last served
