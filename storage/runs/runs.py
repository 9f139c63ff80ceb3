"""Runs and batches: asked for, started, ended once, looked up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tortoise.functions import Count
from tortoise.transactions import in_transaction

from domain.runs.batches import Batch, BatchState
from domain.runs.outcomes import UNFINISHED, Outcome
from domain.runs.run import RUNNING_LIMIT_GRACE
from storage.database.statements import MAX_ROWS_A_STATEMENT, fetch, in_chunks, update, utc
from storage.runs.endings import finish_runs
from storage.runs.history import runs_page
from storage.runs.rows import FINAL, insert_batch, insert_runs, to_place, to_run, unfinished_rows, waiting_deadline
from storage.tables.core import BatchRow, RunRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tortoise.queryset import QuerySet

    from domain.messages.places import Place
    from domain.runs.run import NewRun, Run, Trigger
    from domain.runs.steps import RunStart

__all__ = [
    "add_batch",
    "add_runs",
    "assign_runs",
    "batch_by_id",
    "batch_devices",
    "batch_runs",
    "batch_state",
    "finish_runs",
    "latest_runs_of",
    "mark_announced",
    "overdue_runs",
    "requeue_runs",
    "run_by_id",
    "runs_by_id",
    "runs_page",
    "start_runs",
    "unannounced_runs",
    "unfinished_run_of",
    "unfinished_runs",
]


async def add_runs(new: Sequence[NewRun]) -> list[Run]:
    """Write down runs that are being asked for, all or none; they come back Pending, in the same order."""
    async with in_transaction():
        return await insert_runs(new)


async def add_batch(
    site: str,
    trigger: Trigger,
    asked_by: str | None,
    place: Place | None,
    created_at: datetime,
    new: Sequence[NewRun],
) -> tuple[Batch, list[Run]]:
    """Write down runs of one site that are asked for together, with the batch that joins them, all or none.

    The ``batch`` of each new run is set here.
    """
    async with in_transaction():
        return await insert_batch(site, trigger, asked_by, place, created_at, new)


async def run_by_id(run: int) -> Run | None:
    """The run of this number; None: there is none."""
    return (await runs_by_id([run])).get(run)


async def runs_by_id(runs: Iterable[int]) -> dict[int, Run]:
    """The runs of these numbers; numbers without a run are left out."""
    found: dict[int, Run] = {}
    for chunk in in_chunks(dict.fromkeys(runs)):
        found |= {row.id: to_run(row) for row in await RunRow.filter(id__in=chunk)}
    return found


async def start_runs(starts: Sequence[RunStart]) -> list[Run]:
    """Set runs In Progress: an agent has begun an attempt. The first attempt sets ``started_at`` and the clock.

    Runs that have ended, and attempts that are already known, are left alone.

    Returns:
        The runs that changed.
    """
    async with in_transaction():
        rows = await unfinished_rows(start.run for start in starts)
        changed = {
            start.run: rows[start.run] for start in starts if start.run in rows and _begin(rows[start.run], start)
        }
        await _save(changed.values(), "outcome", "agent", "attempts", "started_at", "deadline")
    return [to_run(row) for row in changed.values()]


async def requeue_runs(runs: Iterable[int]) -> list[Run]:
    """Set runs back to Pending after their agent was lost; attempts and start are kept.

    The clock that runs out later counts: a run that waited long and started late is not ended for waiting.

    Returns:
        The runs that changed: those that were In Progress.
    """
    async with in_transaction():
        rows = await unfinished_rows(runs)
        changed = [row for row in rows.values() if row.outcome is Outcome.IN_PROGRESS]
        for row in changed:
            row.outcome = Outcome.PENDING
            row.deadline = max(waiting_deadline(row), _running_deadline(row))
        await _save(changed, "outcome", "deadline")
    return [to_run(row) for row in changed]


async def assign_runs(agent: str, runs: Iterable[int]) -> None:
    """Remember to which agent unfinished runs have been sent."""
    async with in_transaction():
        for chunk in in_chunks(runs):
            await RunRow.filter(id__in=chunk, outcome__in=UNFINISHED).update(agent=agent)


async def unfinished_runs(*, limit: int = 10_000) -> list[Run]:
    """Runs that have not ended, oldest first."""
    return [to_run(row) for row in await RunRow.filter(outcome__in=UNFINISHED).order_by("id").limit(limit)]


async def overdue_runs(now: datetime, *, limit: int = 1_000) -> list[Run]:
    """Unfinished runs whose present clock has run out, the longest overdue first.

    Pending ones have waited longer than their waiting limit; those In Progress have run longer than their running
    limit and ``domain.runs.run.GRACE``.
    """
    rows = RunRow.filter(outcome__in=UNFINISHED, deadline__lte=utc(now)).order_by("deadline", "id").limit(limit)
    return [to_run(row) for row in await rows]


async def unfinished_run_of(device: str) -> Run | None:
    """The run of ``device`` that has not ended; None: there is none."""
    row = await RunRow.filter(device=device, outcome__in=UNFINISHED).order_by("-id").first()
    return to_run(row) if row else None


async def unannounced_runs(*, limit: int = 1_000) -> list[Run]:
    """Runs that have ended and whose message has not been put yet, oldest first."""
    rows = RunRow.filter(announced=False, outcome__in=FINAL).order_by("id").limit(limit)
    return [to_run(row) for row in await rows]


async def mark_announced(runs: Iterable[int]) -> None:
    """Remember that the messages of these runs' ends have been put; runs that have not ended are left alone."""
    async with in_transaction():
        for chunk in in_chunks(runs):
            await RunRow.filter(id__in=chunk, outcome__in=FINAL).update(announced=True)


