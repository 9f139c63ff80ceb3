"""Events: taken in once for each run, gathered into groups, and told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tortoise.transactions import in_transaction

from domain.events.audiences import Event
from domain.events.transitions import MAX_GROUP_EVENTS, EventGroup, Notice, Trouble, notices_of, takes
from storage.database.statements import fetch, in_chunks, insert, run_for_each, to_columns, update, utc
from storage.tables.events import DeferredRow, EventGroupRow, EventRow, TroubleRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from domain.runs.run import Run

MAX_GROUPS_FORGOTTEN = 1_000  # groups removed in one go


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A run that has ended, with what its events have to know beside it."""

    run: Run
    at: datetime
    reminder: timedelta | None = None
    asked_by: str | None = None  # who has its answer already
    place: str | None = None  # the channel in which that answer stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """A group of events of which something was not told yet."""

    event_group: EventGroup
    told: int  # the newest event that was told; 0: none


async def take_in(ended: Iterable[Ended]) -> None:
    """Write down what these runs say, all or none. A run that was taken in before says nothing more."""
    async with in_transaction():
        for chunk in in_chunks(sorted(ended, key=lambda one: one.run.id)):
            await _take_in(chunk)


async def untold_groups(*, resting: Collection[int] = (), limit: int = 100) -> list[Untold]:
    """Groups of which something was not told yet, the oldest first, but for those that are ``resting``."""
    rows = EventGroupRow.filter(is_told=False).exclude(id__in=list(resting)).order_by("id").limit(limit)
    return [Untold(event_group=_to_group(row), told=row.told) for row in await rows]


async def events_in(event_group: int) -> list[Event]:
    """The events of a group in the order in which they came."""
    return [
        _to_event(row) for row in await EventRow.filter(event_group=event_group).order_by("id").limit(MAX_GROUP_EVENTS)
    ]


async def events_by_id(ids: Iterable[int]) -> list[Event]:
    """These events, in the order in which they came; forgotten ones are left out."""
    rows = [row for chunk in in_chunks(ids) for row in await EventRow.filter(id__in=chunk)]
    return [_to_event(row) for row in sorted(rows, key=lambda row: row.id)]


async def note_told(event_group: int, newest: int) -> None:
    """Remember that a group was told up to this event; one that came meanwhile keeps it untold."""
    await fetch(_TOLD, [event_group, newest])


async def forget_events(before: datetime) -> int:
    """Remove posts to which nothing was added since, with their events; returns how many posts."""
    old = EventGroupRow.filter(last_at__lt=utc(before)).order_by("last_at", "id").limit(MAX_GROUPS_FORGOTTEN)
    ids = [row.id for row in await old]
    for chunk in in_chunks(ids):
        await EventRow.filter(event_group__in=chunk).delete()
        await EventGroupRow.filter(id__in=chunk).delete()
    await DeferredRow.filter(deferred_at__lt=utc(before)).delete()
    return len(ids)


@dataclass(slots=True)
class _Taking:
    """What a group of ended runs changes: read before, written after."""

    troubles: dict[str, TroubleRow]
    known: set[tuple[int, Notice]]
    event_groups: dict[tuple[str | int, Notice], EventGroupRow] = field(default_factory=dict)  # by site, and by batch
    events: list[dict[str, object]] = field(default_factory=list)

    async def add(self, one: Ended) -> None:
        """Take in one run. A later run of its device may have been first: then only its change is still an event."""
        run, row = one.run, self.troubles.get(one.run.device)
        before = _to_trouble(row) if row else None
        is_late = row is not None and run.id <= row.run
        after, notices = notices_of(run, before, at=utc(one.at), reminder=one.reminder)
        for notice in notices:
            if (run.id, notice) not in self.known and (not is_late or notice is Notice.MODIFIED):
                self.events.append(_columns(one, notice, (await self._event_group(one, notice)).id, row))
        if after is not None and not is_late:
            self.troubles[run.device] = _moved(row, run, after)

    async def _event_group(self, one: Ended, notice: Notice) -> EventGroupRow:
        """The post that takes this event: of its batch, else the newest of its site, else a new one."""
        at, batch = utc(one.at), one.run.batch
        for key in (batch, one.run.site):
            row = await self._newest(key, notice) if key is not None else None
            if row and takes(_to_group(row), at=at, batch=batch):
                row.last_at, row.is_told, row.size = max(row.last_at, at), False, row.size + 1
                return row
        row = await _new_group(one.run.site, notice, batch, at)
        self.event_groups |= {(key, notice): row for key in (batch, one.run.site) if key is not None}
        return row

    async def _newest(self, key: str | int, notice: Notice) -> EventGroupRow | None:
        if (key, notice) not in self.event_groups:
            by = {"batch": key} if isinstance(key, int) else {"site": key}
            row = await EventGroupRow.filter(notice=notice, **by).order_by("-id").first()
            if row is None:
                return None
            self.event_groups[key, notice] = next((one for one in self.event_groups.values() if one.id == row.id), row)
        return self.event_groups[key, notice]


