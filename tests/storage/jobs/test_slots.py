"""What is remembered of the moments at which jobs came due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest

from domain.jobs.job import JobKind
from domain.jobs.schedules import next_time
from domain.jobs.slots import NewSlot, Plan, RunGroup, SlotFate
from domain.jobs.spoken import parse_schedule
from domain.runs.run import Trigger
from storage.jobs import jobs, slots
from tests.storage.jobs.test_jobs import add
from tests.storage.values import NOW, new_run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from domain.jobs.job import Job

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def noted(fate: SlotFate = SlotFate.SKIPPED_PAUSED, *, ends_pause: bool = False) -> Callable[[Sequence[Job]], Plan]:
    """Write down what became of each job that is due, a day at a time."""

    def plan(due: Sequence[Job]) -> Plan:
        return Plan(
            slots=tuple(
                NewSlot(
                    job=job.id, due_at=at, fate=fate, next_run_at=at + DAY, by="U1", note="n", ends_pause=ends_pause
                )
                for job in due
                if (at := job.next_run_at)
            )
        )

    return plan


async def note_days(job: Job, days: int) -> datetime:
    """Take up the slots of some days, a second late each; returns when the first was due."""
    first = job.next_run_at
    assert first
    for number in range(days):
        await slots.claim_due(first + number * DAY + SECOND, limit=9, plan=noted())
    return first


@pytest.mark.usefixtures("storage")
async def test_a_job_is_due_at_its_time_and_not_a_moment_before() -> None:
    due_at = (await add()).next_run_at
    assert due_at

    early = await slots.claim_due(due_at - timedelta(milliseconds=1), limit=9, plan=noted())
    in_time = await slots.claim_due(due_at, limit=9, plan=noted())

    assert (early.count, in_time.count) == (0, 1)
    assert early == replace(early, batches=(), runs=(), ended=())


@pytest.mark.usefixtures("storage")
async def test_slots_are_listed_the_latest_first_and_in_pages() -> None:
    job = await add()
    first = await note_days(job, 4)

    latest = await slots.slots_of(job.id, limit=2)
    older = await slots.slots_of(job.id, limit=9, before=latest[-1].due_at)

    assert [one.due_at for one in (*latest, *older)] == [first + number * DAY for number in (3, 2, 1, 0)]
    assert {(one.fate, one.by, one.note, one.run) for one in latest} == {(SlotFate.SKIPPED_PAUSED, "U1", "n", None)}


@pytest.mark.usefixtures("storage")
async def test_twenty_slots_are_shown_at_once() -> None:
    job = await add()
    await note_days(job, 21)

    assert len(await slots.slots_of(job.id)) == 20


@pytest.mark.usefixtures("storage")
async def test_slots_are_forgotten_that_were_noted_before_a_moment() -> None:
    job = await add()
    first = await note_days(job, 3)

    count = await slots.forget_slots(first + DAY + SECOND)

    assert count == 1  # the one noted at that very moment stays
    assert [one.due_at for one in await slots.slots_of(job.id)] == [first + 2 * DAY, first + DAY]


@pytest.mark.usefixtures("storage")
async def test_a_pause_that_was_over_is_taken_off_with_the_slot_and_no_other() -> None:
    paused, kept = await add(), await add("kept")
    for job in (paused, kept):
        await jobs.pause_job(job.id, until=NOW + 9 * DAY, by="U1", now=NOW)
    due_at = paused.next_run_at
    assert due_at

    await slots.claim_due(due_at, limit=1, plan=noted(ends_pause=True))
    await slots.claim_due(due_at, limit=1, plan=noted(ends_pause=False))

    found = await jobs.jobs_by_id([paused.id, kept.id])
    assert (found[paused.id].paused_by, found[paused.id].paused_until) == (None, None)
    assert found[kept.id].paused_by == "U1"


@pytest.mark.usefixtures("storage")
@pytest.mark.parametrize("devices", [1, 2], ids=["a site of one device", "a site of two"])
async def test_a_site_job_begins_a_batch_however_few_devices_there_are(devices: int) -> None:
    job = await add("site", kind=JobKind.SITE, device=None)
    due_at = job.next_run_at
    assert due_at

    def plan(due: Sequence[Job]) -> Plan:
        every = tuple(new_run(f"sw{number}", trigger=Trigger.SCHEDULE, job=job.id) for number in range(devices))
        group = RunGroup(site="plant-a", runs=every, site_job=job.id)
        return replace(noted(SlotFate.RAN)(due), groups=(group,))

    taken = await slots.claim_due(due_at, limit=9, plan=plan)

    [batch], [slot] = taken.batches, await slots.slots_of(job.id)
    moved = await jobs.job_by_id(job.id)
    assert moved
    assert (batch.total, len(taken.runs)) == (devices, devices)
    assert (slot.run, slot.batch) == (None, batch.id)
    assert (moved.last_run, moved.last_batch, moved.last_at) == (None, batch.id, due_at)


@pytest.mark.usefixtures("storage")
async def test_a_clock_that_is_set_back_lets_jobs_come_due_by_the_new_one_and_only_those_it_had_moved_on() -> None:
    moved, other = await add(), await add(name="weekly", schedule=parse_schedule("sun 02:00"))
    due = moved.next_run_at
    assert due
    now = due - 2 * SECOND
    await slots.claim_due(due + 40 * DAY, limit=1, plan=noted())  # the clock was ahead by forty days

    count = await slots.clock_set_back(now, lambda _: UTC)

    found = await jobs.jobs_by_id([moved.id, other.id])
    assert count == 1
    assert found[moved.id].next_run_at == next_time(moved.schedule, UTC, now)
    assert found[other.id].next_run_at == other.next_run_at
    assert await slots.slots_of(moved.id) == []
    assert await slots.clock_set_back(now, lambda _: UTC) == 0


@pytest.mark.usefixtures("storage")
async def test_a_clock_that_is_set_back_by_seconds_repeats_no_slot() -> None:
    job = await add()
    await note_days(job, 1)
    assert job.next_run_at

    assert await slots.clock_set_back(job.next_run_at - 20 * SECOND, lambda _: UTC) == 0
