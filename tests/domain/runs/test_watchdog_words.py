"""The limits of patience, and why a run was still going on when its time was over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from domain.failures import FailureKind
from domain.runs.causes import TimeoutCause
from domain.runs.timeouts import (
    CANCEL_TIMEOUT,
    HEARTBEAT_TIMEOUT,
    MAX_MISSED_HEARTBEATS,
    RunWait,
    clock_that_ran_out,
    in_words,
    time_left,
    why_never_started,
    why_too_long,
)
from tests.domain.runs.test_assignment import make_run
from tests.domain.runs.test_timeouts import make_status

if TYPE_CHECKING:
    from domain.runs.agent_status import AgentStatus

NOW = datetime(2026, 3, 2, 9, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def test_serve_waits_as_long_as_the_manual_says() -> None:
    assert timedelta(seconds=30) == HEARTBEAT_TIMEOUT
    assert timedelta(seconds=5) == CANCEL_TIMEOUT
    assert MAX_MISSED_HEARTBEATS == 3


@pytest.mark.parametrize(
    ("past_limit", "reason"),
    [(timedelta(0), None), (20 * SECOND - SECOND, None), (20 * SECOND, FailureKind.RUNNING_LIMIT)],
)
def test_an_agent_has_twenty_seconds_beyond_the_limit_to_say_so_itself(
    past_limit: timedelta, reason: FailureKind | None
) -> None:
    run = replace(make_run(1), started_at=NOW)

    assert clock_that_ran_out(run, NOW + run.running_limit + past_limit) is reason


def test_the_waiting_clock_begins_when_a_run_that_was_put_off_is_ready() -> None:
    run = replace(make_run(1), created_at=NOW, not_before=NOW + 10 * MINUTE)

    assert clock_that_ran_out(run, NOW + 40 * MINUTE - SECOND) is None
    assert clock_that_ran_out(run, NOW + 40 * MINUTE) is FailureKind.NEVER_STARTED


@pytest.mark.parametrize(("past", "left"), [(4 * MINUTE + 58 * SECOND, 2), (5 * MINUTE - SECOND, 1), (9 * MINUTE, 1)])
def test_a_further_attempt_has_what_is_left_and_never_less_than_a_second(past: timedelta, left: int) -> None:
    assert time_left(replace(make_run(1), started_at=NOW - past), NOW) == left * SECOND


SILENT = make_status(disconnected_since=NOW - 7 * MINUTE)


@pytest.mark.parametrize(
    ("usual", "agent", "cause", "sentence"),
    [
        pytest.param(None, None, None, None, id="nothing is known"),
        pytest.param(None, make_status(), None, None, id="its agent is there, nothing more"),
        pytest.param(4 * MINUTE, make_status(), None, None, id="it usually takes less"),
        pytest.param(timedelta(0), make_status(), None, None, id="it usually takes no time"),
        pytest.param(
            5 * MINUTE,
            make_status(),
            TimeoutCause.SHORT_LIMIT,
            "It usually takes 5 min, but its time limit is 5 min.",
            id="as long as its limit",
        ),
        pytest.param(
            8 * MINUTE,
            None,
            TimeoutCause.SHORT_LIMIT,
            "It usually takes 8 min, but its time limit is 5 min.",
            id=("longer"),
        ),
        pytest.param(
            8 * MINUTE,
            SILENT,
            TimeoutCause.AGENT,
            "Agent plant-a has been disconnected since 10:02 CET. How far the backup got is unknown. "
            "Is the agent running?",
            id="its agent is disconnected, which counts first",
        ),
    ],
)
def test_a4_why_a_run_was_still_going_on(
    usual: timedelta | None, agent: AgentStatus | None, cause: TimeoutCause | None, sentence: str | None
) -> None:
    why = why_too_long(make_run(1), now=NOW, usual=usual, agent=agent, timezone=BERLIN)

    assert ((why.cause, why.sentence) if why else (None, None)) == (cause, sentence)


@pytest.mark.parametrize(
    ("ago", "shown"),
    [(12 * 60 * MINUTE - SECOND, "22:09 CET"), (12 * 60 * MINUTE, "2026-03-01 22:09 CET"), (MINUTE, "10:08 CET")],
    ids=["less than twelve hours", "twelve hours: with the day", "just now"],
)
def test_a_silence_of_half_a_day_is_told_with_its_date(ago: timedelta, shown: str) -> None:
    serving = [make_status(disconnected_since=NOW - ago)]

    why = why_never_started(make_run(1), RunWait(span=9 * MINUTE), now=NOW, serving=serving, timezone=BERLIN)

    assert f"has been disconnected since {shown}." in why.sentence
    assert why.cause is TimeoutCause.AGENT


def test_of_several_disconnected_agents_the_one_heard_last_is_named() -> None:
    serving = [make_status(name, disconnected_since=NOW - ago * MINUTE) for name, ago in (("a", 9), ("b", 3), ("c", 5))]

    why = why_never_started(make_run(1), RunWait(span=9 * MINUTE, ahead=2), now=NOW, serving=serving, timezone=BERLIN)

    assert why.sentence.startswith("Agent b (and 2 more) has been disconnected since 10:06 CET.")


@pytest.mark.parametrize(
    ("names", "ahead", "job", "cause", "sentence"),
    [
        pytest.param(["a"], 1, 7, TimeoutCause.QUEUE, "behind 1 run of its site on agent a.", id="one before it"),
        pytest.param(["a", "b"], 2, 7, TimeoutCause.QUEUE, "2 runs of its site on agents a, b.", id="two before it"),
        pytest.param(["a"], 2, 7, TimeoutCause.QUEUE, "or raise the job's `Waiting time limit`.", id="of a job"),
        pytest.param(["a"], 2, None, TimeoutCause.QUEUE, "or raise `limits.waiting` of the device", id="by hand"),
        pytest.param(
            ["a", "b"], 0, 7, TimeoutCause.SHORT_LIMIT, "The agents a, b had a free place", id=("nobody before it")
        ),
        pytest.param([], 3, 7, TimeoutCause.NO_AGENT, "No agent serves the site a.", id="no agent"),
    ],
)
def test_a4_why_nobody_started_it(
    names: list[str], ahead: int, job: int | None, cause: TimeoutCause, sentence: str
) -> None:
    run = replace(make_run(1), created_at=NOW - 9 * MINUTE, job=job)

    wait = RunWait(span=9 * MINUTE, ahead=ahead)

    why = why_never_started(run, wait, now=NOW, serving=[make_status(one) for one in names], timezone=BERLIN)

    assert why.cause is cause
    assert sentence in why.sentence


def test_runs_of_other_sites_before_it_are_neither_counted_nor_blamed_on_its_own() -> None:
    wait = RunWait(span=9 * MINUTE, is_behind_others=True)

    why = why_never_started(make_run(1), wait, now=NOW, serving=[make_status("a")], timezone=BERLIN)

    assert why.cause is TimeoutCause.QUEUE
    assert why.sentence.startswith("It waited 9 min for a free place on agent a. Raise `concurrency`")


def test_a_run_whose_time_was_over_before_the_start_blames_no_queue_and_no_agent() -> None:
    wait = RunWait(span=900 * MINUTE, ahead=3, is_behind_others=True, is_inherited=True)

    why = why_never_started(make_run(1), wait, now=NOW, serving=[make_status("a")], timezone=BERLIN)

    assert (why.cause, why.sentence) == (None, "Lastgood was not running when its waiting time ended.")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.6, "1 s"),
        (119, "119 s"),
        (119.6, "2 min"),
        (120, "2 min"),
        (179, "2 min"),
        (3_599, "59 min"),
        (3_600, "1 h"),
        (3_659, "1 h"),
        (3_660, "1 h 1 min"),
        (90_000, "25 h"),
    ],
)
def test_a_span_is_told_no_finer_than_people_want_it(seconds: float, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words
