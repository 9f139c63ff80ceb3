"""Slots: the moments at which jobs came due, each taken up once, whoever else is looking and whatever crashes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tortoise.transactions import in_transaction

from domain.jobs.schedules import next_time
from domain.jobs.slots import Slot, Taken
from domain.jobs.spoken import from_store
from domain.runs.run import Trigger
from storage.database.readable import put_off, readable_or_not
from storage.database.statements import connection, in_chunks, insert, update, utc
from storage.jobs.jobs import to_job
from storage.runs.endings import finish_runs
from storage.runs.rows import insert_batch, insert_runs
from storage.tables.jobs import JobRow, SlotRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime, tzinfo

    from domain.jobs.job import Job
    from domain.jobs.slots import NewSlot, Plan, RunGroup
    from domain.runs.batches import Batch
    from domain.runs.run import Run

NOTED_AHEAD_TOLERANCE = timedelta(minutes=1)  # a clock that was set back by less repeats no slot


async def claim_due(now: datetime, *, limit: int, plan: Callable[[Sequence[Job]], Plan]) -> Taken:
    """Take up the slots of jobs that are due, those due longest first, in one transaction with all they begin.

    Either a job has moved on to its next time and what it began is written down, or neither is. Of several processes
    each gets other jobs.

    Args:
        now: jobs that come due later are left alone; what they cost is one step into an index.
        limit: how many jobs at most.
        plan: decides what becomes of them; called once, if anything is due.
    """
    async with in_transaction():
        rows = JobRow.filter(next_run_at__lte=utc(now)).order_by("next_run_at", "id").limit(limit)
        if connection().capabilities.support_for_update:
            rows = rows.select_for_update(skip_locked=True)
        due, broken = readable_or_not(await rows, to_job)
        await put_off(JobRow, "next_run_at", broken, now)
        return await _carry_out(plan(due), now, count=len(due)) if due else Taken(len(broken))


async def slots_of(job: int, *, limit: int = 20, before: datetime | None = None) -> list[Slot]:
    """What became of the slots of a job, the latest first; ``before``: only those that were due earlier."""
    rows = SlotRow.filter(job=job)
    if before is not None:
        rows = rows.filter(due_at__lt=utc(before))
    return [_to_slot(row) for row in await rows.order_by("-due_at").limit(limit)]


async def forget_slots(before: datetime) -> int:
    """Remove slots that were noted before that; returns how many."""
    return await SlotRow.filter(noted_at__lt=utc(before)).delete()


async def clock_set_back(now: datetime, zone_of: Callable[[str], tzinfo]) -> int:
    """Let jobs come due by the clock as it is now, if one that was ahead of it had moved them on; returns how many.

    The slots that were noted in moments which are yet to come are forgotten: they come due once more.
    """
    async with in_transaction():
        ahead = SlotRow.filter(noted_at__gt=utc(now + NOTED_AHEAD_TOLERANCE))
        jobs = set(await ahead.values_list("job", flat=True))
        for chunk in in_chunks(sorted(jobs)):
            rows = await JobRow.filter(id__in=chunk, next_run_at__isnull=False)
            dues = [(row.id, next_time(from_store(row.schedule), zone_of(row.site), now)) for row in rows]
            await update(JobRow, [{"id": job, "next_run_at": due} for job, due in dues])
        await ahead.delete()
    return len(jobs)


async def note_begun(jobs: Iterable[int], *, at: datetime, run: int | None = None, batch: int | None = None) -> None:
    """Remember what somebody began by hand as the latest activity of these jobs."""
    for chunk in in_chunks(jobs):
        await JobRow.filter(id__in=chunk).update(last_at=utc(at), last_run=run, last_batch=batch)


async def _carry_out(plan: Plan, now: datetime, *, count: int) -> Taken:
    ended = await finish_runs(plan.ends)
    batches: list[Batch] = []
    runs: list[Run] = []
    begun: dict[int, dict[str, Any]] = {}
    for group in plan.groups:
        batch, some = await _begin(group, now)
        batches += [batch] if batch else []
        runs += some
        begun |= _begun(group, batch, some, now)
    await _note(plan.slots, begun, now)
    return Taken(count, tuple(batches), tuple(runs), tuple(ended))


async def _begin(group: RunGroup, now: datetime) -> tuple[Batch | None, list[Run]]:
    """A single device job needs no batch."""
    if group.site_job is None and len(group.runs) == 1:
        return None, await insert_runs(group.runs)
    return await insert_batch(group.site, Trigger.SCHEDULE, None, None, now, group.runs)


def _begun(group: RunGroup, batch: Batch | None, runs: Sequence[Run], now: datetime) -> dict[int, dict[str, Any]]:
    if group.site_job is not None:
        number = batch.id if batch else None
        return {group.site_job: {"id": group.site_job, "last_at": now, "last_run": None, "last_batch": number}}
    return {
        run.job: {"id": run.job, "last_at": now, "last_run": run.id, "last_batch": None}
        for run in runs
        if run.job is not None
    }


async def _note(slots: Sequence[NewSlot], begun: dict[int, dict[str, Any]], now: datetime) -> None:
    rows = [
        {
            "job": slot.job,
            "due_at": slot.due_at,
            "fate": slot.fate,
            "noted_at": now,
            "by": slot.by,
            "note": slot.note,
            "run": begun.get(slot.job, {}).get("last_run"),
            "batch": begun.get(slot.job, {}).get("last_batch"),
        }
        for slot in slots
    ]
    await insert(SlotRow, rows)
    await update(JobRow, [{"id": slot.job, "next_run_at": slot.next_run_at} for slot in slots])
    await update(JobRow, list(begun.values()))
    over = [slot.job for slot in slots if slot.ends_pause]
    for chunk in in_chunks(over):
        await JobRow.filter(id__in=chunk).update(paused_by=None, paused_at=None, paused_until=None)


def _to_slot(row: SlotRow) -> Slot:
    return Slot(
        id=row.id,
        job=row.job,
        due_at=row.due_at,
        fate=row.fate,
        noted_at=row.noted_at,
        by=row.by,
        note=row.note,
        run=row.run,
        batch=row.batch,
    )
