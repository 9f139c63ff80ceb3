"""What of a device's runs is events: turns only, changes always, and one word about a device that cannot decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events.transitions import (
    FLAP_END_AFTER,
    MAX_GROUP_AGE,
    MAX_GROUP_EVENTS,
    MAX_GROUP_GAP,
    MIN_FLAPS,
    EventGroup,
    Notice,
    Trouble,
    notices_of,
    step,
    takes,
)
from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from domain.runs.run import Run, Trigger

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TOLD_TURNS = {Notice.FAILED, Notice.RECOVERED}


def ended(outcome: Outcome, **changed: Any) -> Run:  # noqa: ANN401 - any field of a run
    run = Run(
        id=1,
        device="core-sw1",
        site="plant-a",
        trigger=Trigger.SCHEDULE,
        outcome=outcome,
        created_at=NOON,
        waiting_limit=HOUR,
        running_limit=HOUR,
    )
    return replace(run, **changed)


def told(goods: list[bool], *, every: timedelta, reminder: timedelta | None = None) -> list[Notice | None]:
    """What a device's runs say, one ``every``."""
    trouble: Trouble | None = None
    found: list[Notice | None] = []
    for number, is_good in enumerate(goods):
        trouble, notice = step(trouble, is_good=is_good, at=NOON + number * every, reminder=reminder)
        found.append(notice)
    return found


def test_n7_five_failures_and_a_good_run_are_one_failed_and_one_recovered() -> None:
    assert told([False] * 5 + [True], every=DAY) == [Notice.FAILED, None, None, None, None, Notice.RECOVERED]


def test_n7_a_failure_is_told_again_after_the_reminder_and_not_sooner() -> None:
    notices = told([False] * 5, every=12 * HOUR, reminder=DAY)

    assert notices == [Notice.FAILED, None, Notice.STILL_FAILED, None, Notice.STILL_FAILED]


def test_n7_a_reminder_of_a_day_comes_daily_although_runs_end_a_little_earlier() -> None:
    notices = told([False] * 3, every=DAY - timedelta(minutes=5), reminder=DAY)

    assert notices == [Notice.FAILED, Notice.STILL_FAILED, Notice.STILL_FAILED]


def test_n7_a_device_that_flaps_is_told_once_until_it_is_steady() -> None:
    flapping = told([False, True, False, True, False, True, False], every=HOUR)

    assert flapping == [Notice.FAILED, Notice.RECOVERED, Notice.FAILED, Notice.FLAPPING, None, None, None]


@pytest.mark.parametrize(
    ("is_good", "notice"),
    [pytest.param(True, Notice.RECOVERED, id="good"), pytest.param(False, Notice.FAILED, id="failed")],
)
def test_n7_what_a_flapping_device_settles_to_is_told(notice: Notice, *, is_good: bool) -> None:
    trouble = Trouble(is_bad=not is_good, since=NOON, told_at=NOON, turns=(NOON,) * MIN_FLAPS, is_flapping=True)

    soon, nothing = step(trouble, is_good=is_good, at=NOON + FLAP_END_AFTER - HOUR)
    later, settled = step(trouble, is_good=is_good, at=NOON + FLAP_END_AFTER)

    assert nothing is None
    assert soon is not None
    assert soon.is_flapping
    assert settled is notice
    assert later is not None
    assert not later.is_flapping


def test_n7_a_flapping_device_that_turns_after_a_calm_time_is_told_as_usual() -> None:
    trouble = Trouble(is_bad=False, since=NOON, told_at=NOON, turns=(NOON,) * MIN_FLAPS, is_flapping=True)

    after, notice = step(trouble, is_good=False, at=NOON + DAY)

    assert notice is Notice.FAILED
    assert after is not None
    assert not after.is_flapping


def test_turns_that_lie_a_day_apart_are_no_flapping() -> None:
    assert set(told([False, True] * 4, every=DAY)) == TOLD_TURNS


@given(st.lists(st.booleans(), max_size=60), st.integers(min_value=1, max_value=2_000))
def test_notices_of_turns_alternate_and_end_with_the_truth(goods: list[bool], minutes: int) -> None:
    notices = told(goods, every=timedelta(minutes=minutes))

    turns = [notice for notice in notices if notice in TOLD_TURNS]
    silent = Notice.FLAPPING in notices
    assert silent or all(one is not other for one, other in pairwise(turns))
    if turns and not silent:
        assert (turns[-1] is Notice.RECOVERED) is goods[-1]
    assert turns[:1] in ([], [Notice.FAILED])


