"""What somebody wants to see of the history, read from the words that were typed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from commands.input.catalogue import site_of
from commands.input.values import day_of, leading_outcomes, since
from commands.lookup.jobs import find_job, with_similar_jobs
from domain.errors import UnknownName, UsageError
from domain.inventory.declared import Device, Site
from domain.jobs.job import Job
from domain.runs.queries import RunQuery
from domain.runs.run import Trigger
from domain.times.wall_clock import day_begins
from domain.times.zones import zone_or_utc

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from commands.input.catalogue import Target
    from commands.services import Services
    from domain.access.people import Person
    from domain.runs.outcomes import Outcome

MAX_DIGITS = 18  # of a run's number

_TRIGGERS = {
    "manual": Trigger.MANUAL,
    "by-hand": Trigger.MANUAL,
    "scheduled": Trigger.SCHEDULE,
    "schedule": Trigger.SCHEDULE,
    "command-line": Trigger.COMMAND_LINE,
}
_ORDERS = {"oldest": True, "newest": False}
_FILLERS = frozenset({"first", "since"})
_KNOWN = (
    "Filter by an outcome such as `failed`, a time such as `7d`, `until 2026-05-01`, `manual`, `scheduled`, `by "
    "@person` or `oldest`"
)


@dataclass(frozen=True)
class WantedHistory:
    """What was asked for: the words that a person types, and where in the list the page begins."""

    about: Target | Job | None = None
    outcomes: frozenset[Outcome] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    trigger: Trigger | None = None
    asked_by: str | None = None
    ascending: bool = False
    words: tuple[str, ...] = ()  # all of it again, without order and place in the list
    trail: tuple[int, ...] = ()  # run ids that ended the pages before this one; the last one is where it begins

    @property
    def site(self) -> str | None:
        """Key of the site that it is about."""
        if self.about is None:
            return None
        return self.about.site if isinstance(self.about, Job) else site_of(self.about)

    def query(self, sites: frozenset[str], *, hidden: frozenset[str], limit: int) -> RunQuery:
        """The same as a question to storage, for somebody who may see ``sites`` but not ``hidden`` devices."""
        mark = self.trail[-1] if self.trail else None
        return RunQuery(
            sites=sites,
            hidden=hidden,
            device=self.about.name if isinstance(self.about, Device) else None,
            site=self.about.key if isinstance(self.about, Site) else None,
            job=self.about.id if isinstance(self.about, Job) else None,
            outcomes=self.outcomes,
            since=self.since.astimezone(UTC) if self.since else None,
            until=self.until.astimezone(UTC) if self.until else None,
            trigger=self.trigger,
            asked_by=self.asked_by,
            ascending=self.ascending,
            before=None if self.ascending else mark,
            after=mark if self.ascending else None,
            limit=limit,
        )


async def read_wanted(services: Services, person: Person, words: Sequence[str]) -> WantedHistory:
    """What ``words`` ask for.

    Raises:
        UnknownName: they name nothing that this person can see.
        UsageError: a word after the name is no filter.
    """
    hidden = [word for word in words if word.startswith("trail:")]
    reader = _Reader(services, person)
    wanted, rest = await reader.about([word for word in words if word not in hidden])
    wanted = replace(wanted, trail=_trail(hidden))
    site = services.inventory.sites.get(wanted.site or "")
    zone = site.timezone if site else zone_of(person)
    while rest:
        wanted, used = reader.take(wanted, rest, zone)
        rest = rest[used:]
    return wanted


class _Reader:
    def __init__(self, services: Services, person: Person) -> None:
        self._services = services
        self._person = person

    async def about(self, words: Sequence[str]) -> tuple[WantedHistory, Sequence[str]]:
        """Take the name from the front: as many words as belong to it, none if a filter comes first."""
        catalogue, person = self._services.catalogue, self._person
        for count in range(len(words), 0, -1):
            if catalogue.has_target(person, words[:count]):
                target = catalogue.target(person, words[:count])
                return WantedHistory(about=target, words=(catalogue.word(person, target),)), words[count:]
        if not words or self._is_filter(words):
            return WantedHistory(), words
        found = await find_job(self._services, person, words)
        if found:
            job, rest = found
            return WantedHistory(about=job, words=tuple(words[: len(words) - len(rest)])), rest
        try:  # it names nothing, or it would have been found above: this says what is nearest
            return WantedHistory(about=catalogue.target(person, words[:1])), words[1:]
        except UnknownName as error:
            raise await with_similar_jobs(self._services, person, error) from error

    def take(self, wanted: WantedHistory, words: Sequence[str], zone: ZoneInfo) -> tuple[WantedHistory, int]:
        """Read one filter from the front of ``words``; the number says how many words it had."""
        outcomes, used = leading_outcomes(words)
        if used:
            spoken = (*wanted.words, "-".join(words[:used]).casefold())
            return replace(wanted, outcomes=wanted.outcomes | outcomes, words=spoken), used
        first = words[0].casefold()
        if first in _FILLERS and (len(words) > 1 or first == "first"):
            return wanted, 1
        if first in _ORDERS:
            return replace(wanted, ascending=_ORDERS[first]), 1
        if first in _TRIGGERS:
            return replace(wanted, trigger=_TRIGGERS[first], words=(*wanted.words, first)), 1
        if first in {"by", "until"} and len(words) > 1:
            return self._pair(wanted, first, words[1], zone), 2
        start = self._moment(words[0].removeprefix("since:"), zone)
        if start is None:
            raise self._unknown()
        return replace(wanted, since=start, words=(*wanted.words, first)), 1

    def _pair(self, wanted: WantedHistory, first: str, second: str, zone: ZoneInfo) -> WantedHistory:
        spoken = (*wanted.words, first, second)
        if first == "until":
            moment = self._moment(second, zone)
            if moment is None:
                raise self._unknown()
            whole_day = day_of(second) is not None or second.casefold() in {"today", "yesterday"}
            return replace(wanted, until=_day_after(moment, zone) if whole_day else moment, words=spoken)
        if second.casefold() == "me":
            return replace(wanted, asked_by=self._person.id, words=spoken)
        if not second.startswith("<@"):
            raise self._unknown()
        return replace(wanted, asked_by=second.strip("<@>")[:20], words=spoken)

    def _is_filter(self, words: Sequence[str]) -> bool:
        first = words[0].casefold()
        return (
            bool(leading_outcomes(words)[1])
            or self._moment(words[0], ZoneInfo("UTC")) is not None
            or first in {*_ORDERS, *_TRIGGERS, "since"}
            or (first in {"by", "until"} and len(words) > 1)
        )

    def _moment(self, word: str, zone: ZoneInfo) -> datetime | None:
        return since(word, now=self._services.clock.now(), zone=zone)

    def _unknown(self) -> UsageError:
        return UsageError(_KNOWN, usage=f"{self._services.slash} {USAGE}")


USAGE = "history [DEVICE|SITE|JOB] [OUTCOME] [SINCE]"


def zone_of(person: Person) -> ZoneInfo:
    """The person's own time zone as Slack knows it; UTC if this machine does not know it."""
    return zone_or_utc(person.timezone)


def _day_after(moment: datetime, zone: ZoneInfo) -> datetime:
    return day_begins(moment.astimezone(zone).date() + timedelta(days=1), zone)


def _trail(hidden: Sequence[str]) -> tuple[int, ...]:
    numbers = hidden[-1].removeprefix("trail:").split(",") if hidden else []
    return tuple(int(one) for one in numbers if one.isdecimal() and one.isascii() and len(one) <= MAX_DIGITS)
