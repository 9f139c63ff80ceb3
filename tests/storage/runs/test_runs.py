"""Runs: asked for, started, put back, listed."""

from __future__ import annotations

import asyncio
import contextvars
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from domain.failures import FailureKind
from domain.messages.places import Place
from domain.runs.outcomes import UNFINISHED, Outcome
from domain.runs.queries import RunQuery
from domain.runs.run import RUNNING_LIMIT_GRACE, Run, Trigger
from domain.runs.steps import RunEnd, RunStart
from storage.runs import runs
from tests.storage.values import HOUR, NOW, add_run, add_started, good_end, new_run

pytestmark = pytest.mark.usefixtures("storage")

MOMENT = timedelta(microseconds=1)


def failed(run: Run, at: datetime = NOW) -> RunEnd:
    return RunEnd(run=run.id, outcome=Outcome.FAILED, at=at, reason=FailureKind.REFUSED, facts="refused")


async def test_a_new_run_is_pending_and_comes_back_whole() -> None:
    run = await add_run()

    assert run == Run(
        id=run.id,
        device="core-sw1",
        site="plant-a",
        trigger=Trigger.MANUAL,
        outcome=Outcome.PENDING,
        created_at=NOW,
        waiting_limit=timedelta(minutes=30),
        running_limit=timedelta(minutes=5),
        asked_by="U02ANNA",
        place=Place(channel="C0PLANTA", thread_ts="1.1"),
    )
    assert await runs.run_by_id(run.id) == run
    assert await runs.run_by_id(run.id + 1) is None


async def test_times_are_kept_in_utc_and_come_back_aware() -> None:
    berlin = timezone(HOUR)

    run = await add_run(created_at=NOW.astimezone(berlin))

    found = await runs.run_by_id(run.id)
    assert found is not None
    assert found.created_at == NOW
    assert found.created_at.utcoffset() == timedelta(0)
    assert await runs.overdue_runs((NOW + HOUR).astimezone(timezone(-12 * HOUR))) == [found]


async def test_many_runs_come_back_in_the_order_in_which_they_were_asked_for() -> None:
    added = await runs.add_runs([new_run(f"sw{number}", place=None) for number in range(1_200)])

    assert [run.device for run in added] == [f"sw{number}" for number in range(1_200)]
    assert await runs.runs_by_id(run.id for run in added) == {run.id: run for run in added}
    assert await runs.unfinished_runs() == added
    assert await runs.unfinished_runs(limit=3) == added[:3]


async def test_a_start_sets_the_run_in_progress_once() -> None:
    run = await add_run()
    first = RunStart(run=run.id, agent="local", attempt=1, at=NOW + HOUR)
    second = RunStart(run=run.id, agent="far", attempt=2, at=NOW + 2 * HOUR)

    [started] = await runs.start_runs([first])
    again = await runs.start_runs([first])
    [retried] = await runs.start_runs([second])
    late = await runs.start_runs([first])

    assert started == replace(run, outcome=Outcome.IN_PROGRESS, agent="local", attempts=1, started_at=NOW + HOUR)
    assert retried == replace(started, agent="far", attempts=2)
    assert (again, late) == ([], [])
    assert await runs.run_by_id(run.id) == retried


async def test_a_run_that_has_ended_does_not_start() -> None:
    run = await add_run()
    await runs.finish_runs([failed(run)])

    assert await runs.start_runs([RunStart(run=run.id, agent="local", attempt=1, at=NOW)]) == []


async def test_two_starts_in_one_call_count_as_the_later_one() -> None:
    run = await add_run()

    changed = await runs.start_runs([RunStart(run=run.id, agent="local", attempt=n, at=NOW) for n in (1, 2)])

    assert [one.attempts for one in changed] == [2]