async def batch_by_id(batch: int) -> Batch | None:
    """The batch of this number; None: there is none."""
    row = await BatchRow.get_or_none(id=batch)
    return _to_batch(row) if row else None


async def batch_state(
    batch: int, *, hidden: frozenset[str] = frozenset(), only: frozenset[str] | None = None
) -> BatchState | None:
    """How far a batch has come; None: there is no such batch.

    Args:
        batch: its number.
        hidden: devices that its reader may not know of; its total leaves them out too.
        only: the devices that this is about; None: all.
    """
    found = await batch_by_id(batch)
    if found is None:
        return None
    rows = of_batch(batch, hidden, only).annotate(count=Count("id")).group_by("outcome")
    counts = {Outcome(row["outcome"]): row["count"] for row in await rows.values("outcome", "count")}
    if hidden or only is not None:
        found = replace(found, total=sum(counts.values()))
    return BatchState(batch=found, counts=counts)


async def batch_runs(
    batch: int,
    *,
    limit: int,
    after: int | None = None,
    outcomes: frozenset[Outcome] = frozenset(),
    hidden: frozenset[str] = frozenset(),
    only: frozenset[str] | None = None,
) -> list[Run]:
    """The runs of a batch in the order in which they were asked for.

    Args:
        batch: its number.
        limit: how many at most.
        after: the last run of the page before.
        outcomes: only these; empty: all.
        hidden: devices that its reader may not know of.
        only: the devices that this is about; None: all.
    """
    rows = of_batch(batch, hidden, only)
    if after is not None:
        rows = rows.filter(id__gt=after)
    if outcomes:
        rows = rows.filter(outcome__in=outcomes)
    return [to_run(row) for row in await rows.order_by("id").limit(limit)]


async def batch_devices(batch: int, *, among: frozenset[str]) -> frozenset[str]:
    """Those of ``among`` that have a run in a batch."""
    rows = of_batch(batch, frozenset(), among)
    return frozenset([str(name) for name in await rows.values_list("device", flat=True)] if among else [])


async def latest_runs_of(devices: Mapping[str, str]) -> dict[str, Run]:
    """The newest run of each device at its site (by device), ended or not; devices without a run there are left out."""
    newest: list[int] = []
    for chunk in in_chunks(devices.items(), MAX_ROWS_A_STATEMENT // 2):
        marks = ", ".join(f"(${place}, ${place + 1})" for place in range(1, len(chunk) * 2 + 1, 2))
        # Some steps in the index of devices for each; GROUP BY would read whole histories, and so would that of sites.
        where = "device = d.column1 AND COALESCE(site, site) = d.column2"
        sql = f"SELECT (SELECT id FROM run WHERE {where} ORDER BY id DESC LIMIT 1) AS id FROM (VALUES {marks}) AS d"  # noqa: S608 - marks only
        newest += [row["id"] for row in await fetch(sql, [one for pair in chunk for one in pair]) if row["id"]]
    return {run.device: run for run in (await runs_by_id(newest)).values()}


def of_batch(batch: int, hidden: frozenset[str], only: frozenset[str] | None = None) -> QuerySet[RunRow]:
    """The runs of a batch but those of ``hidden`` devices; ``only``: of these. For this room only."""
    rows = RunRow.filter(batch_id=batch)
    if hidden:
        rows = rows.exclude(device__in=sorted(hidden))
    return rows if only is None else rows.filter(device__in=sorted(only))


def _begin(row: RunRow, start: RunStart) -> bool:
    """Write ``start`` into ``row``; False: nothing new in it."""
    if row.outcome is Outcome.IN_PROGRESS and start.attempt <= row.attempts:
        return False
    row.outcome = Outcome.IN_PROGRESS
    row.agent = start.agent
    row.attempts = max(row.attempts, start.attempt)
    row.started_at = row.started_at or start.at
    row.deadline = _running_deadline(row)
    return True


def _running_deadline(row: RunRow) -> datetime:
    return (row.started_at or row.created_at) + row.running_limit + RUNNING_LIMIT_GRACE


async def _save(rows: Iterable[RunRow], *fields: str) -> None:
    await update(RunRow, [{field: getattr(row, field) for field in ("id", *fields)} for row in rows])


def _to_batch(row: BatchRow) -> Batch:
    return Batch(
        id=row.id,
        site=row.site,
        trigger=row.trigger,
        total=row.total,
        created_at=row.created_at,
        asked_by=row.asked_by,
        place=to_place(row),
    )
