"""What becomes events in the company, and which events stand in one post: the first part of its model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.features.company.script import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tests.features.company.company import Company
    from tests.features.company.script import Ended, Result

GOOD = {"up_to_date", "modified"}
CHOSEN_AS = {"still failing": "failed", "flapping": "failed"}  # what it is chosen by, where that is another word
FLAPS, FLAP_WINDOW, STEADY = 4, 24 * HOUR, 12 * HOUR
GAP, LONGEST = 2 * MINUTE, HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One post as somebody read it: of which kind, and what stood in it."""

    recipient: str
    kind: str
    items: frozenset[object]


@dataclass(slots=True)
class Fare:
    """How a device has fared since it first failed."""

    bad: bool
    since: datetime
    told: datetime
    turns: list[datetime]
    flaps: bool = False
    by_job: bool = False


@dataclass(slots=True, eq=False)
class Event:
    """One event."""

    number: int
    kind: str
    device: str
    site: str
    by_job: bool
    asked_by: str | None
    place: str | None

    @property
    def chosen_as(self) -> str:
        """What people and channels choose it by."""
        return CHOSEN_AS.get(self.kind, self.kind)


@dataclass(slots=True, eq=False)
class EventGroup:
    """Events of one kind and site that came soon after each other: one post for each recipient."""

    site: str
    kind: str
    batch: int | None
    first: datetime
    last: datetime
    events: list[Event] = field(default_factory=list)
    told: int = 0


class Turns:
    """How every device has fared, and the events that were made of it."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._fares: dict[str, Fare] = {}
        self._event_groups: list[EventGroup] = []
        self._numbers = self._batches = 0

    def after(self, event: Ended) -> list[EventGroup]:
        """The posts to which the end of these runs adds something."""
        self._batches += 1
        touched: list[EventGroup] = []
        for result in event.results:
            for found in self._events(event, result):
                event_group = self._event_group(found, event.at, self._batches if event.by_job else None)
                touched += [] if event_group in touched else [event_group]
        return touched

    def _events(self, event: Ended, result: Result) -> Iterator[Event]:
        if result.outcome == "cancelled":
            return
        fare = self._fares.get(result.device)
        by_job = event.by_job or (fare is not None and fare.bad and fare.by_job)
        kinds = [self._turn(event, result)]
        kinds += ["modified"] if result.outcome == "modified" else []
        for kind in kinds:
            if kind:
                self._numbers += 1
                asked = (event.asked_by, event.place) if event.place else (None, None)
                yield Event(self._numbers, kind, result.device, event.site, by_job, *asked)

    def _turn(self, event: Ended, result: Result) -> str | None:
        """What is said of a device that went from good to bad or back; of one that stays as it is, nothing."""
        good, at, fare = result.outcome in GOOD, event.at, self._fares.get(result.device)
        if fare is None:
            if not good:
                self._fares[result.device] = Fare(bad=True, since=at, told=at, turns=[at], by_job=event.by_job)
            return None if good else "failed"
        settled = fare.flaps and at - fare.since >= STEADY
        if settled:
            fare.flaps, fare.turns = False, []
        if good is fare.bad:
            fare.by_job = fare.by_job if good else event.by_job
            return self._turned(fare, at)
        if settled:
            fare.told = at
            return "recovered" if good else "failed"
        if not good and not fare.flaps and self._company.sites[event.site].reminds and at - fare.told >= DAY - HOUR:
            fare.told = at
            return "still failing"
        return None

    def _turned(self, fare: Fare, at: datetime) -> str | None:
        fare.bad, fare.since = not fare.bad, at
        fare.turns = [*(turn for turn in fare.turns if at - turn < FLAP_WINDOW), at][-FLAPS:]
        if fare.flaps:
            return None
        fare.told = at
        if len(fare.turns) == FLAPS:
            fare.flaps = True
            return "flapping"
        return "failed" if fare.bad else "recovered"

    def _event_group(self, event: Event, at: datetime, batch: int | None) -> EventGroup:
        mine = [one for one in self._event_groups[-200:] if (one.site, one.kind) == (event.site, event.kind)]
        own = [one for one in mine if batch is not None and one.batch == batch]
        soon = [one for one in mine[-1:] if at - one.last <= GAP and at - one.first <= LONGEST]
        event_group = (own or soon or [EventGroup(event.site, event.kind, batch, at, at)])[-1]
        if event_group not in mine:
            self._event_groups.append(event_group)
        event_group.last = at
        event_group.events.append(event)
        return event_group