@given(st.lists(st.booleans(), max_size=60))
def test_flapping_is_told_at_most_once_for_each_calm_time(goods: list[bool]) -> None:
    notices = told(goods, every=HOUR)  # 60 hours hold five calm times at most

    assert notices.count(Notice.FLAPPING) <= 5
    assert sum(notice is not None for notice in notices) <= len(goods)


@given(st.lists(st.booleans(), max_size=60), st.integers(min_value=1, max_value=600))
def test_what_is_remembered_of_a_device_stays_small(goods: list[bool], minutes: int) -> None:
    trouble: Trouble | None = None

    for number, is_good in enumerate(goods):
        trouble, _ = step(trouble, is_good=is_good, at=NOON + number * timedelta(minutes=minutes))

    assert trouble is None or len(trouble.turns) <= MIN_FLAPS


@pytest.mark.parametrize(
    ("run", "notices"),
    [
        pytest.param(ended(Outcome.PENDING), (), id="pending"),
        pytest.param(ended(Outcome.IN_PROGRESS), (), id="in progress"),
        pytest.param(ended(Outcome.UP_TO_DATE), (), id="up to date"),
        pytest.param(ended(Outcome.UP_TO_DATE, version=1), (), id="baseline"),
        pytest.param(ended(Outcome.MODIFIED), (Notice.MODIFIED,), id="modified"),
        pytest.param(ended(Outcome.FAILED), (Notice.FAILED,), id="failed"),
        pytest.param(ended(Outcome.FAILED, reason=FailureKind.INTERRUPTED), (Notice.FAILED,), id="interrupted"),
        pytest.param(ended(Outcome.TIMED_OUT), (Notice.FAILED,), id="timed out"),
        pytest.param(ended(Outcome.FAILED, reason=FailureKind.CANCELLED), (), id="cancelled"),
    ],
)
def test_n2_what_each_outcome_says(run: Run, notices: tuple[Notice, ...]) -> None:
    assert notices_of(run, None, at=NOON)[1] == notices


def test_a_change_found_after_a_failure_is_both_told() -> None:
    trouble, _ = notices_of(ended(Outcome.FAILED), None, at=NOON)

    assert notices_of(ended(Outcome.MODIFIED), trouble, at=NOON + HOUR)[1] == (Notice.RECOVERED, Notice.MODIFIED)


def test_a_cancelled_run_changes_nothing_of_a_device_in_trouble() -> None:
    trouble, _ = notices_of(ended(Outcome.FAILED), None, at=NOON)

    after, notices = notices_of(ended(Outcome.FAILED, reason=FailureKind.CANCELLED), trouble, at=NOON + DAY)

    assert (after, notices) == (trouble, ())


@pytest.mark.parametrize(
    ("later", "batch", "is_taken"),
    [
        pytest.param(MAX_GROUP_GAP, None, True, id="soon after the last"),
        pytest.param(MAX_GROUP_GAP * 1.1, None, False, id="too late"),
        pytest.param(DAY, 7, True, id="of the same batch"),
        pytest.param(DAY, 8, False, id="of another batch"),
        pytest.param(-HOUR, None, True, id="told late"),
    ],
)
def test_n8_events_stand_in_one_post_when_they_come_together(
    later: timedelta, batch: int | None, *, is_taken: bool
) -> None:
    event_group = EventGroup(id=1, site="plant-a", notice=Notice.FAILED, batch=7, opened_at=NOON, last_at=NOON)

    assert takes(event_group, at=NOON + later, batch=batch) is is_taken


def test_n8_a_post_that_is_full_takes_no_more() -> None:
    event_group = EventGroup(
        id=1, site="plant-a", notice=Notice.FAILED, batch=7, opened_at=NOON, last_at=NOON, size=MAX_GROUP_EVENTS
    )

    assert not takes(event_group, at=NOON, batch=7)


def test_n8_a_post_does_not_go_on_for_ever() -> None:
    event_group = EventGroup(
        id=1, site="plant-a", notice=Notice.FAILED, batch=None, opened_at=NOON, last_at=NOON + MAX_GROUP_AGE
    )

    assert not takes(event_group, at=NOON + MAX_GROUP_AGE + MAX_GROUP_GAP / 2, batch=None)
