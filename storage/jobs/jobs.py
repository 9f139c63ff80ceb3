"""Jobs: added, changed, paused, listed. Whatever people do to one at the same time, nobody's change is lost unseen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from domain.errors import NotNow
from domain.jobs.job import Conflict, Job, JobFields
from domain.jobs.schedules import next_time, store_form
from domain.jobs.spoken import from_store
from storage.database.statements import clean, connection, in_chunks, insert, update, utc
from storage.tables.jobs import JobRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo

_FIELDS = tuple(JobFields.__dataclass_fields__)
MAX_JOB_CHANGES = 30  # changes of a job that are remembered


class NameTaken(NotNow):
    """Another job of the site has this name."""

    def __init__(self, fields: JobFields) -> None:
        facts = f"{fields.site} has a job named {fields.name!r}"
        super().__init__(
            facts, advice="This site already has a job of this name. Add another name at the end: `as NAME`."
        )


async def add_job(fields: JobFields, *, zone: tzinfo, by: str, now: datetime) -> Job:
    """Write down a new job; it comes due for the first time later than ``now``.

    Raises:
        NameTaken: another job of the site has its name.
    """
    stamps = {"created_by": by, "created_at": now, "changed_by": by, "changed_at": now}
    due = {"next_run_at": next_time(fields.schedule, zone, now) if fields.enabled else None}
    fixed = {"revision": 1, "changes": "[]", "deleted": False}
    try:
        async with in_transaction():
            [number] = await insert(JobRow, [_columns(fields) | stamps | due | fixed])
    except IntegrityError as error:
        raise NameTaken(fields) from error
    return (await jobs_by_id([number]))[number]


async def update_job(
    job: int, fields: JobFields, *, expected_revision: int, zone: tzinfo, by: str, now: datetime
) -> Job | Conflict | None:
    """Change a job that was opened at ``expected_revision``.

    When it comes due is counted anew if the schedule changed, or if it was switched on.

    Returns:
        The job as it now stands; what somebody else changed meanwhile; None: it has been deleted.

    Raises:
        NameTaken: another job of the site has its name.
    """
    try:
        async with in_transaction():
            row = await _held(job)
            if row is None or row.deleted:
                return None
            if row.revision != expected_revision:
                return Conflict(job=to_job(row), by=row.changed_by, changed=_changed_since(row, expected_revision))
            await _change(row, fields, zone=zone, by=by, now=now)
            return (await jobs_by_id([job]))[job]
    except IntegrityError as error:
        raise NameTaken(fields) from error


async def pause_job(job: int, *, by: str, now: datetime, until: datetime | None = None) -> Job | None:
    """Have its slots skipped, until then or until somebody resumes it; None: it has been deleted."""
    pause = {"paused_by": by, "paused_at": utc(now), "paused_until": utc(until) if until else None}
    return await _set(job, pause)


async def resume_job(job: int) -> Job | None:
    """Have its slots run again from the next one on; None: it has been deleted."""
    return await _set(job, {"paused_by": None, "paused_at": None, "paused_until": None})


async def delete_job(job: int, *, by: str, now: datetime) -> Job | None:
    """Take it out of every list; its runs, versions and slots stay. None: it was deleted before."""
    gone = {"deleted": True, "live_name": None, "next_run_at": None, "changed_by": by, "changed_at": utc(now)}
    return await _set(job, gone)


async def job_by_id(job: int) -> Job | None:
    """The job of this number, deleted or not; None: there is none."""
    return (await jobs_by_id([job])).get(job)


async def jobs_by_id(jobs: Iterable[int]) -> dict[int, Job]:
    """The jobs of these numbers, deleted or not."""
    found: dict[int, Job] = {}
    for chunk in in_chunks(dict.fromkeys(jobs)):
        found |= {row.id: to_job(row) for row in await JobRow.filter(id__in=chunk)}
    return found


async def jobs_called(name: str, sites: Iterable[str], *, hidden: frozenset[str] = frozenset()) -> list[Job]:
    """The jobs of this name at any of ``sites``: upper and lower case alike, deleted ones left out.

    So are those of ``hidden`` devices, which whoever asks may not know of.
    """
    rows = JobRow.filter(live_name=_live(name), site__in=sorted(sites)).filter(without(hidden)).order_by("site")
    return [to_job(row) for row in await rows]


def without(hidden: frozenset[str]) -> Q:
    """The condition that a job is not one of a ``hidden`` device. For this room only."""
    return Q(device__isnull=True) | Q(device__not_in=sorted(hidden)) if hidden else Q()


def to_job(row: JobRow) -> Job:
    """The domain's value of a row. For this room only."""
    return Job(
        id=row.id,
        name=row.name,
        kind=row.kind,
        site=row.site,
        device=row.device,
        schedule=from_store(row.schedule),
        waiting_limit=row.waiting_limit,
        running_limit=row.running_limit,
        retries=row.retries,
        missed=row.missed,
        enabled=row.enabled,
        revision=row.revision,
        created_by=row.created_by,
        created_at=row.created_at,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        next_run_at=row.next_run_at,
        paused_by=row.paused_by,
        paused_at=row.paused_at,
        paused_until=row.paused_until,
        deleted=row.deleted,
        last_at=row.last_at,
        last_run=row.last_run,
        last_batch=row.last_batch,
    )


async def _held(job: int) -> JobRow | None:
    """The row, held until the transaction ends."""
    found = JobRow.filter(id=job)
    if connection().capabilities.support_for_update:
        found = found.select_for_update()
    return await found.first()


async def _set(job: int, columns: dict[str, Any]) -> Job | None:
    async with in_transaction():
        changed = await JobRow.filter(id=job, deleted=False).update(**columns)
        row = await JobRow.get_or_none(id=job) if changed else None
    return to_job(row) if row else None


async def _change(row: JobRow, fields: JobFields, *, zone: tzinfo, by: str, now: datetime) -> None:
    before = to_job(row)
    changed = [name for name in _FIELDS if getattr(before, name) != getattr(fields, name)]
    if not changed:
        return
    revision = row.revision + 1
    entry = [revision, by, utc(now).isoformat(), changed]
    columns = _columns(fields) | {
        "revision": revision,
        "changed_by": by,
        "changed_at": now,
        "changes": json.dumps([*json.loads(row.changes), entry][-MAX_JOB_CHANGES:]),
    }
    if {"schedule", "enabled", "site"} & set(changed):
        columns["next_run_at"] = next_time(fields.schedule, zone, now) if fields.enabled else None
    await update(JobRow, [{"id": row.id} | columns])


def _columns(fields: JobFields) -> dict[str, Any]:
    chosen: dict[str, Any] = {name: getattr(fields, name) for name in _FIELDS}
    return chosen | {"live_name": _live(fields.name), "schedule": store_form(fields.schedule)}


def _changed_since(row: JobRow, revision: int) -> tuple[str, ...]:
    later = [names for number, _, _, names in json.loads(row.changes) if number > revision]
    return tuple(dict.fromkeys(name for names in later for name in names))


def _live(name: str) -> str:
    return clean(name).casefold()
