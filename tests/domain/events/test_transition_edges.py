"""The times and sizes at which a device's events change: flapping, calm, reminders, posts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.events.transitions import EventGroup, Notice, Trouble, step, takes
from tests.domain.events.test_transitions import DAY, HOUR, NOON, told

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("since_opened", "since_last", "size", "is_taken"),
    [
        pytest.param(MINUTE, 2 * MINUTE, 1, True, id="two minutes after the last"),
        pytest.param(MINUTE, 2 * MINUTE + SECOND, 1, False, id="a second later"),
        pytest.param(HOUR, MINUTE, 1, True, id="an hour after the first"),
        pytest.param(HOUR + SECOND, MINUTE, 1, False, id="a second beyond the hour"),
        pytest.param(MINUTE, MINUTE, 4_999, True, id="one place is left"),
        pytest.param(MINUTE, MINUTE, 5_000, False, id="5,000 pieces fill a post"),
    ],
)
def test_n8_a_post_takes_events_up_to_its_limits(
    since_opened: timedelta, since_last: timedelta, size: int, *, is_taken: bool
) -> None:
    at = NOON + DAY
    event_group = EventGroup(
        id=1,
        site="plant-a",
        notice=Notice.FAILED,
        batch=None,
        opened_at=at - since_opened,
        last_at=at - since_last,
        size=size,
    )

    assert takes(event_group, at=at, batch=None) is is_taken


def test_n8_runs_of_no_batch_are_no_batch_together() -> None:
    event_group = EventGroup(id=1, site="plant-a", notice=Notice.FAILED, batch=None, opened_at=NOON, last_at=NOON)

    assert not takes(event_group, at=NOON + DAY, batch=None)
    assert event_group.size == 0


@pytest.mark.parametrize(
    ("every", "notices"),
    [
        pytest.param(8 * HOUR - SECOND, [Notice.FAILED, Notice.RECOVERED, Notice.FAILED, Notice.FLAPPING], id="within"),
        pytest.param(8 * HOUR, [Notice.FAILED, Notice.RECOVERED, Notice.FAILED, Notice.RECOVERED], id="in 24 hours"),
    ],
)
def test_n7_four_turns_in_less_than_24_hours_are_flapping(every: timedelta, notices: list[Notice]) -> None:
    assert told([False, True, False, True], every=every) == notices


@pytest.mark.parametrize(("calm", "notice"), [(12 * HOUR - SECOND, None), (12 * HOUR, Notice.RECOVERED)])
def test_n7_twelve_hours_without_a_turn_are_calm(calm: timedelta, notice: Notice | None) -> None:
    trouble = Trouble(is_bad=False, since=NOON, told_at=NOON - HOUR, turns=(NOON,) * 4, is_flapping=True)

    after, found = step(trouble, is_good=True, at=NOON + calm)

    assert found is notice
    assert after is not None
    assert after.told_at == (NOON + calm if notice else NOON - HOUR)
    assert bool(after.turns) is (notice is None)


@pytest.mark.parametrize(
    ("reminder", "later", "is_due"),
    [
        pytest.param(None, 90 * DAY, False, id="never reminded"),
        pytest.param(DAY, 23 * HOUR, True, id="up to an hour early"),
        pytest.param(DAY, 23 * HOUR - SECOND, False, id="not earlier"),
        pytest.param(HOUR, 54 * MINUTE, True, id="of a short time a tenth early"),
        pytest.param(HOUR, 54 * MINUTE - SECOND, False, id="and not earlier"),
    ],
)
def test_n7_a_reminder_is_due_a_little_before_its_time(
    reminder: timedelta | None, later: timedelta, *, is_due: bool
) -> None:
    trouble, _ = step(None, is_good=False, at=NOON)

    after, notice = step(trouble, is_good=False, at=NOON + later, reminder=reminder)

    assert (notice is Notice.STILL_FAILED) is is_due
    assert after is not None
    assert after.told_at == (NOON + later if is_due else NOON)


def test_a_device_that_is_good_and_one_that_flaps_are_not_reminded_of() -> None:
    good = Trouble(is_bad=False, since=NOON, told_at=NOON)
    flapping = Trouble(is_bad=True, since=NOON + 10 * HOUR, told_at=NOON, is_flapping=True)

    assert step(good, is_good=True, at=NOON + 9 * DAY, reminder=HOUR) == (good, None)
    assert step(flapping, is_good=False, at=NOON + 20 * HOUR, reminder=HOUR) == (flapping, None)


def test_a_failure_begins_with_one_turn_and_its_end_is_the_next() -> None:
    failed, _ = step(None, is_good=False, at=NOON)
    recovered, _ = step(failed, is_good=True, at=NOON + HOUR)

    assert failed == Trouble(is_bad=True, since=NOON, told_at=NOON, turns=(NOON,))
    assert recovered == Trouble(is_bad=False, since=NOON + HOUR, told_at=NOON + HOUR, turns=(NOON, NOON + HOUR))
    assert step(None, is_good=True, at=NOON) == (None, None)
