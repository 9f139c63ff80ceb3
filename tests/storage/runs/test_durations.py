"""How long backups of a device usually take: the middle of its last good runs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.runs.outcomes import Outcome
from domain.runs.steps import RunStart
from storage.runs import runs
from storage.runs.durations import usual_durations
from tests.storage.values import NOW, good_end, new_run

SECOND = timedelta(seconds=1)
GOOD = (Outcome.UP_TO_DATE, Outcome.MODIFIED)


async def add_ended(device: str, *seconds: int, outcome: Outcome = Outcome.UP_TO_DATE) -> None:
    """Runs one after the other that took so long."""
    added = await runs.add_runs([new_run(device) for _ in seconds])
    await runs.start_runs([RunStart(run=run.id, agent="local", attempt=1, at=NOW) for run in added])
    ends = [good_end(run, outcome=outcome, at=NOW + took * SECOND) for run, took in zip(added, seconds, strict=True)]
    await runs.finish_runs(ends)


@pytest.mark.usefixtures("storage")
@pytest.mark.parametrize(
    ("seconds", "usual"),
    [
        pytest.param([7], 7, id="one run"),
        pytest.param([1, 9, 4], 4, id="the middle of three"),
        pytest.param([1, 2, 8, 9], 8, id="of four the longer of the two in the middle"),
        pytest.param([99, *range(1, 10)], 5, id="nine at most: the one before them no longer counts"),
    ],
)
async def test_the_usual_time_is_the_middle_of_the_last_nine(seconds: list[int], usual: int) -> None:
    await add_ended("sw1", *seconds)

    assert await usual_durations(["sw1"]) == {"sw1": usual * SECOND}


@pytest.mark.usefixtures("storage")
async def test_changes_and_others_count_nine_each() -> None:
    await add_ended("sw1", *[1] * 10, outcome=Outcome.UP_TO_DATE)
    await add_ended("sw1", *[90, *[8] * 9], outcome=Outcome.MODIFIED)

    assert await usual_durations(["sw1"]) == {"sw1": 8 * SECOND}


@pytest.mark.usefixtures("storage")
async def test_only_good_runs_that_ran_say_how_long_it_takes_and_each_device_for_itself() -> None:
    await add_ended("sw1", 3)
    await add_ended("sw1", 90, 91, outcome=Outcome.FAILED)
    await add_ended("sw2", 5, outcome=Outcome.TIMED_OUT)
    await add_ended("sw3", 6, outcome=Outcome.MODIFIED)

    found = await usual_durations(["sw1", "sw2", "sw3", "sw3", "never"])

    assert found == {"sw1": 3 * SECOND, "sw3": 6 * SECOND}
