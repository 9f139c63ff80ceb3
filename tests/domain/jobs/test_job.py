"""A job's pauses, and what becomes of each moment at which it is due."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.jobs.job import Job, JobFields, JobKind, MissedPolicy, decide_slot
from domain.jobs.schedules import Daily
from domain.jobs.slots import NewSlot, SlotFate

DUE = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
ANNA = "U02ANNA"


def make_job(**changed: Any) -> Job:  # noqa: ANN401 - any field of a job
    usual: dict[str, Any] = {
        "name": "nightly",
        "kind": JobKind.SITE,
        "site": "plant-a",
        "device": None,
        "schedule": Daily(time(2)),
        "id": 1,
        "revision": 1,
        "created_by": ANNA,
        "created_at": DUE - timedelta(days=30),
        "changed_by": ANNA,
        "changed_at": DUE - timedelta(days=30),
    }
    return Job(**usual | changed)


@pytest.mark.parametrize(
    ("by", "until", "paused"),
    [
        pytest.param(None, None, False, id="nobody paused it"),
        pytest.param(None, DUE + MINUTE, False, id="an end of a pause that nobody began"),
        pytest.param(ANNA, None, True, id="until somebody resumes it"),
        pytest.param(ANNA, DUE + SECOND, True, id="the pause ends after the slot"),
        pytest.param(ANNA, DUE, False, id="the pause ends with the slot"),
        pytest.param(ANNA, DUE - SECOND, False, id="the pause is over"),
    ],
)
def test_a_slot_is_skipped_only_while_somebody_has_paused_the_job(
    by: str | None, until: datetime | None, *, paused: bool
) -> None:
    job = make_job(paused_by=by, paused_until=until)

    assert job.is_paused(DUE) is paused


MAKE_UP, NOTE = MissedPolicy.MAKE_UP, MissedPolicy.NOTE


@pytest.mark.parametrize(
    ("missed", "late", "running", "fate"),
    [
        pytest.param(MAKE_UP, timedelta(0), False, SlotFate.RAN, id="on the second"),
        pytest.param(MAKE_UP, 2 * MINUTE, False, SlotFate.RAN, id="two minutes late is on time"),
        pytest.param(MAKE_UP, 2 * MINUTE + SECOND, False, SlotFate.MADE_UP, id="later than that is made up for"),
        pytest.param(NOTE, 2 * MINUTE, False, SlotFate.RAN, id="on time, to be noted if missed"),
        pytest.param(NOTE, 2 * MINUTE + SECOND, False, SlotFate.MISSED, id="late, to be noted"),
        pytest.param(NOTE, 2 * MINUTE + SECOND, True, SlotFate.MISSED, id="late and to be noted, the last still runs"),
        pytest.param(MAKE_UP, timedelta(0), True, SlotFate.SKIPPED_RUNNING, id="the last still runs"),
        pytest.param(MAKE_UP, timedelta(days=1), True, SlotFate.SKIPPED_RUNNING, id="late, the last still runs"),
    ],
)
def test_what_becomes_of_a_slot(missed: MissedPolicy, late: timedelta, fate: SlotFate, *, running: bool) -> None:
    job = make_job(missed=missed)

    assert decide_slot(job, due_at=DUE, now=DUE + late, still_running=running) is fate


@given(st.sampled_from(MissedPolicy), st.integers(0, 10_000), st.booleans())
def test_a_paused_job_skips_its_slot_whatever_else_is_so(missed: MissedPolicy, minutes: int, running: bool) -> None:  # noqa: FBT001 - drawn
    job = make_job(missed=missed, paused_by=ANNA, paused_until=DUE + SECOND)

    found = decide_slot(job, due_at=DUE, now=DUE + minutes * MINUTE, still_running=running)

    assert found is SlotFate.SKIPPED_PAUSED


@pytest.mark.parametrize(
    ("fate", "has_run", "word"),
    [
        (SlotFate.RAN, True, "ran"),
        (SlotFate.MADE_UP, True, "run late"),
        (SlotFate.MISSED, False, "missed"),
        (SlotFate.SKIPPED_PAUSED, False, "skipped: paused"),
        (SlotFate.SKIPPED_RUNNING, False, "skipped: still running"),
        (SlotFate.SKIPPED_UNKNOWN, False, "skipped: no longer in app.yaml"),
    ],
)
def test_a_fate_says_whether_anything_was_begun(fate: SlotFate, word: str, *, has_run: bool) -> None:
    assert (fate.has_run, fate.word) == (has_run, word)


def test_a_new_job_runs_and_is_made_up_for_unless_somebody_says_otherwise() -> None:
    job = JobFields(name="n", kind=JobKind.SITE, site="plant-a", device=None, schedule=Daily(time(2)))

    assert job.enabled
    assert job.missed is MissedPolicy.MAKE_UP
    assert make_job().deleted is False
    assert NewSlot(job=1, due_at=DUE, fate=SlotFate.RAN, next_run_at=None).ends_pause is False
