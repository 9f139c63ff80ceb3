"""The two clocks, and the sentences for a run that nobody started."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.failures import FailureKind
from domain.runs.agent_status import AgentStatus
from domain.runs.run import RUNNING_LIMIT_GRACE
from domain.runs.timeouts import RunWait, clock_that_ran_out, in_words, time_left, why_never_started
from tests.domain.runs.test_assignment import make_run

NOW = datetime(2026, 3, 2, 9, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def make_status(name: str = "plant-a", *, disconnected_since: datetime | None = None) -> AgentStatus:
    connected = None if disconnected_since else NOW - timedelta(hours=1)
    return AgentStatus(
        name=name,
        sites=None,
        concurrency=50,
        running=0,
        waiting=0,
        connected_since=connected,
        disconnected_since=disconnected_since,
    )


WAITED = replace(make_run(9, site="plant-b"), created_at=NOW - timedelta(minutes=9), waiting_limit=timedelta(minutes=9))


@pytest.mark.parametrize(
    ("serving", "ahead", "expected"),
    [
        pytest.param(
            [make_status()], 14, "It waited 9 min behind 14 runs of its site on agent plant-a.", id="queue busy"
        ),
        pytest.param(
            [make_status()], 1, "It waited 9 min behind 1 run of its site on agent plant-a.", id="one before it"
        ),
        pytest.param(
            [make_status(disconnected_since=NOW - timedelta(minutes=7))],
            14,
            "Agent plant-a has been disconnected since 10:02 CET. Is it running",
            id="agent disconnected",
        ),
        pytest.param(
            [
                make_status(disconnected_since=NOW - timedelta(days=2)),
                make_status("b", disconnected_since=NOW - timedelta(days=1)),
            ],
            0,
            "Agent b (and 1 more) has been disconnected since 2026-03-01 10:09 CET. Is it running",
            id="all agents disconnected for long",
        ),
        pytest.param(
            [make_status(disconnected_since=NOW - timedelta(minutes=7)), make_status("b")],
            3,
            "It waited 9 min behind 3 runs of its site on agent b. Raise",
            id="one disconnected, the other busy",
        ),
        pytest.param([], 0, "No agent serves the site plant-b. Add the site to an agent", id="no agent"),
        pytest.param(
            [make_status()],
            0,
            "did not start it within 9 min. If that limit is too short, raise `limits.waiting`",
            id="too short a limit",
        ),
    ],
)
def test_a4_each_cause_of_never_started_has_its_own_sentence_with_a_hint(
    serving: list[AgentStatus], ahead: int, expected: str
) -> None:
    wait = RunWait(span=timedelta(minutes=9), ahead=ahead, is_behind_others=ahead > 0)

    why = why_never_started(WAITED, wait, now=NOW, serving=serving, timezone=BERLIN)

    assert expected in why.sentence


CREATED = NOW - timedelta(minutes=40)


@pytest.mark.parametrize(
    ("started", "now", "expected"),
    [
        pytest.param(None, CREATED + timedelta(minutes=29, seconds=59), None, id="still waiting"),
        pytest.param(None, CREATED + timedelta(minutes=30), FailureKind.NEVER_STARTED, id="waited too long"),
        pytest.param(CREATED, CREATED + timedelta(minutes=5), None, id="the agent's own word is still awaited"),
        pytest.param(
            CREATED, CREATED + timedelta(minutes=5) + RUNNING_LIMIT_GRACE, FailureKind.RUNNING_LIMIT, id="ran too long"
        ),
        pytest.param(
            CREATED + timedelta(minutes=29), CREATED + timedelta(minutes=31), None, id="started late, waiting is over"
        ),
    ],
)
def test_clock_that_ran_out(started: datetime | None, now: datetime, expected: FailureKind | None) -> None:
    run = replace(make_run(1), created_at=CREATED, started_at=started)

    assert clock_that_ran_out(run, now) is expected


@pytest.mark.parametrize(
    ("started_before", "expected"),
    [(None, 300), (timedelta(minutes=2), 180), (timedelta(minutes=9), 1)],
    ids=["not started", "a second attempt gets the rest", "never nothing"],
)
def test_running_limit_spans_all_attempts(started_before: timedelta | None, expected: int) -> None:
    run = replace(make_run(1), started_at=NOW - started_before if started_before else None)

    assert time_left(run, NOW) == timedelta(seconds=expected)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=45), "45 s"),
        (timedelta(minutes=9, seconds=20), "9 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=2, minutes=5), "2 h 5 min"),
        (timedelta(seconds=-1), "0 s"),
    ],
)
def test_span_in_words(span: timedelta, words: str) -> None:
    assert in_words(span) == words
