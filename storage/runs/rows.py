"""Between the rows of runs and the domain's values. For this room only."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from domain.messages.places import Place
from domain.runs.batches import Batch
from domain.runs.evidence import Evidence, Step
from domain.runs.outcomes import UNFINISHED, Outcome
from domain.runs.run import NewRun, Run
from storage.database.statements import connection, in_chunks, insert, utc
from storage.tables.core import BatchRow, RunRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from domain.runs.run import Trigger

FINAL = frozenset(Outcome) - UNFINISHED
_OTHERWISE = {"batch", "place", "evidence"}  # fields whose columns have another name or form
_ASKED = tuple(NewRun.__dataclass_fields__)
_ASKED_AS_STORED = tuple(name for name in _ASKED if name not in _OTHERWISE)
_AS_STORED = tuple(name for name in Run.__dataclass_fields__ if name not in _OTHERWISE)


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
    kept = {name: getattr(row, name) for name in _AS_STORED}
    evidence = _to_evidence(row.evidence) if row.evidence else None
    return Run(**kept, batch=row.batch_id, place=to_place(row), evidence=evidence)


def run_columns(new: NewRun, batch: int | None) -> dict[str, Any]:
    """The columns of a run that is being asked for; all runs name the same ones."""
    return {
        **{name: getattr(new, name) for name in _ASKED_AS_STORED},
        "outcome": Outcome.PENDING,
        "batch_id": batch if batch is not None else new.batch,
        "deadline": waiting_deadline(new),
        "attempts": 0,
        "facts": "",
        "added": 0,
        "removed": 0,
        "secrets_changed": 0,
        "announced": False,
        **place_columns(new.place),
    }


def pending_run(number: int, new: NewRun, batch: int | None) -> Run:
    """The run that ``new`` has become, with the times as the database tells them."""
    asked: dict[str, Any] = {name: getattr(new, name) for name in _ASKED}
    times = {name: utc(asked[name]) for name in ("created_at", "slot", "not_before") if asked[name]}
    number_of_batch = batch if batch is not None else new.batch
    return Run(**asked | times | {"batch": number_of_batch}, id=number, outcome=Outcome.PENDING)


def waiting_deadline(run: NewRun | RunRow) -> datetime:
    """When the clock of its waiting runs out; it begins when the run may be started."""
    return max(run.created_at, run.not_before or run.created_at) + run.waiting_limit


async def insert_runs(new: Sequence[NewRun], *, batch: int | None = None) -> list[Run]:
    """Write down runs that are being asked for, within the caller's transaction; they come back in the same order."""
    ids = await insert(RunRow, [run_columns(run, batch) for run in new])
    return [pending_run(number, run, batch) for number, run in zip(ids, new, strict=True)]


async def insert_batch(
    site: str,
    trigger: Trigger,
    asked_by: str | None,
    place: Place | None,
    created_at: datetime,
    new: Sequence[NewRun],
) -> tuple[Batch, list[Run]]:
    """Write down runs with the batch that joins them, within the caller's transaction."""
    row = {"site": site, "trigger": trigger, "total": len(new), "created_at": created_at, "asked_by": asked_by}
    [number] = await insert(BatchRow, [row | place_columns(place)])
    batch = Batch(
        id=number,
        site=site,
        trigger=trigger,
        total=len(new),
        created_at=utc(created_at),
        asked_by=asked_by,
        place=place,
    )
    return batch, await insert_runs(new, batch=number)


def place_columns(place: Place | None) -> dict[str, str | None]:
    """The two columns that hold a place."""
    return {"channel": place.channel if place else None, "thread_ts": place.thread_ts if place else None}


def to_place(row: RunRow | BatchRow) -> Place | None:
    """The place in those columns."""
    return Place(channel=row.channel, thread_ts=row.thread_ts) if row.channel else None


def evidence_column(evidence: Evidence | None) -> str | None:
    """The column that holds ``evidence``."""
    return json.dumps(asdict(evidence)) if evidence else None


def _to_evidence(column: str) -> Evidence:
    told = json.loads(column)
    return Evidence(**told | {"step": Step(told["step"]), "screen": tuple(told["screen"])})