async def test_a_lost_run_goes_back_and_keeps_attempts_and_start() -> None:
    started, pending, ended = await add_started("a"), await add_run("b"), await add_run("c")
    await runs.finish_runs([failed(ended)])

    changed = await runs.requeue_runs([started.id, pending.id, ended.id, 999])

    assert changed == [replace(started, outcome=Outcome.PENDING)]
    [again] = await runs.start_runs([RunStart(run=started.id, agent="local", attempt=2, at=NOW + HOUR)])
    assert (again.started_at, again.attempts) == (NOW, 2)


async def test_the_agent_that_a_run_was_sent_to_is_remembered() -> None:
    run, ended = await add_run("a"), await add_run("b")
    await runs.finish_runs([failed(ended)])

    await runs.assign_runs("local", [run.id, ended.id])

    assert {one.agent for one in (await runs.runs_by_id([run.id])).values()} == {"local"}
    assert {one.agent for one in (await runs.runs_by_id([ended.id])).values()} == {None}


async def test_runs_are_overdue_when_their_present_clock_has_run_out() -> None:
    waiting = await add_run("waiting")
    running = await add_started("running")
    await runs.finish_runs([failed(await add_run("ended"))])
    waits_until, runs_until = NOW + timedelta(minutes=30), NOW + timedelta(minutes=5) + RUNNING_LIMIT_GRACE

    assert await runs.overdue_runs(runs_until - MOMENT) == []
    assert await runs.overdue_runs(runs_until) == [running]
    assert await runs.overdue_runs(waits_until - MOMENT) == [running]
    assert await runs.overdue_runs(waits_until) == [running, waiting]
    assert await runs.overdue_runs(waits_until, limit=1) == [running]


async def test_a_run_that_started_late_and_lost_its_agent_is_not_overdue_for_waiting() -> None:
    run = await add_run()
    late = NOW + timedelta(minutes=29)
    await runs.start_runs([RunStart(run=run.id, agent="local", attempt=1, at=late)])

    await runs.requeue_runs([run.id])

    limit = late + timedelta(minutes=5) + RUNNING_LIMIT_GRACE
    assert await runs.overdue_runs(limit - MOMENT) == []
    assert [one.id for one in await runs.overdue_runs(limit)] == [run.id]


async def test_the_unfinished_run_of_a_device_is_found() -> None:
    await runs.finish_runs([failed(await add_run())])
    assert await runs.unfinished_run_of("core-sw1") is None

    run = await add_run()

    assert await runs.unfinished_run_of("core-sw1") == run
    assert await runs.unfinished_run_of("other") is None


async def test_ends_are_unannounced_until_they_are_marked() -> None:
    first, second, pending = [await add_run(name) for name in "abc"]
    ended = await runs.finish_runs([failed(first), failed(second)])

    await runs.mark_announced([pending.id])
    assert await runs.unannounced_runs() == ended
    await runs.mark_announced([first.id])

    assert await runs.unannounced_runs() == ended[1:]
    await runs.finish_runs([failed(pending)])
    assert [run.id for run in await runs.unannounced_runs()] == [second.id, pending.id]


async def test_a_batch_holds_its_runs_and_counts_their_outcomes() -> None:
    place = Place(channel="C0PLANTA")
    batch, added = await runs.add_batch(
        "plant-a", Trigger.MANUAL, "U02ANNA", place, NOW, [new_run(name) for name in "abc"]
    )
    await add_run("apart")

    [ended] = await runs.finish_runs([failed(added[0])])

    assert {run.batch for run in added} == {batch.id}
    assert await runs.batch_by_id(batch.id) == batch
    assert (batch.total, batch.place, batch.asked_by, batch.created_at) == (3, place, "U02ANNA", NOW)
    state = await runs.batch_state(batch.id)
    assert state is not None
    assert (state.counts, state.is_over) == ({Outcome.FAILED: 1, Outcome.PENDING: 2}, False)
    assert await runs.batch_runs(batch.id, limit=2) == [ended, added[1]]
    assert await runs.batch_runs(batch.id, limit=2, after=added[1].id) == [added[2]]
    assert await runs.batch_runs(batch.id, limit=9, outcomes=UNFINISHED) == added[1:]
    assert await runs.batch_state(batch.id + 1) is None


