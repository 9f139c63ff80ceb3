"""What tests of audit, export and review do and look at again and again."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.audit import AuditEntry, AuditQuery
from domain.runs.outcomes import Outcome
from domain.runs.run import NewRun, Trigger
from domain.runs.steps import RunEnd, StoredVersion
from storage.access.audit import audit_page
from storage.runs.endings import finish_runs
from storage.runs.runs import add_runs
from tests.commands.plants import RENDERER

if TYPE_CHECKING:
    from commands.request import Reply
    from domain.runs.run import Run
    from tests.commands.plants import Plant


async def noted(**wanted: Any) -> list[AuditEntry]:  # noqa: ANN401 - fields of a query
    """What the audit holds, the oldest first."""
    return (await audit_page(AuditQuery(sites=None, limit=500, **wanted)))[::-1]


async def ended(plant: Plant, count: int = 1, **facts: Any) -> list[Run]:  # noqa: ANN401 - facts of a run's end
    """Runs of core-sw1 that have ended, one minute after the other."""
    device = facts.pop("device", "core-sw1")
    begin = plant.clock.now() - timedelta(minutes=count)
    new = [
        NewRun(
            device=device,
            site="plant-a",
            trigger=Trigger.MANUAL,
            created_at=begin + timedelta(minutes=number),
            waiting_limit=timedelta(minutes=30),
            running_limit=timedelta(minutes=5),
            asked_by="U0OPER",
        )
        for number in range(count)
    ]
    added = await add_runs(new)
    values: dict[str, Any] = {"outcome": Outcome.UP_TO_DATE, "version": 1, "base_version": 1} | facts
    await finish_runs([RunEnd(run=run.id, at=run.created_at, **values) for run in added])
    return added


async def changed(plant: Plant, device: str = "core-sw1", versions: int = 2) -> list[Run]:
    """Runs that stored so many versions, the first of them the baseline."""
    runs = []
    for number in range(1, versions + 1):
        stored = {"number": number, "commit": f"{number:040x}", "size": 1, "digest": "d", "added": 3, "removed": 1}
        outcome = Outcome.MODIFIED if number > 1 else Outcome.UP_TO_DATE
        [run] = await add_runs(
            [
                NewRun(
                    device=device,
                    site="plant-a",
                    trigger=Trigger.SCHEDULE,
                    created_at=plant.clock.now(),
                    waiting_limit=timedelta(minutes=30),
                    running_limit=timedelta(minutes=5),
                )
            ]
        )
        version = StoredVersion(device=device, site="plant-a", run=run.id, captured_at=plant.clock.now(), **stored)  # type: ignore[arg-type] # facts of a version
        end = {"version": number, "base_version": number - 1 or None, "stored": version}
        await finish_runs([RunEnd(run=run.id, outcome=outcome, at=plant.clock.now(), **end)])  # type: ignore[arg-type] # the same
        runs.append(run)
    return runs


def said(reply: Reply) -> str:
    """Everything that the answer shows."""
    shown = RENDERER.render(reply.template, reply.context)
    return json.dumps([shown.text, shown.blocks], ensure_ascii=False)


def table_of(reply: Reply) -> list[dict[str, str]]:
    """The rows of the CSV file that comes with ``reply``."""
    assert reply.file
    assert reply.file.text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(reply.file.text.removeprefix("\ufeff"), newline="")))
