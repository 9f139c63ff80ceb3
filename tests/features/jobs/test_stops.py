"""Row S4 as people meet it: a job made in Slack, a bot that was down over three of its times, a real agent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.jobs.slots import SlotFate
from domain.runs.outcomes import Outcome
from domain.runs.run import Trigger
from storage.jobs.jobs import jobs_called
from storage.jobs.slots import slots_of
from tests.features.asking import runs_of
from tests.features.jobs.test_jobs import answer, until_ended

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town


async def test_s4_a_stop_over_three_slots_makes_one_run_at_the_start(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    await answer(town, "/backup add core-sw1 daily 04:00 as nightly", "The job is added")
    await town.stop()
    town.clock.advance(timedelta(days=3))
    await town.start(keeps_time=False)

    await town.serve.engine.due_jobs.tick()
    await until_ended(town, "core-sw1")
    await town.serve.engine.due_jobs.tick()

    [run] = await runs_of("core-sw1")
    [job] = await jobs_called("nightly", sites=["plant-a"])
    [slot] = await slots_of(job.id)
    assert (run.trigger, run.outcome) == (Trigger.SCHEDULE, Outcome.UP_TO_DATE)
    assert (slot.fate, slot.note) == (SlotFate.MADE_UP, "2 earlier starts were missed too.")
