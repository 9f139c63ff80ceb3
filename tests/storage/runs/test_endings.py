"""The end of runs: counts once, and moves all that follows from it together."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from domain.failures import FailureKind
from domain.runs.evidence import Evidence, Step
from domain.runs.outcomes import UNFINISHED, Outcome
from domain.runs.steps import RunEnd
from storage.devices import devices, versions
from storage.runs import runs
from tests.storage.values import HOUR, NOW, add_run, add_started, good_end, stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.configs.versions import DeviceState, Version
    from domain.runs.run import Run

pytestmark = pytest.mark.usefixtures("storage")


def bad_end(run: Run, reason: FailureKind = FailureKind.REFUSED, *, facts: str = "") -> RunEnd:
    outcome = Outcome.TIMED_OUT if reason.is_clock else Outcome.FAILED
    return RunEnd(run=run.id, outcome=outcome, at=NOW + HOUR, reason=reason, facts=facts)


async def state_of(device: str = "core-sw1") -> DeviceState:
    state = await devices.device_state(device)
    assert state is not None
    return state


async def newest(device: str = "core-sw1") -> Version:
    version = await versions.newest_version(device)
    assert version is not None
    return version


async def test_how_far_a_run_came_is_kept_with_it_whatever_its_device_showed() -> None:
    run, other = await add_started(), await add_started("edge-sw2")
    seen = Evidence(
        step=Step.ENABLE, command="enable", received=2**40, awaited="\u202e#", screen=("\x00 \u2603 'x'", '"; --')
    )

    await runs.finish_runs([replace(bad_end(run), evidence=seen), bad_end(other)])

    found = await runs.runs_by_id([run.id, other.id])
    assert found[run.id].evidence == seen
    assert found[other.id].evidence is None


async def test_an_end_is_written_whole() -> None:
    run = await add_started()
    end = RunEnd(
        run=run.id,
        outcome=Outcome.FAILED,
        at=NOW + HOUR,
        agent="far",
        attempts=3,
        started_at=NOW + 2 * HOUR,
        reason=FailureKind.INCOMPLETE,
        facts="no end",
        base_version=4,
    )

    [ended] = await runs.finish_runs([end])

    assert ended == replace(
        run,
        outcome=Outcome.FAILED,
        finished_at=NOW + HOUR,
        agent="far",
        attempts=3,
        reason=FailureKind.INCOMPLETE,
        facts="no end",
        base_version=4,
    )
    assert await runs.run_by_id(run.id) == ended
    assert await runs.unfinished_runs() == []


async def test_what_an_end_does_not_tell_is_kept() -> None:
    run = await add_run()

    [ended] = await runs.finish_runs([replace(bad_end(run), started_at=NOW + timedelta(minutes=1))])

    assert (ended.started_at, ended.attempts, ended.agent) == (NOW + timedelta(minutes=1), 0, None)


async def test_a_baseline_makes_the_first_version() -> None:
    run = await add_started()

    [ended] = await runs.finish_runs(
        [good_end(run, 1, is_new=True, stored=stored(run, author="bob", added=3, removed=1), host_key="ssh-ed25519 A")]
    )

    assert ended.is_baseline
    assert (ended.version, ended.added, ended.removed) == (1, 3, 1)
    version = await newest()
    assert (version.number, version.run, version.author, version.added, version.removed) == (1, run.id, "bob", 3, 1)
    assert (version.captured_at, version.last_checked_at, version.valid_until) == (NOW, NOW, None)
    state = await state_of()
    assert (state.version, state.digest, state.size, state.last_good_at) == (1, "d1", 100, NOW)
    assert (state.last_run, state.host_key) == (run.id, "ssh-ed25519 A")


async def test_v1_ten_equal_runs_are_one_version_and_move_its_last_check() -> None:
    for number in range(10):
        run = await add_started(created_at=NOW + number * HOUR)
        await runs.finish_runs([good_end(run, 1, at=NOW + number * HOUR, is_new=number == 0)])

    [version] = await versions.versions_of("core-sw1")
    assert (version.captured_at, version.last_checked_at) == (NOW, NOW + 9 * HOUR)
    assert (await state_of()).last_good_at == NOW + 9 * HOUR
    assert len(await runs.unannounced_runs()) == 10


async def test_v1_the_version_of_a_date_is_the_one_that_was_valid() -> None:
    for number in (1, 2, 3):
        run = await add_started()
        await runs.finish_runs([good_end(run, number, at=NOW + number * HOUR, is_new=True)])
    moment = timedelta(microseconds=1)
    asked = [HOUR - moment, HOUR, 2 * HOUR - moment, 2 * HOUR, 3 * HOUR, 99 * HOUR]

    found = [await versions.version_at("core-sw1", NOW + when) for when in asked]

    assert [version and version.number for version in found] == [None, 1, 1, 2, 3, 3]
    listed = await versions.versions_of("core-sw1")
    assert [(version.number, version.valid_until) for version in listed] == [
        (3, None),
        (2, NOW + 3 * HOUR),
        (1, NOW + 2 * HOUR),
    ]
    assert [version.number for version in await versions.versions_of("core-sw1", limit=1, before=3)] == [2]


def test_every_final_outcome_is_in_the_table() -> None:
    assert {outcome for _, outcome in ENDS.values()} == set(Outcome) - UNFINISHED


ENDS: dict[str, tuple[Callable[[Run], RunEnd], Outcome]] = {
    "up to date": (lambda run: good_end(run, 1), Outcome.UP_TO_DATE),
    "modified": (lambda run: good_end(run, 2, is_new=True), Outcome.MODIFIED),
    "failed": (bad_end, Outcome.FAILED),
    "cancelled": (lambda run: bad_end(run, FailureKind.CANCELLED), Outcome.FAILED),
    "timed out": (lambda run: bad_end(run, FailureKind.RUNNING_LIMIT), Outcome.TIMED_OUT),
}


@pytest.mark.parametrize("together", [True, False], ids=["in one call", "one after the other"])
@pytest.mark.parametrize("later", ENDS)
@pytest.mark.parametrize("first", ENDS)
async def test_the_first_end_counts_and_a_later_one_changes_nothing(
    first: str,
    later: str,
    together: bool,  # noqa: FBT001 - a case
) -> None:
    baseline = await add_started()
    await runs.finish_runs([good_end(baseline, 1, is_new=True)])
    run = await add_started()
    (make_first, outcome), (make_later, _) = ENDS[first], ENDS[later]
    ends = [make_first(run), replace(make_later(run), at=NOW + 5 * HOUR, facts="later", host_key="late")]

    ended = await runs.finish_runs(ends if together else ends[:1])
    after_first = (await runs.run_by_id(run.id), await state_of(), await versions.versions_of("core-sw1"))
    repeated = await runs.finish_runs(ends[1:])

    assert [(one.id, one.outcome, one.facts) for one in ended] == [(run.id, outcome, "")]
    assert repeated == []
    assert after_first == (await runs.run_by_id(run.id), await state_of(), await versions.versions_of("core-sw1"))
    assert len(after_first[2]) == (2 if first == "modified" else 1)
    assert after_first[1].host_key is None


async def test_of_ends_at_the_same_time_one_counts() -> None:
    run = await add_started()

    results = await asyncio.gather(*(runs.finish_runs([good_end(run, 1, is_new=True)]) for _ in range(8)))

    assert sorted(len(ended) for ended in results) == [0] * 7 + [1]
    assert len(await versions.versions_of("core-sw1")) == 1


async def test_an_unknown_run_is_passed_over() -> None:
    run = await add_started()

    ended = await runs.finish_runs([replace(bad_end(run), run=999), bad_end(run)])

    assert [one.id for one in ended] == [run.id]


async def test_ends_come_all_or_none() -> None:
    good, bad = await add_started("a"), await add_started("b")
    broken = replace(good_end(bad, 1, is_new=True), stored=replace(stored(bad), commit=None))  # type: ignore[arg-type]  # the fault

    with pytest.raises(Exception, match=r"(?i)null"):
        await runs.finish_runs([good_end(good, 1, is_new=True), broken])

    assert {run.id for run in await runs.unfinished_runs()} == {good.id, bad.id}
    assert await devices.device_state("a") is None
    assert await versions.newest_version("a") is None


async def test_a_failure_moves_neither_the_version_nor_the_last_good_time() -> None:
    await runs.finish_runs([good_end(await add_started(), 1, is_new=True)])
    before, run = await state_of(), await add_started()

    await runs.finish_runs([bad_end(run)])

    assert await state_of() == replace(before, last_run=run.id)


async def test_text_of_devices_cannot_break_the_database() -> None:
    run = await add_started()

    [ended] = await runs.finish_runs([bad_end(run, facts="a\0b\ud800" + "x" * 10_000)])

    found = await runs.run_by_id(run.id)
    assert found is not None
    assert found.facts.startswith("a\N{REPLACEMENT CHARACTER}b?xxx")
    assert len(found.facts) == len(ended.facts) == 2_000


async def end_with_keys(**keys: str) -> DeviceState:
    run = await add_started()
    outcome = bad_end(run, FailureKind.HOST_KEY_CHANGED) if "offered_host_key" in keys else good_end(run)
    await runs.finish_runs([replace(outcome, **keys)])  # type: ignore[arg-type]  # names of text fields
    return await state_of()


async def test_host_keys_are_pinned_once_and_offers_are_kept_until_settled() -> None:
    pinned = await end_with_keys(host_key="A")
    other = await end_with_keys(host_key="B")
    offered = await end_with_keys(offered_host_key="C")
    back = await end_with_keys(host_key="A")
    again = await end_with_keys(offered_host_key="C")
    await devices.pin_host_key("core-sw1", "C")
    accepted = await state_of()

    states = [pinned, other, offered, back, again, accepted]
    assert [(state.host_key, state.offered_host_key) for state in states] == [
        ("A", None),
        ("A", None),
        ("A", "C"),
        ("A", None),
        ("A", "C"),
        ("C", None),
    ]
