"""Why the runs of a batch failed: all of them are counted, a few named."""

from __future__ import annotations

import pytest

from domain.failures import FailureKind
from domain.runs.causes import TimeoutCause
from domain.runs.outcomes import Outcome
from domain.runs.run import Run, Trigger
from domain.runs.steps import RunEnd
from storage.runs import runs
from storage.runs.failures import batch_failures
from tests.storage.values import NOW, new_run

pytestmark = pytest.mark.usefixtures("storage")

REFUSED, SILENT, LATE = FailureKind.REFUSED, FailureKind.SILENT, FailureKind.NEVER_STARTED
# How many ended how: reason and cause.
ENDS: tuple[tuple[int, FailureKind | None, TimeoutCause | None], ...] = (
    (2, SILENT, None),
    (130, REFUSED, None),
    (3, LATE, TimeoutCause.QUEUE),
    (2, LATE, TimeoutCause.NO_AGENT),
    (1, None, None),
)


async def storm() -> tuple[int, list[Run]]:
    """A batch of 140 devices of which 138 failed, in the order of ENDS; one is good, one still going."""
    total = sum(count for count, _, _ in ENDS) + 2
    new = [new_run(f"sw{number:03}") for number in range(total)]
    batch, added = await runs.add_batch("plant-a", Trigger.MANUAL, "U02ANNA", None, NOW, new)
    left = iter(added)
    ends = [
        RunEnd(run=next(left).id, outcome=Outcome.FAILED, at=NOW, reason=reason, cause=cause)
        for count, reason, cause in ENDS
        for _ in range(count)
    ]
    ends.append(RunEnd(run=next(left).id, outcome=Outcome.UP_TO_DATE, at=NOW, version=1))
    await runs.finish_runs(ends)
    return batch.id, added


async def test_every_failure_of_a_storm_is_counted_and_the_first_of_each_reason_are_named() -> None:
    batch, added = await storm()

    found = await batch_failures(batch, named=2)

    assert [(one.count, one.first[0].reason, one.first[0].cause) for one in found] == [
        (130, REFUSED, None),
        (3, LATE, TimeoutCause.QUEUE),
        (2, SILENT, None),
        (2, LATE, TimeoutCause.NO_AGENT),
        (1, None, None),
    ]
    assert [[run.id for run in one.first] for one in found[:3]] == [
        [added[2].id, added[3].id],
        [added[132].id, added[133].id],
        [added[0].id, added[1].id],
    ]


async def test_devices_that_the_reader_may_not_see_are_in_no_count() -> None:
    batch, added = await storm()
    hidden = frozenset(run.device for run in added[:2]) | {added[2].device}

    assert [one.count for one in await batch_failures(batch, named=1, hidden=hidden)] == [129, 3, 2, 1]
    assert [one.count for one in await batch_failures(batch, named=1, only=hidden)] == [2, 1]


async def test_a_batch_without_failures_has_none() -> None:
    batch, _ = await runs.add_batch("plant-a", Trigger.MANUAL, None, None, NOW, [new_run()])

    assert await batch_failures(batch.id, named=1) == []
