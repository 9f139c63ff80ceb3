"""The history of runs: sorted both ways, filtered, in pages that stay right while new runs arrive."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from domain.runs.outcomes import Outcome
from domain.runs.queries import RunQuery
from domain.runs.run import Run, Trigger
from storage.runs import runs
from storage.runs.history import runs_page
from tests.storage.values import NOW, good_end, new_run

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE = timedelta(minutes=1)
SITES = frozenset({"plant-a", "plant-b"})


@pytest.fixture
async def every(storage: str) -> list[Run]:
    """Sixty runs, one a minute, of two sites, three devices, two jobs and two persons; some failed."""
    assert storage
    new = [
        new_run(
            f"sw{number % 3}",
            site="plant-b" if number % 3 == 2 else "plant-a",
            created_at=NOW + number * MINUTE,
            trigger=Trigger.MANUAL if number % 4 == 0 else Trigger.SCHEDULE,
            asked_by=("U02ANNA" if number % 8 else "U03OLGA") if number % 4 == 0 else None,
            job=None if number % 4 == 0 else number % 2,
        )
        for number in range(60)
    ]
    added = await runs.add_runs(new)
    ends = [
        good_end(run, outcome=Outcome.FAILED if number % 5 == 0 else Outcome.UP_TO_DATE)
        for number, run in enumerate(added)
    ]
    await runs.finish_runs(ends[:-2])
    found = await runs.runs_by_id(run.id for run in added)
    return [found[run.id] for run in added]


FILTERS: dict[str, tuple[dict[str, Any], Callable[[Run], bool]]] = {
    "everything": ({}, lambda _: True),
    "one site": ({"site": "plant-b"}, lambda run: run.site == "plant-b"),
    "one device": ({"device": "sw1"}, lambda run: run.device == "sw1"),
    "failed": ({"outcomes": frozenset({Outcome.FAILED})}, lambda run: run.outcome is Outcome.FAILED),
    "failed or waiting": (
        {"outcomes": frozenset({Outcome.FAILED, Outcome.PENDING})},
        lambda run: run.outcome in {Outcome.FAILED, Outcome.PENDING},
    ),
    "by hand": ({"trigger": Trigger.MANUAL}, lambda run: run.trigger is Trigger.MANUAL),
    "by schedule": ({"trigger": Trigger.SCHEDULE}, lambda run: run.trigger is Trigger.SCHEDULE),
    "by hand, failed": (
        {"trigger": Trigger.MANUAL, "outcomes": frozenset({Outcome.FAILED})},
        lambda run: run.trigger is Trigger.MANUAL and run.outcome is Outcome.FAILED,
    ),
    "a person": ({"asked_by": "U03OLGA"}, lambda run: run.asked_by == "U03OLGA"),
    "a job": ({"job": 1}, lambda run: run.job == 1),
    "since before the first of all": ({"since": NOW - 999 * MINUTE}, lambda _: True),
    "since": ({"since": NOW + 20 * MINUTE}, lambda run: run.created_at >= NOW + 20 * MINUTE),
    "until": ({"until": NOW + 20 * MINUTE}, lambda run: run.created_at < NOW + 20 * MINUTE),
    "a period, failed, of a device": (
        {
            "since": NOW + 10 * MINUTE,
            "until": NOW + 50 * MINUTE,
            "device": "sw0",
            "outcomes": frozenset({Outcome.FAILED}),
        },
        lambda run: (
            run.device == "sw0"
            and run.outcome is Outcome.FAILED
            and NOW + 10 * MINUTE <= run.created_at < NOW + 50 * MINUTE
        ),
    ),
    "a time without any": ({"since": NOW + 999 * MINUTE}, lambda _: False),
    "nobody's site": ({"site": "plant-z"}, lambda _: False),
}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("ascending", [False, True], ids=["newest first", "oldest first"])
async def test_h2_each_filter_equals_a_direct_count_in_both_directions_across_pages(
    name: str, *, ascending: bool, every: list[Run]
) -> None:
    wanted, fits = FILTERS[name]
    query = RunQuery(sites=SITES, limit=7, ascending=ascending, **wanted)

    seen: list[Run] = []
    while page := await runs_page(query):
        seen += page
        query = replace(query, after=page[-1].id) if ascending else replace(query, before=page[-1].id)

    expected = [run for run in every if fits(run)]
    assert seen == (expected if ascending else expected[::-1])


@pytest.mark.parametrize("ascending", [False, True], ids=["newest first", "oldest first"])
async def test_h2_pages_stay_right_while_new_runs_arrive(*, ascending: bool, every: list[Run]) -> None:
    query = RunQuery(sites=SITES, limit=10, ascending=ascending)
    first = await runs_page(query)
    await runs.add_runs([new_run(f"new{number}", created_at=NOW + 99 * MINUTE) for number in range(5)])

    last = first[-1].id
    second = await runs_page(replace(query, after=last) if ascending else replace(query, before=last))

    ordered = every if ascending else every[::-1]
    assert [run.id for run in first + second] == [run.id for run in ordered[:20]]


async def test_h2_what_a_person_may_not_see_is_not_there(every: list[Run]) -> None:
    found = await runs_page(RunQuery(sites=frozenset({"plant-b"}), limit=100, device="sw1"))
    nothing = await runs_page(RunQuery(sites=frozenset(), limit=100))

    assert every
    assert found == []
    assert nothing == []


async def test_a_run_that_was_asked_for_a_little_earlier_than_its_number_says_is_found(every: list[Run]) -> None:
    [late] = await runs.add_runs([new_run("late", created_at=NOW + 58 * MINUTE)])

    found = await runs_page(RunQuery(sites=SITES, since=NOW + 58 * MINUTE, limit=100))
    until = await runs_page(RunQuery(sites=SITES, until=NOW + 59 * MINUTE, limit=2))

    assert [run.id for run in found] == [late.id, every[59].id, every[58].id]
    assert [run.id for run in until] == [late.id, every[58].id]
