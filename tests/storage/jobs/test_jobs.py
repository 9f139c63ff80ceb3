"""Jobs in the database: nobody's change is lost, lists page rightly, slots are taken up once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from domain.jobs.job import Conflict, Job, JobFields, JobKind, JobQuery, JobSort
from domain.jobs.slots import NewSlot, Plan, RunGroup, SlotFate
from domain.jobs.spoken import parse_schedule
from domain.runs.outcomes import Outcome
from domain.runs.run import Trigger
from storage.jobs import jobs, lists, slots
from storage.runs import runs
from tests.storage.values import NOW, good_end, new_run

if TYPE_CHECKING:
    from collections.abc import Sequence

BERLIN = ZoneInfo("Europe/Berlin")
PLANT_A = frozenset({"plant-a"})


def fields(name: str = "nightly", **rest: Any) -> JobFields:  # noqa: ANN401 - any field of a job
    values: dict[str, Any] = {
        "name": name,
        "kind": JobKind.DEVICE,
        "site": "plant-a",
        "device": "core-sw1",
        "schedule": parse_schedule("daily 02:00"),
    }
    return JobFields(**values | rest)


async def add(name: str = "nightly", **rest: Any) -> Job:  # noqa: ANN401 - the same
    return await jobs.add_job(fields(name, **rest), zone=BERLIN, by="U02ANNA", now=NOW)


async def change(job: Job, revision: int, **rest: Any) -> Job | Conflict | None:  # noqa: ANN401 - the same
    return await jobs.update_job(
        job.id, fields(job.name, **rest), expected_revision=revision, zone=BERLIN, by="U03OLGA", now=NOW
    )


def ran(due: Sequence[Job]) -> Plan:
    """Begin each job that is due, for a day."""
    return Plan(
        slots=tuple(
            NewSlot(job=job.id, due_at=due_at, fate=SlotFate.RAN, next_run_at=due_at + timedelta(days=1))
            for job in due
            if (due_at := job.next_run_at)
        ),
        groups=tuple(
            RunGroup(site=job.site, runs=(new_run(job.device or "", trigger=Trigger.SCHEDULE, job=job.id, place=None),))
            for job in due
        ),
    )


@pytest.mark.usefixtures("storage")
async def test_a_job_comes_back_as_it_was_written() -> None:
    added = await add(
        waiting_limit=timedelta(minutes=9), retries=0, schedule=parse_schedule("cron 0 2 * * 1-5"), enabled=True
    )

    found = await jobs.job_by_id(added.id)

    assert found == added
    assert added.next_run_at == datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
    assert added.created_by == added.changed_by == "U02ANNA"
    assert added.revision == 1


@pytest.mark.usefixtures("storage")
async def test_a_name_is_taken_once_at_a_site_and_free_again_after_deleting() -> None:
    first = await add("Nightly")

    with pytest.raises(jobs.NameTaken):
        await add("NIGHTLY")
    elsewhere = await add("nightly", site="plant-b", device="b-sw1")
    await jobs.delete_job(first.id, by="U02ANNA", now=NOW)
    again = await add("nightly")

    assert await jobs.jobs_called("nightlY", {"plant-a", "plant-b"}) == [again, elsewhere]
    assert (await jobs.jobs_by_id([first.id]))[first.id].deleted


@pytest.mark.usefixtures("storage")
async def test_the_second_of_two_changes_is_told_what_the_first_changed() -> None:
    job = await add()
    first = await change(job, 1, schedule=parse_schedule("daily 03:00"))

    second = await change(job, 1, retries=5)

    assert isinstance(first, Job)
    assert first.next_run_at == datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
    assert second == Conflict(job=first, by="U03OLGA", changed=("schedule",))


@pytest.mark.usefixtures("storage")
async def test_two_changes_at_the_same_moment_do_not_both_win() -> None:
    job = await add()

    answers = await asyncio.gather(change(job, 1, retries=1), change(job, 1, retries=2))

    assert {type(answer) for answer in answers} == {Job, Conflict}


@pytest.mark.usefixtures("storage")
async def test_saving_a_form_without_a_change_changes_nothing() -> None:
    job = await add()

    assert await change(job, 1) == job


@pytest.mark.usefixtures("storage")
async def test_switching_off_takes_a_job_out_of_the_clock_and_on_puts_it_back() -> None:
    job = await add()

    off = await change(job, 1, enabled=False)
    on = await change(job, 2)

    assert isinstance(off, Job)
    assert off.next_run_at is None
    assert isinstance(on, Job)
    assert on.next_run_at == job.next_run_at


@pytest.mark.usefixtures("storage")
async def test_a_deleted_job_can_be_neither_changed_nor_paused() -> None:
    job = await add()
    deleted = await jobs.delete_job(job.id, by="U02ANNA", now=NOW)

    assert deleted
    assert deleted.next_run_at is None
    assert await change(job, 1) is None
    assert await jobs.pause_job(job.id, by="U02ANNA", now=NOW) is None
    assert await jobs.resume_job(job.id) is None
    assert await jobs.delete_job(job.id, by="U02ANNA", now=NOW) is None


@pytest.mark.parametrize("sort", JobSort)
@pytest.mark.parametrize("page", [1, 7, 60])
@pytest.mark.usefixtures("storage")
async def test_pages_in_every_order_hold_each_job_once(sort: JobSort, page: int) -> None:
    for number in range(20):
        schedule = "on demand" if number % 3 == 0 else f"daily {number % 5:02}:00"
        job = await add(f"job {number % 10} {number}", schedule=parse_schedule(schedule))
        if number % 4 == 0:
            await slots.note_begun([job.id], at=NOW + timedelta(minutes=number % 8), run=1)
    await add("elsewhere", site="plant-b")

    seen: list[Job] = []
    query = JobQuery(sites=PLANT_A, sort=sort, limit=page)
    found = await lists.jobs_page(query)
    seen += found.jobs
    while found.next_after:
        found = await lists.jobs_page(JobQuery(sites=PLANT_A, sort=sort, limit=page, after=found.next_after))
        seen += found.jobs

    def place(job: Job) -> tuple[object, ...]:
        match sort:
            case JobSort.NAME:
                return (job.name, job.id)
            case JobSort.NEXT:
                return (job.next_run_at is None, job.next_run_at or 0, job.id)
        return (job.last_at is None, -job.last_at.timestamp(), -job.id) if job.last_at else (True, 0, job.id)

    assert found.total == 20
    assert seen == sorted(seen, key=place)
    assert len({job.id for job in seen}) == 20


@pytest.mark.parametrize("text", ["CORE", "plant", "nightly", "Ä"])
@pytest.mark.usefixtures("storage")
async def test_the_filter_finds_parts_of_names_devices_and_sites(text: str) -> None:
    job = await add("Nightly äß")
    await add("%", device="edge", site="plant_b")

    found = await lists.jobs_page(JobQuery(sites=PLANT_A, text=text))

    assert found.jobs == (job,)


@pytest.mark.parametrize("text", ["%", "_", "x' OR 1=1 --", "\0"])
@pytest.mark.usefixtures("storage")
async def test_the_filter_takes_every_character_as_itself(text: str) -> None:
    await add()

    assert (await lists.jobs_page(JobQuery(sites=PLANT_A, text=text))).jobs == ()


@pytest.mark.usefixtures("storage")
async def test_what_is_due_is_claimed_once_with_all_it_begins() -> None:
    due = [await add(f"job {number}", device=f"sw{number}") for number in range(5)]
    await add("later", schedule=parse_schedule("daily 03:00"))
    at = datetime(2026, 3, 3, 1, 0, 1, tzinfo=UTC)

    taken = [await slots.claim_due(at, limit=3, plan=ran) for _ in range(3)]

    assert [one.count for one in taken] == [3, 2, 0]
    assert {run.job for one in taken for run in one.runs} == {job.id for job in due}
    [slot] = await slots.slots_of(due[0].id)
    moved = await jobs.job_by_id(due[0].id)
    assert moved
    assert (slot.fate, slot.run, slot.due_at) == (SlotFate.RAN, moved.last_run, due[0].next_run_at)
    assert moved.next_run_at == slot.due_at + timedelta(days=1)
    assert moved.last_at == at


@pytest.mark.usefixtures("storage")
async def test_two_clocks_at_once_share_what_is_due() -> None:
    for number in range(10):
        await add(f"job {number}", device=f"sw{number}")
    at = datetime(2026, 3, 3, 1, 0, 1, tzinfo=UTC)

    taken = await asyncio.gather(*(slots.claim_due(at, limit=100, plan=ran) for _ in range(4)))

    assert sum(one.count for one in taken) == 10
    assert len(await runs.unfinished_runs()) == 10


@pytest.mark.usefixtures("storage")
async def test_a_plan_that_fails_leaves_the_jobs_due() -> None:
    await add()
    at = datetime(2026, 3, 3, 1, 0, 1, tzinfo=UTC)

    def broken(due: Sequence[Job]) -> Plan:
        raise RuntimeError(str(due))

    with pytest.raises(RuntimeError):
        await slots.claim_due(at, limit=10, plan=broken)

    assert (await slots.claim_due(at, limit=10, plan=ran)).count == 1


@pytest.mark.usefixtures("storage")
async def test_runs_of_several_device_jobs_make_one_batch_and_a_single_one_needs_none() -> None:
    several = [await add(f"job {number}", device=f"sw{number}") for number in range(3)]

    def together(due: Sequence[Job]) -> Plan:
        plan = ran(due)
        every = tuple(run for group in plan.groups for run in group.runs)
        return Plan(slots=plan.slots, groups=(RunGroup(site="plant-a", runs=every),))

    at = datetime(2026, 3, 3, 1, 0, 1, tzinfo=UTC)
    batched = await slots.claim_due(at, limit=10, plan=together)
    await jobs.delete_job(several[0].id, by="U", now=NOW)
    await jobs.delete_job(several[1].id, by="U", now=NOW)
    alone = await slots.claim_due(at + timedelta(days=1), limit=10, plan=together)

    [batch] = batched.batches
    assert (batch.total, batch.place, batch.trigger) == (3, None, Trigger.SCHEDULE)
    assert {run.batch for run in batched.runs} == {batch.id}
    [run] = alone.runs
    assert (run.batch, run.place) == (None, None)


@pytest.mark.usefixtures("storage")
async def test_last_activity_is_the_run_or_the_worst_of_the_batch() -> None:
    device, site, never = await add(), await add("site", kind=JobKind.SITE, device=None), await add("never")
    [run] = await runs.add_runs([new_run(job=device.id)])
    batch, parts = await runs.add_batch("plant-a", Trigger.SCHEDULE, None, None, NOW, [new_run("a"), new_run("b")])
    await runs.finish_runs([good_end(run), good_end(parts[0])])
    await slots.note_begun([device.id], at=NOW, run=run.id)
    await slots.note_begun([site.id], at=NOW, batch=batch.id)
    at_work = await lists.last_activities((await jobs.jobs_by_id([device.id, site.id, never.id])).values())
    await runs.finish_runs([good_end(parts[1], at=NOW + timedelta(minutes=1), outcome=Outcome.FAILED)])

    over = await lists.last_activities((await jobs.jobs_by_id([site.id])).values())

    assert {job: one.outcome for job, one in at_work.items()} == {
        device.id: Outcome.UP_TO_DATE,
        site.id: Outcome.PENDING,
    }
    assert over[site.id].outcome is Outcome.FAILED
    assert over[site.id].at == NOW + timedelta(minutes=1)
