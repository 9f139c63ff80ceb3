"""Between the rows of runs and the domain's values. For this room only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.outcomes import UNFINISHED, Outcome
from domain.runs import Place, Run
from storage.batches import connection, in_chunks, utc
from storage.models import BatchRow, RunRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.runs import NewRun

FINAL = frozenset(Outcome) - UNFINISHED


async def unfinished_rows(runs: Iterable[int]) -> dict[int, RunRow]:
    """The rows of those ``runs`` that have not ended, held until the transaction ends."""
    found: dict[int, RunRow] = {}
    for chunk in in_chunks(sorted(set(runs))):  # always in one order, so that two transactions cannot block each other
        rows = RunRow.filter(id__in=chunk, outcome__in=UNFINISHED).order_by("id")
        if connection().capabilities.support_for_update:
            rows = rows.select_for_update()
        found |= {row.id: row for row in await rows}
    return found


def to_run(row: RunRow) -> Run:
    """The domain's value of a row."""
    return Run(
        id=row.id,
        device=row.device,
        site=row.site,
        trigger=row.trigger,
        outcome=row.outcome,
        created_at=row.created_at,
        waiting_limit=row.waiting_limit,
        running_limit=row.running_limit,
        asked_by=row.asked_by,
        batch=row.batch_id,
        place=to_place(row),
        agent=row.agent,
        attempts=row.attempts,
        started_at=row.started_at,
        finished_at=row.finished_at,
        reason=row.reason,
        facts=row.facts,
        base_version=row.base_version,
        version=row.version,
        added=row.added,
        removed=row.removed,
    )


def run_columns(new: NewRun, batch: int | None) -> dict[str, Any]:
    """The columns of a run that is being asked for; all runs name the same ones."""
    return {
        "device": new.device,
        "site": new.site,
        "trigger": new.trigger,
        "outcome": Outcome.PENDING,
        "created_at": new.created_at,
        "waiting_limit": new.waiting_limit,
        "running_limit": new.running_limit,
        "asked_by": new.asked_by,
        "batch_id": batch if batch is not None else new.batch,
        "deadline": new.created_at + new.waiting_limit,
        "attempts": 0,
        "facts": "",
        "added": 0,
        "removed": 0,
        "announced": False,
        **place_columns(new.place),
    }


def pending_run(number: int, new: NewRun, batch: int | None) -> Run:
    """The run that ``new`` has become."""
    return Run(
        id=number,
        device=new.device,
        site=new.site,
        trigger=new.trigger,
        outcome=Outcome.PENDING,
        created_at=utc(new.created_at),
        waiting_limit=new.waiting_limit,
        running_limit=new.running_limit,
        asked_by=new.asked_by,
        batch=batch if batch is not None else new.batch,
        place=new.place,
    )


def place_columns(place: Place | None) -> dict[str, str | None]:
    """The two columns that hold a place."""
    return {"channel": place.channel if place else None, "thread_ts": place.thread_ts if place else None}


def to_place(row: RunRow | BatchRow) -> Place | None:
    """The place in those columns."""
    return Place(channel=row.channel, thread_ts=row.thread_ts) if row.channel else None
