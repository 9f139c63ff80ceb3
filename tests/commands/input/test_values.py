"""Numbers, days and times as people type them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.input.values import day_of, end_of_day, leading_outcomes, run_number, since, version_number, version_pair
from domain.runs.outcomes import Outcome

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 5, 4, 22, 30, tzinfo=UTC)  # 5 May, 00:30 in Berlin


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("123", 123),
        ("#123", 123),
        ("run:123", 123),
        ("RUN:#7", 7),
        ("12a", None),
        ("", None),
        ("٣", None),
        ("-1", None),
    ],
)
def test_run_numbers(word: str, number: int | None) -> None:
    assert run_number(word) == number


@pytest.mark.parametrize(
    ("word", "number"), [("3", 3), ("v3", 3), ("V12", 12), ("v", None), ("3.1", None), ("9" * 30, None)]
)
def test_version_numbers(word: str, number: int | None) -> None:
    assert version_number(word) == number


@pytest.mark.parametrize(
    ("word", "pair"),
    [("3..5", (3, 5)), ("v3..v5", (3, 5)), ("v3...5", (3, 5)), ("3.5", None), ("3..", None), ("a..b", None)],
)
def test_version_pairs(word: str, pair: tuple[int, int] | None) -> None:
    assert version_pair(word) == pair


@pytest.mark.parametrize(
    ("word", "start"),
    [
        pytest.param("7d", datetime(2026, 4, 27, 22, 30, tzinfo=UTC), id="days"),
        pytest.param("24H", datetime(2026, 5, 3, 22, 30, tzinfo=UTC), id="hours"),
        pytest.param("2w", datetime(2026, 4, 20, 22, 30, tzinfo=UTC), id="weeks"),
        pytest.param("today", datetime(2026, 5, 4, 22, 0, tzinfo=UTC), id="midnight of the site, not of UTC"),
        pytest.param("Yesterday", datetime(2026, 5, 3, 22, 0, tzinfo=UTC), id="yesterday"),
        pytest.param("2026-03-29", datetime(2026, 3, 28, 23, 0, tzinfo=UTC), id="day on which summer time begins"),
        pytest.param("2026-13-01", None, id="no such day"),
        pytest.param("soon", None, id="something else"),
        pytest.param("7y", None, id="unknown unit"),
    ],
)
def test_since_reads_spans_and_days_in_the_zone(word: str, start: datetime | None) -> None:
    assert since(word, now=NOW, zone=BERLIN) == start


def test_a_day_ends_at_midnight_of_its_zone() -> None:
    end = end_of_day(date(2026, 5, 3), BERLIN)

    assert end == datetime(2026, 5, 3, 21, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "expected", "used"),
    [
        pytest.param(["Failed", "7d"], {Outcome.FAILED}, 1, id="one word"),
        pytest.param(["up", "to", "date"], {Outcome.UP_TO_DATE}, 3, id="three words"),
        pytest.param(["up-to-date"], {Outcome.UP_TO_DATE}, 1, id="hyphens"),
        pytest.param(["timed_out"], {Outcome.TIMED_OUT}, 1, id="as stored"),
        pytest.param(["good"], {Outcome.UP_TO_DATE, Outcome.MODIFIED}, 1, id="both good ones"),
        pytest.param(["core-sw1", "failed"], set(), 0, id="not at the front"),
        pytest.param([], set(), 0, id="nothing"),
    ],
)
def test_outcomes_are_read_from_the_front(words: list[str], expected: set[Outcome], used: int) -> None:
    assert leading_outcomes(words) == (frozenset(expected), used)


@given(st.text(max_size=30))
def test_no_word_breaks_the_readers(word: str) -> None:
    day = day_of(word)

    assert day is None or end_of_day(day, BERLIN).tzinfo is UTC
    assert since(word, now=NOW, zone=BERLIN) is None or isinstance(since(word, now=NOW, zone=BERLIN), datetime)
    assert run_number(word) is None or version_pair(word) is None
