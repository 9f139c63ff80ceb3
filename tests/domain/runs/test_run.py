"""A run's outcome, its times, and what a batch of runs has come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.digests.statistics import no_counts
from domain.failures import FailureKind
from domain.messages.places import Place
from domain.runs.batches import Batch, BatchState
from domain.runs.outcomes import Outcome, compare_outcome
from domain.runs.run import Run, Trigger

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def make_run(**changed: Any) -> Run:  # noqa: ANN401 - any field of a run
    run = Run(
        id=1,
        device="core-sw1",
        site="plant-a",
        trigger=Trigger.MANUAL,
        outcome=Outcome.UP_TO_DATE,
        created_at=NOON,
        waiting_limit=30 * MINUTE,
        running_limit=5 * MINUTE,
    )
    return replace(run, **changed)


@pytest.mark.parametrize(
    ("outcome", "final", "good", "chip"),
    [
        (Outcome.PENDING, False, False, "⚪ Pending"),
        (Outcome.IN_PROGRESS, False, False, "🔵 In Progress"),
        (Outcome.UP_TO_DATE, True, True, "🟢 Up to Date"),
        (Outcome.MODIFIED, True, True, "🟠 Modified"),
        (Outcome.FAILED, True, False, "🔴 Failed"),
        (Outcome.TIMED_OUT, True, False, "🔴 Timed Out"),
    ],
)
def test_each_outcome_is_final_or_good_as_its_name_says(
    outcome: Outcome, chip: str, *, final: bool, good: bool
) -> None:
    assert (outcome.is_final, outcome.is_good, outcome.chip) == (final, good, chip)


@pytest.mark.parametrize(
    ("before", "outcome"),
    [
        pytest.param(None, Outcome.UP_TO_DATE, id="the first is the baseline"),
        pytest.param("abc", Outcome.UP_TO_DATE, id="the same"),
        pytest.param("abd", Outcome.MODIFIED, id="another"),
        pytest.param("", Outcome.MODIFIED, id="the one before was empty"),
    ],
)
def test_a_capture_is_judged_by_the_version_before_it(before: str | None, outcome: Outcome) -> None:
    assert compare_outcome(before=before, now="abc") is outcome


@pytest.mark.parametrize(
    ("changed", "ready", "waited", "duration"),
    [
        pytest.param({}, 0, None, None, id="it waits"),
        pytest.param({"started_at": NOON + 3 * MINUTE}, 0, 3, None, id="it runs"),
        pytest.param({"started_at": NOON + 3 * MINUTE, "finished_at": NOON + 7 * MINUTE}, 0, 3, 4, id="it has run"),
        pytest.param({"finished_at": NOON + 30 * MINUTE}, 0, 30, None, id="it never started"),
        pytest.param({"not_before": NOON + 2 * MINUTE, "started_at": NOON + 5 * MINUTE}, 2, 3, None, id="put off"),
        pytest.param(
            {"not_before": NOON - MINUTE, "started_at": NOON + 5 * MINUTE}, 0, 5, None, id="put off, and over"
        ),
        pytest.param({"not_before": NOON + 9 * MINUTE, "finished_at": NOON + MINUTE}, 9, 0, None, id="ended before"),
    ],
)
def test_waiting_ends_where_running_begins(
    changed: dict[str, Any], ready: int, waited: int | None, duration: int | None
) -> None:
    run = make_run(**changed)

    assert run.ready_at == NOON + ready * MINUTE
    assert run.waited == (None if waited is None else waited * MINUTE)
    assert run.duration == (None if duration is None else duration * MINUTE)


@pytest.mark.parametrize(
    ("changed", "is_baseline"),
    [
        ({}, True),
        ({"outcome": Outcome.FAILED}, False),
        ({"outcome": Outcome.PENDING}, False),
        ({"base_version": 1}, False),
        ({"outcome": Outcome.MODIFIED, "base_version": 3}, False),
    ],
)
def test_a_baseline_is_a_good_run_with_nothing_before_it(changed: dict[str, Any], *, is_baseline: bool) -> None:
    assert make_run(**changed).is_baseline is is_baseline


def test_only_a_cancelled_run_says_who_cancelled_it() -> None:
    cancelled = make_run(outcome=Outcome.FAILED, reason=FailureKind.CANCELLED, facts="cancelled by U02ANNA")

    assert cancelled.cancelled_by == "U02ANNA"
    assert replace(cancelled, reason=FailureKind.INTERNAL).cancelled_by is None


def test_a_run_begins_without_attempts_and_with_nothing_changed() -> None:
    run = make_run()

    assert (run.attempts, run.added, run.removed, run.secrets_changed) == (0, 0, 0, 0)
    assert run.accept_smaller is False


@pytest.mark.parametrize(
    ("channel", "is_private"),
    [("U02ANNA", True), ("W02ANNA", True), ("D01", True), ("C01", False), ("G01", False), ("", False)],
)
def test_one_person_alone_reads_a_direct_message(channel: str, *, is_private: bool) -> None:
    assert Place(channel=channel).is_private is is_private


@pytest.mark.parametrize(
    ("counts", "is_over"),
    [
        pytest.param({Outcome.UP_TO_DATE: 2}, False, id="one is not even written down"),
        pytest.param({Outcome.UP_TO_DATE: 2, Outcome.PENDING: 1}, False, id="one waits"),
        pytest.param({Outcome.UP_TO_DATE: 2, Outcome.IN_PROGRESS: 1}, False, id="one runs"),
        pytest.param({Outcome.UP_TO_DATE: 1, Outcome.FAILED: 1, Outcome.TIMED_OUT: 1}, True, id="all have ended"),
    ],
)
def test_a_batch_is_over_once_every_run_has_ended(counts: dict[Outcome, int], *, is_over: bool) -> None:
    batch = Batch(id=1, site="plant-a", trigger=Trigger.SCHEDULE, total=3, created_at=NOON)

    assert BatchState(batch=batch, counts=no_counts() | counts).is_over is is_over


AGAIN = {
    FailureKind.NAME_NOT_RESOLVED,
    FailureKind.REFUSED,
    FailureKind.UNREACHABLE,
    FailureKind.SECRETS_AWAY,
    FailureKind.NO_PROMPT,
    FailureKind.SILENT,
    FailureKind.CONNECTION_LOST,
    FailureKind.INCOMPLETE,
    FailureKind.AGENT_LOST,
    FailureKind.AGENT_SHORTAGE,
}


@pytest.mark.parametrize("kind", FailureKind)
def test_only_what_may_pass_is_tried_again_and_never_a_refused_password(kind: FailureKind) -> None:
    assert kind.is_transient is (kind in AGAIN)
    assert kind.is_clock is (kind in {FailureKind.NEVER_STARTED, FailureKind.RUNNING_LIMIT})
