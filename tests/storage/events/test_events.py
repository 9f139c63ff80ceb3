"""Events: each run is taken in once, events that come together stand in one post, and nothing told is told again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.events.audiences import Wait
from domain.events.transitions import Notice
from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from domain.runs.steps import RunEnd
from storage.events import deferred, events
from storage.events.events import Ended
from storage.runs import runs
from tests.storage.values import HOUR, NOW, add_run
from tests.support.rows import trouble_of

pytestmark = pytest.mark.usefixtures("storage")

MINUTE = timedelta(minutes=1)


async def ended(
    outcome: Outcome = Outcome.FAILED, *, at: datetime = NOW, device: str = "core-sw1", batch: int | None = None
) -> Ended:
    run = await add_run(device)
    reason = FailureKind.REFUSED if outcome is Outcome.FAILED else None
    [run] = await runs.finish_runs([RunEnd(run=run.id, outcome=outcome, at=at, reason=reason)])
    return Ended(run=replace(run, batch=batch, job=4), at=at)


async def told() -> list[tuple[int, Notice]]:
    """The run and the notice of each event, in order."""
    found = [
        one
        for event_group in await events.untold_groups()
        for one in await events.events_in(event_group.event_group.id)
    ]
    return [(one.run, one.notice) for one in sorted(found, key=lambda one: one.id)]


async def test_a_run_that_is_taken_in_again_says_nothing_more() -> None:
    failed, good = await ended(), await ended(Outcome.UP_TO_DATE, at=NOW + HOUR)
    await events.take_in([failed, good])

    await events.take_in([failed, good])
    await events.take_in([failed])

    assert await told() == [(failed.run.id, Notice.FAILED), (good.run.id, Notice.RECOVERED)]


async def test_a_change_that_is_told_late_is_told_and_a_turn_is_not() -> None:
    late, failed, good = await ended(Outcome.MODIFIED), await ended(), await ended(Outcome.UP_TO_DATE)
    await events.take_in([good])
    await events.take_in([await ended()])

    await events.take_in([late, failed])

    assert [notice for _, notice in await told()] == [Notice.FAILED, Notice.MODIFIED]


async def test_recovered_remembers_the_job_that_had_failed_and_since_when() -> None:
    failed = await ended()
    by_hand = await ended(Outcome.UP_TO_DATE, at=NOW + HOUR)

    await events.take_in([failed])
    await events.take_in([replace(by_hand, run=replace(by_hand.run, job=None))])

    _, recovered = [
        one
        for event_group in await events.untold_groups()
        for one in await events.events_in(event_group.event_group.id)
    ]
    assert recovered.jobs == {4}
    assert recovered.since == NOW


async def test_n8_events_that_come_together_stand_in_one_group() -> None:
    first = [await ended(device=f"sw{number}", at=NOW + number * MINUTE) for number in range(4)]
    later = await ended(device="sw9", at=NOW + HOUR)
    changed = await ended(Outcome.MODIFIED, device="sw8", at=NOW)

    await events.take_in(first[:2])
    await events.take_in([*first[2:], later, changed])

    sizes = [
        (event_group.event_group.notice, len(await events.events_in(event_group.event_group.id)))
        for event_group in await events.untold_groups()
    ]
    assert sizes == [(Notice.FAILED, 4), (Notice.FAILED, 1), (Notice.MODIFIED, 1)]


async def test_n8_the_runs_of_a_batch_stand_in_one_group_however_long_it_takes() -> None:
    slow = [await ended(device=f"sw{number}", at=NOW + number * HOUR, batch=7) for number in range(3)]
    other = await ended(device="other", at=NOW + HOUR + 5 * MINUTE)

    await events.take_in([slow[0]])
    await events.take_in([slow[1], other, slow[2]])

    sizes = [len(await events.events_in(event_group.event_group.id)) for event_group in await events.untold_groups()]
    assert sizes == [3, 1]


async def test_a_group_is_untold_again_when_something_comes_to_it() -> None:
    await events.take_in([await ended()])
    [first] = await events.untold_groups()
    [one] = await events.events_in(first.event_group.id)
    await events.note_told(first.event_group.id, one.id)
    before = await events.untold_groups()

    await events.take_in([await ended(device="edge-sw2")])

    assert before == []
    [again] = await events.untold_groups()
    assert again.event_group.id == first.event_group.id
    assert again.told == one.id


async def test_what_came_while_a_group_was_told_keeps_it_untold() -> None:
    await events.take_in([await ended(), await ended(device="edge-sw2")])
    [event_group] = await events.untold_groups()
    first, _ = await events.events_in(event_group.event_group.id)

    await events.note_told(event_group.event_group.id, first.id)

    [still] = await events.untold_groups()
    assert still.told == first.id


async def test_n11_what_is_held_back_is_held_once_and_let_go_up_to_what_was_told() -> None:
    await events.take_in([await ended(device=f"sw{number}") for number in range(3)])
    [event_group] = await events.untold_groups()
    ids = [one.id for one in await events.events_in(event_group.event_group.id)]
    await deferred.defer("U02ANNA", ids[:2], event_group=event_group.event_group.id, wait=Wait.MUTED, now=NOW)
    await deferred.defer("U02ANNA", ids, event_group=event_group.event_group.id, wait=Wait.QUIET, now=NOW)

    muted = [one.id for one in await deferred.deferred_for("U02ANNA", Wait.MUTED)]
    quiet = [one.id for one in await deferred.deferred_for("U02ANNA", Wait.QUIET)]
    everything = await deferred.deferred_in(event_group.event_group.id)
    await deferred.let_go("U02ANNA", Wait.MUTED, until=ids[0])

    assert (muted, quiet) == (ids[:2], ids[2:])
    assert everything == {"U02ANNA": frozenset(ids)}
    assert [one.id for one in await deferred.deferred_for("U02ANNA", Wait.MUTED)] == [ids[1]]
    assert await deferred.persons_deferred(Wait.QUIET) == ["U02ANNA"]
    assert await deferred.persons_deferred(Wait.MUTED) == ["U02ANNA"]


async def test_old_events_are_forgotten_with_all_that_hangs_on_them() -> None:
    await events.take_in([await ended(), await ended(device="edge-sw2", at=NOW + HOUR)])
    old, fresh = await events.untold_groups()
    [one] = await events.events_in(old.event_group.id)
    await deferred.defer("U02ANNA", [one.id], event_group=old.event_group.id, wait=Wait.MUTED, now=NOW)

    forgotten = await events.forget_events(NOW + MINUTE)

    assert forgotten == 1
    assert [event_group.event_group.id for event_group in await events.untold_groups()] == [fresh.event_group.id]
    assert await events.events_in(old.event_group.id) == []
    assert await deferred.persons_deferred(Wait.MUTED) == []


async def test_devices_in_trouble_are_known_and_good_ones_cost_no_row() -> None:
    failed, good = await ended(), await ended(Outcome.UP_TO_DATE, device="edge-sw2")

    await events.take_in([failed, good])

    bad = await trouble_of("core-sw1")
    assert bad
    assert bad.is_bad
    assert await trouble_of("edge-sw2") is None


async def test_groups_that_rest_keep_no_other_from_being_told() -> None:
    await events.take_in([await ended(), await ended(at=NOW + HOUR, device="sw9")])
    first, second = await events.untold_groups()

    found = await events.untold_groups(resting={first.event_group.id}, limit=1)

    assert found == [second]
