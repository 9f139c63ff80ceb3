"""Numbers and times in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from notifications.rendering.units import changed, clock, duration, lines_changed, person, plural, utc, when

NOON = datetime(2026, 3, 2, 12, 0, 5, tzinfo=UTC)
MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "under 1 s"),
        (timedelta(milliseconds=999), "under 1 s"),
        (timedelta(seconds=1), "1 s"),
        (timedelta(seconds=59, milliseconds=999), "59 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(seconds=61), "1 min 1 s"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=1, seconds=5), "1 h"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 h 59 min"),
        (timedelta(days=1), "1 d"),
        (timedelta(days=1, minutes=30), "1 d"),
        (timedelta(days=400, hours=2), "400 d 2 h"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units_that_follow_each_other(span: timedelta, words: str) -> None:
    assert duration(span) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 lines"), (1, "1 line"), (2, "2 lines"), (999, "999 lines"), (1_200, "1,200 lines")]
)
def test_one_thing_has_no_plural(count: int, words: str) -> None:
    assert plural(count, "line") == words


def test_a_moment_is_shown_in_each_readers_time_and_in_utc_where_slack_cannot() -> None:
    assert utc(NOON) == "2026-03-02 12:00 UTC"
    assert when(NOON) == "<!date^1772452805^{date_short_pretty} {time}|2026-03-02 12:00 UTC>"
    assert when(None) == "-"
    assert clock(NOON) == "<!date^1772452805^{time_secs}|12:00:05 UTC>"


@pytest.mark.parametrize(
    ("slack_id", "shown"),
    [
        ("U02ANNA", "<@U02ANNA>"),
        ("W01", "<@W01>"),
        ("U0", "`U0`"),
        ("S03TEAM", "`S03TEAM`"),
        ("U0<!x>", "`U0&lt;!x&gt;`"),
    ],
)
def test_only_the_id_of_a_person_becomes_a_mention(slack_id: str, shown: str) -> None:
    assert person(slack_id) == shown


@pytest.mark.parametrize(
    ("added", "removed", "secrets", "words"),
    [
        (3, 1, 0, f"+3 {MINUS}1 lines"),
        (0, 0, 0, f"+0 {MINUS}0 lines"),
        (0, 0, 1, "1 secret value changed"),
        (0, 0, 2, "2 secret values changed"),
        (0, 4, 2, f"+0 {MINUS}4 lines, 2 secret values changed"),
        (4, 0, 1, f"+4 {MINUS}0 lines, 1 secret value changed"),
    ],
)
def test_lines_are_told_unless_nothing_but_secrets_changed(added: int, removed: int, secrets: int, words: str) -> None:
    assert changed(added, removed, secrets) == words


def test_secrets_are_told_only_where_somebody_counts_them() -> None:
    assert changed(1, 2) == f"+1 {MINUS}2 lines"
    assert lines_changed(1_234, 5_678) == f"+1,234 {MINUS}5,678"
