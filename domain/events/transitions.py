"""What of the runs becomes events: a device's turns from good to bad and back, and which of them stand in one post."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from domain.subscriptions.kinds import EventKind

if TYPE_CHECKING:
    from datetime import datetime

    from domain.runs.run import Run

MIN_FLAPS: Final = 4  # turns within FLAP_WINDOW that make a device flap
FLAP_WINDOW: Final = timedelta(hours=24)  # in which that many turns make a device flap
FLAP_END_AFTER: Final = timedelta(hours=12)  # without a turn, and it flaps no more
MAX_GROUP_GAP: Final = timedelta(minutes=2)  # between two events of one post
MAX_GROUP_AGE: Final = timedelta(hours=1)  # that one post goes on, unless for the runs of one batch
MAX_GROUP_EVENTS: Final = 5_000  # events of one post
_EARLY: Final = timedelta(hours=1)  # daily runs do not end at the same second every day


class Notice(StrEnum):
    """What is said of a device; the value is what the database stores."""

    FAILED = "failed"  # from good to bad
    STILL_FAILED = "still_failed"  # a reminder
    FLAPPING = "flapping"
    RECOVERED = "recovered"  # from bad to good
    MODIFIED = "modified"

    @property
    def kind(self) -> EventKind:
        """What people choose it by."""
        return _KINDS[self]


_KINDS = {
    Notice.FAILED: EventKind.FAILED,
    Notice.STILL_FAILED: EventKind.FAILED,
    Notice.FLAPPING: EventKind.FAILED,
    Notice.RECOVERED: EventKind.RECOVERED,
    Notice.MODIFIED: EventKind.MODIFIED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """How a device has fared since it first failed."""

    is_bad: bool
    since: datetime  # of its last turn
    told_at: datetime  # when something of it was last told
    turns: tuple[datetime, ...] = ()  # the last ones, within FLAP_WINDOW
    is_flapping: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventGroup:
    """The one post that events of a site become which come soon after each other."""

    id: int
    site: str
    notice: Notice
    batch: int | None
    opened_at: datetime
    last_at: datetime
    size: int = 0  # events


def notices_of(
    run: Run, trouble: Trouble | None, *, at: datetime, reminder: timedelta | None = None
) -> tuple[Trouble | None, tuple[Notice, ...]]:
    """What the end of ``run`` says, and how its device fares from then on.

    A run that somebody cancelled says nothing: nobody knows how it would have ended. A baseline is no change.

    Args:
        run: one that has ended.
        trouble: how its device has fared; None: it has never failed.
        at: when the run ended.
        reminder: after how long a failure is told again; None: never.
    """
    if run.reason is FailureKind.CANCELLED or not run.outcome.is_final:
        return trouble, ()
    after, turn = step(trouble, is_good=run.outcome.is_good, at=at, reminder=reminder)
    told = (turn,) if turn else ()
    return after, (*told, Notice.MODIFIED) if run.outcome is Outcome.MODIFIED else told


def step(
    trouble: Trouble | None, *, is_good: bool, at: datetime, reminder: timedelta | None = None
) -> tuple[Trouble | None, Notice | None]:
    """One run further: only a turn is told, and of a device that turns again and again only that it does."""
    if trouble is None:
        return (None, None) if is_good else (_bad(at), Notice.FAILED)
    calmed = trouble.is_flapping and at - trouble.since >= FLAP_END_AFTER
    if calmed:
        trouble = replace(trouble, is_flapping=False, turns=())
    if is_good is trouble.is_bad:
        return _turned(trouble, at)
    if calmed:  # what it has settled to was never told
        return replace(trouble, told_at=at), _turn_notice(is_good=is_good)
    if trouble.is_bad and not trouble.is_flapping and _is_due(trouble, at, reminder):
        return replace(trouble, told_at=at), Notice.STILL_FAILED
    return trouble, None


def takes(event_group: EventGroup, *, at: datetime, batch: int | None) -> bool:
    """Whether events of ``at`` belong into ``event_group``: soon after its last one, or of the same batch."""
    if event_group.size >= MAX_GROUP_EVENTS:
        return False
    if batch is not None and batch == event_group.batch:
        return True
    return at - event_group.last_at <= MAX_GROUP_GAP and at - event_group.opened_at <= MAX_GROUP_AGE


def _bad(at: datetime) -> Trouble:
    return Trouble(is_bad=True, since=at, told_at=at, turns=(at,))


def _turned(trouble: Trouble, at: datetime) -> tuple[Trouble, Notice | None]:
    recent = [turn for turn in trouble.turns if at - turn < FLAP_WINDOW]
    turned = replace(trouble, is_bad=not trouble.is_bad, since=at, turns=(*recent, at)[-MIN_FLAPS:])
    if turned.is_flapping:
        return turned, None
    told = replace(turned, told_at=at)
    if len(turned.turns) >= MIN_FLAPS:
        return replace(told, is_flapping=True), Notice.FLAPPING
    return told, _turn_notice(is_good=not turned.is_bad)


def _turn_notice(*, is_good: bool) -> Notice:
    return Notice.RECOVERED if is_good else Notice.FAILED


def _is_due(trouble: Trouble, at: datetime, reminder: timedelta | None) -> bool:
    return reminder is not None and at - trouble.told_at >= reminder - min(_EARLY, reminder / 10)