async def test_the_newest_run_of_each_device_is_found() -> None:
    _, newest, other = await add_run("a"), await add_run("a"), await add_run("b")

    assert await runs.latest_runs_of(dict.fromkeys("abc", "plant-a")) == {"a": newest, "b": other}


async def history() -> list[Run]:
    """Twelve ended runs, newest first: devices a, b, c in turn at plants a, b; every third has failed."""
    found: list[Run] = []
    for number in range(12):
        site = "plant-a" if number % 2 else "plant-b"
        run = await add_run("abc"[number % 3], site=site, created_at=NOW + number * HOUR)
        end = failed(run) if number % 3 == 0 else good_end(run)
        found += await runs.finish_runs([end])
    return found[::-1]


BOTH = frozenset({"plant-a", "plant-b"})


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param(RunQuery(sites=BOTH), [11, 10, 9, 8, 7, 6, 5, 4, 3, 2], id="newest ten"),
        pytest.param(RunQuery(sites=BOTH, limit=3), [11, 10, 9], id="limit"),
        pytest.param(RunQuery(sites=frozenset({"plant-a"})), [11, 9, 7, 5, 3, 1], id="only sites one may see"),
        pytest.param(RunQuery(sites=BOTH, site="plant-b"), [10, 8, 6, 4, 2, 0], id="one site"),
        pytest.param(RunQuery(sites=frozenset({"plant-a"}), site="plant-b"), [], id="a site one may not see"),
        pytest.param(RunQuery(sites=frozenset()), [], id="no site"),
        pytest.param(RunQuery(sites=frozenset(), device="a"), [], id="no site, a device"),
        pytest.param(RunQuery(sites=BOTH, device="a"), [9, 6, 3, 0], id="device"),
        pytest.param(RunQuery(sites=frozenset({"plant-b"}), device="a"), [6, 0], id="device at one site"),
        pytest.param(RunQuery(sites=BOTH, outcomes=frozenset({Outcome.FAILED})), [9, 6, 3, 0], id="outcome"),
        pytest.param(
            RunQuery(sites=BOTH, outcomes=frozenset({Outcome.FAILED, Outcome.UP_TO_DATE}), limit=4),
            [11, 10, 9, 8],
            id="outcomes",
        ),
        pytest.param(RunQuery(sites=BOTH, since=NOW + 9 * HOUR), [11, 10, 9], id="since"),
        pytest.param(RunQuery(sites=BOTH, since=NOW + 99 * HOUR), [], id="since then nothing"),
        pytest.param(
            RunQuery(sites=BOTH, since=NOW + 3 * HOUR, outcomes=frozenset({Outcome.FAILED}), device="a"),
            [9, 6, 3],
            id="all at once",
        ),
    ],
)
async def test_h2_history_is_filtered_and_newest_first(query: RunQuery, expected: list[int]) -> None:
    ended = await history()

    page = await runs.runs_page(query)

    assert page == [ended[11 - number] for number in expected]


async def test_h2_pages_follow_each_other_without_gap_or_repetition() -> None:
    ended = await history()
    query = RunQuery(sites=BOTH, limit=5)

    pages: list[Run] = []
    while page := await runs.runs_page(query):
        pages += page
        query = replace(query, before=page[-1].id)

    assert pages == ended


async def test_queries_work_from_tasks_and_threads_that_know_nothing_of_the_database() -> None:
    run = await add_run()
    bare = contextvars.Context()

    found = await asyncio.get_running_loop().create_task(runs.run_by_id(run.id), context=bare)
    added = await asyncio.get_running_loop().create_task(add_run("from elsewhere"), context=contextvars.Context())

    assert found == run
    assert await runs.run_by_id(added.id) == added
