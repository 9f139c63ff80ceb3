"""When digests come due and what they should count: the second half of the model of the company."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from tests.features.company.company import local
from tests.features.company.script import DAY, MINUTE, START

if TYPE_CHECKING:
    from datetime import date

    from tests.features.company.company import Company, Person

HOUR_OF_REPORTS = 7  # of the clock of whoever reads them; weekly ones on Mondays
PUNCTUAL = 10 * MINUTE


class Office(Protocol):
    """What the other half knows."""

    runs: dict[str, list[tuple[datetime, str, str]]]  # by site: when asked for, device, outcome
    back: datetime | None

    def send(self, recipient: str, kind: str, items: frozenset[object], at: datetime) -> None:
        """Put it there."""
        ...


@dataclass(slots=True)
class _Report:
    """One digest of a person or a channel."""

    recipient: str
    period: str  # "day" or "week"
    zone: str
    site: str | None  # of a channel
    next_on: date
    due: datetime | None = None
    missed: int = 0


class Reports:
    """Every digest of everybody."""

    def __init__(self, company: Company, office: Office) -> None:
        self._company = company
        self._office = office
        self._digests = [
            _Report(person.id, period, person.zone, None, START.date())
            for person in company.people.values()
            for period in person.digests
        ]
        self._digests += [
            _Report(channel, period, company.sites[site].zone, site, START.date())
            for (channel, site), period in company.digests.items()
        ]
        for digest in self._digests:
            while _moment(digest) <= START or not _is_day(digest):
                digest.next_on += DAY

    def tick(self, at: datetime) -> None:
        """Whatever is due now is brought, the latest of each; those before it were missed."""
        for digest in self._digests:
            while _moment(digest) <= at:
                digest.missed += 1 if digest.due else 0
                digest.due = _moment(digest)
                digest.next_on += DAY * (7 if digest.period == "week" else 1)
            is_away = self._office.back is not None and digest.site is None
            if digest.due and not is_away:
                self._bring(digest, digest.due, at)
                digest.due, digest.missed = None, 0

    def _bring(self, digest: _Report, due: datetime, at: datetime) -> None:
        days = 7 if digest.period == "week" else 1
        today = local(due, digest.zone).date()
        since, until = _midnight(today - days * DAY, digest.zone), _midnight(today, digest.zone)
        holds = self._scope(digest)
        if holds is None:
            return
        counts = Counter[str]()
        for site, devices in holds.items():
            counts.update(
                outcome
                for moment, device, outcome in self._office.runs[site]
                if since <= moment < until and device in devices
            )
        words = {("period", digest.period), *counts.items()} if holds else {("period", "empty")}
        standing = self._office.back or at
        late = {"late"} if holds and at - due > PUNCTUAL else set()
        missed = {("missed", digest.missed)} if holds and digest.missed else set()
        self._office.send(digest.recipient, "digest", frozenset(words | late | missed), standing)

    def _scope(self, digest: _Report) -> dict[str, set[str]] | None:
        """Which devices of which sites it is about; None: its recipient may see nothing any more."""
        company = self._company
        if digest.site:
            return {digest.site: {one.name for one in company.at(digest.site) if one.only is None}}
        person = company.people[digest.recipient]
        if not any(company.sees(person.id, site) for site in company.sites):
            return None
        found: dict[str, set[str]] = {}
        for site in company.sites:
            devices = {one.name for one in company.at(site) if self._covers(person, one.name, site)}
            if devices or self._has_all(person, site):
                found[site] = devices
        return found

    def _has_all(self, person: Person, site: str) -> bool:
        whole = any(
            one.site == site and (one.scope == "job" or (one.scope == "site" and one.and_new))
            for one in person.subscriptions
        )
        return whole and self._company.sees(person.id, site)

    def _covers(self, person: Person, device: str, site: str) -> bool:
        if not self._company.sees(person.id, site, device):
            return False
        own = [one for one in person.subscriptions if one.scope == "device" and one.target == device]
        if any(one.silent for one in own):
            return False
        if own or self._has_all(person, site):
            return True
        is_new = self._company.devices[device].is_new
        return not is_new and any(one.scope == "site" and one.site == site for one in person.subscriptions)


def _moment(digest: _Report) -> datetime:
    return datetime.combine(digest.next_on, time(HOUR_OF_REPORTS), ZoneInfo(digest.zone)).astimezone(UTC)


def _is_day(digest: _Report) -> bool:
    return digest.period == "day" or digest.next_on.weekday() == 0


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)
