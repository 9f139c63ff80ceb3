"""Lists of jobs: three orders, filters, pages by key, and what each job last did."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tortoise.expressions import Q
from tortoise.functions import Max

from domain.jobs.job import Activity, JobQuery, JobSort, JobsPage
from domain.runs.outcomes import Outcome
from storage.database.readable import readable
from storage.database.statements import clean
from storage.jobs.jobs import to_job, without
from storage.runs.runs import of_batch, runs_by_id
from storage.tables.jobs import JobRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tortoise.queryset import QuerySet

    from domain.jobs.job import Job

_COLUMN = {JobSort.NAME: "live_name", JobSort.NEXT: "next_run_at", JobSort.LAST: "last_at"}

# What a batch is called as a whole: the worst that happened to any of its runs.
_WORST = (
    Outcome.IN_PROGRESS,
    Outcome.PENDING,
    Outcome.FAILED,
    Outcome.TIMED_OUT,
    Outcome.MODIFIED,
    Outcome.UP_TO_DATE,
)


async def jobs_page(query: JobQuery) -> JobsPage:
    """The jobs that ``query`` asks for, with the mark at which the next page begins.

    Jobs without a value to sort by come last: those with one are walked by an index, then the rest.
    """
    column = _COLUMN[query.sort]
    found: list[JobRow] = []
    for is_empty in (False, True):
        if query.after and not is_empty and not query.after[0]:
            continue  # the page before was among those without a value already
        rows = (
            _filtered(query).filter(**{f"{column}__isnull": is_empty}).filter(_after(query, column, is_empty=is_empty))
        )
        order = ("id",) if is_empty else (column, "id") if query.sort is not JobSort.LAST else (f"-{column}", "-id")
        found += await rows.order_by(*order).limit(query.limit + 1 - len(found))
        if len(found) > query.limit:
            break
    shown = found[: query.limit]
    mark = _mark(shown[-1], column) if len(found) > query.limit else None
    return JobsPage(jobs=tuple(readable(shown, to_job)), total=await _filtered(query).count(), next_after=mark)


async def last_activities(jobs: Iterable[Job], *, hidden: frozenset[str] = frozenset()) -> dict[int, Activity]:
    """What became of the last thing that each job began; jobs that never began anything are left out.

    ``hidden`` are devices that the reader may not know of: what became of them does not colour a site job.
    """
    jobs = list(jobs)
    runs = await runs_by_id(job.last_run for job in jobs if job.last_run)
    worst = await _worst([job.last_batch for job in jobs if job.last_batch], hidden)
    found: dict[int, Activity] = {}
    for job in jobs:
        run = runs.get(job.last_run or 0)
        if run:
            found[job.id] = Activity(at=run.finished_at or run.created_at, outcome=run.outcome, run=run.id)
        elif job.last_at and job.last_batch in worst:
            outcome, at = worst[job.last_batch]
            found[job.id] = Activity(at=at or job.last_at, outcome=outcome, batch=job.last_batch)
    return found


def _filtered(query: JobQuery) -> QuerySet[JobRow]:
    rows = JobRow.filter(deleted=False, site__in=sorted(query.sites)).filter(without(query.hidden))
    if query.device is not None:
        rows = rows.filter(device=query.device)
    if query.paused is not None:
        rows = rows.filter(paused_by__isnull=not query.paused)
    text = clean(query.text.strip())
    if text:
        rows = rows.filter(Q(live_name__contains=text.casefold()) | Q(device__icontains=text) | Q(site__icontains=text))
    return rows


def _after(query: JobQuery, column: str, *, is_empty: bool) -> Q:
    if query.after is None or (is_empty and query.after[0]):
        return Q()
    value, number = query.after
    if is_empty:
        return Q(id__gt=number)
    key: Any = value if query.sort is JobSort.NAME else datetime.fromisoformat(value)
    endpoint = "lt" if query.sort is JobSort.LAST else "gt"
    return Q(**{f"{column}__{endpoint}": key}) | Q(**{column: key, f"id__{endpoint}": number})


def _mark(row: JobRow, column: str) -> tuple[str, int]:
    value = getattr(row, column)
    return (value.isoformat() if isinstance(value, datetime) else value or "", row.id)


async def _worst(batches: Sequence[int], hidden: frozenset[str]) -> dict[int, tuple[Outcome, datetime | None]]:
    """The worst outcome of each batch that is over, with the time of its last end; of others that they go on."""
    found: dict[int, tuple[Outcome, datetime | None]] = {}
    for batch in dict.fromkeys(batches):  # a page of them, each a look at its own index
        rows = (
            await of_batch(batch, hidden)
            .annotate(last=Max("finished_at"))
            .group_by("outcome")
            .values("outcome", "last")
        )
        ends = {Outcome(row["outcome"]): row["last"] for row in rows}
        worst = next((one for one in _WORST if one in ends), None)
        if worst:
            over = [end for end in ends.values() if end] if worst.is_final else []
            found[batch] = (worst, max(over, default=None))
    return found