async def _take_in(ended: Sequence[Ended]) -> None:
    runs = [one.run for one in ended]
    rows = await _trouble_rows(run.device for run in runs)
    before = {device: row.run for device, row in rows.items()}
    known = {(row.run, row.notice) for row in await EventRow.filter(run__in=[run.id for run in runs])}
    taking = _Taking(rows, known)
    for one in ended:
        await taking.add(one)
    event_groups = {row.id: row for row in taking.event_groups.values()}.values()
    await update(EventGroupRow, [{name: getattr(row, name) for name in _GROUP_COLUMNS} for row in event_groups])
    moved = [row for row in taking.troubles.values() if row.run != before.get(row.device)]
    await run_for_each(_TROUBLE, [to_columns(getattr(row, name) for name in _TROUBLE_COLUMNS) for row in moved])
    await insert(EventRow, taking.events)


async def _new_group(site: str, notice: Notice, batch: int | None, at: datetime) -> EventGroupRow:
    columns = {"site": site, "notice": notice, "batch": batch, "opened_at": at, "last_at": at}
    [number] = await insert(EventGroupRow, [columns | {"size": 1, "told": 0, "is_told": False}])
    return EventGroupRow(id=number, size=1, told=0, is_told=False, **columns)


async def _trouble_rows(devices: Iterable[str]) -> dict[str, TroubleRow]:
    found: dict[str, TroubleRow] = {}
    for chunk in in_chunks(dict.fromkeys(devices)):
        found |= {row.device: row for row in await TroubleRow.filter(device__in=chunk)}
    return found


def _columns(one: Ended, notice: Notice, event_group: int, row: TroubleRow | None) -> dict[str, object]:
    was_bad = row is not None and row.is_bad
    jobs = {one.run.job, row.job if row and was_bad else None}
    return {
        "event_group": event_group,
        "run": one.run.id,
        "notice": notice,
        "device": one.run.device,
        "site": one.run.site,
        "at": utc(one.at),
        "jobs": " ".join(str(job) for job in sorted(job for job in jobs if job is not None)),
        "asked_by": one.asked_by,
        "place": one.place,
        "since": row.since if row else None,
    }


def _moved(row: TroubleRow | None, run: Run, after: Trouble) -> TroubleRow:
    """The row of a device after ``run``; the job that began a failing run is kept until the next one fails."""
    job = run.job if after.is_bad and not (row and row.is_bad) else (row.job if row else None)
    return TroubleRow(
        device=run.device,
        is_bad=after.is_bad,
        since=after.since,
        told_at=after.told_at,
        turns=" ".join(turn.isoformat() for turn in after.turns),
        is_flapping=after.is_flapping,
        run=run.id,
        job=job,
    )


def _to_trouble(row: TroubleRow) -> Trouble:
    return Trouble(
        is_bad=row.is_bad,
        since=row.since,
        told_at=row.told_at,
        turns=tuple(datetime.fromisoformat(turn) for turn in row.turns.split()),
        is_flapping=row.is_flapping,
    )


def _to_group(row: EventGroupRow) -> EventGroup:
    return EventGroup(
        id=row.id,
        site=row.site,
        notice=row.notice,
        batch=row.batch,
        opened_at=row.opened_at,
        last_at=row.last_at,
        size=row.size,
    )


def _to_event(row: EventRow) -> Event:
    return Event(
        id=row.id,
        event_group=row.event_group,
        run=row.run,
        notice=row.notice,
        device=row.device,
        site=row.site,
        at=row.at,
        jobs=frozenset(int(job) for job in row.jobs.split()),
        asked_by=row.asked_by,
        place=row.place,
        since=row.since,
    )


_GROUP_COLUMNS = ("id", "last_at", "size", "is_told")
_TROUBLE_COLUMNS = ("device", "is_bad", "since", "told_at", "turns", "is_flapping", "run", "job")
_TROUBLE = """
INSERT INTO trouble (device, is_bad, since, told_at, turns, is_flapping, run, job)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (device) DO UPDATE SET
    is_bad = excluded.is_bad, since = excluded.since, told_at = excluded.told_at, turns = excluded.turns,
    is_flapping = excluded.is_flapping, run = excluded.run, job = excluded.job
"""

_TOLD = """
UPDATE event_group SET told = $2, is_told = NOT EXISTS (SELECT 1 FROM event WHERE event_group = $1 AND event.id > $2)
WHERE id = $1
"""
