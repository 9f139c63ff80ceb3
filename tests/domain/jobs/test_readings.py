"""Cron lines in words: what is said is read back, and names exactly the times at which they come due."""

from __future__ import annotations

import re
from calendar import month_name
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.jobs.cron import ScheduleError, read_cron
from domain.jobs.readings import in_words
from domain.jobs.schedules import DAY_NAMES, Cron

if TYPE_CHECKING:
    from domain.jobs.cron import CronFields

READINGS: Final = {
    "0 2 * * *": "Every day at 02:00",
    "30 2 * * 6,0": "Saturday and Sunday at 02:30",
    "0 * * * *": "Every hour at :00",
    "20 * * * *": "Every hour at :20",
    "*/15 * * * *": "Every 15 minutes",
    "7/20 * * * *": "Every 20 minutes from :07",
    "*/45 * * * *": "Every hour at :00 and :45",
    "*/25 * * * *": "Every hour at :00, :25 and :50",
    "0,30 2 * * *": "Every day at 02:00 and 02:30",
    "0 */6 * * *": "Every 6 hours from 00:00",
    "15 2/8 * * *": "Every 8 hours from 02:15",
    "0 */5 * * *": "Every day at 00:00, 05:00, 10:00, 15:00 and 20:00",
    "0 */12 * * *": "Every day at 00:00 and 12:00",
    "*/20 8-17 * * mon-fri": "Every 20 minutes of 08:00-17:59, weekdays",
    "0 8-18 * * *": "Every hour at :00 of 08:00-18:59",
    "0 2 1,15 * *": "On day 1 and 15 of each month at 02:00",
    "0 2 1-7 1 *": "On day 1-7 in January at 02:00",
    "0 2 * */3 *": "Every day in January, April, July and October at 02:00",
    "0 2 * */5 *": "Every day in January, June and November at 02:00",
    "0 2 */10 * *": "On day 1, 11, 21 and 31 of each month at 02:00",
    "0 2 * 2 1": "Monday in February at 02:00",
    "*/30 * 1 * *": "Every 30 minutes, on day 1 of each month",
}


@pytest.mark.parametrize(("line", "words"), READINGS.items(), ids=READINGS)
def test_s7_a_cron_line_is_said_by_its_times(line: str, words: str) -> None:
    assert in_words(Cron(line)) == words


def _parts(least: int, most: int) -> st.SearchStrategy[str]:
    number = st.integers(least, most)
    spans = st.tuples(number, number).map(lambda two: f"{min(two)}-{max(two)}")
    begins = st.sampled_from(["*", str(least + 1)])
    steps = st.tuples(begins, st.integers(1, most)).map(lambda two: f"{two[0]}/{two[1]}")
    part = st.one_of(st.just("*"), number.map(str), spans, steps)
    return st.lists(part, min_size=1, max_size=3).map(",".join)


LINES = st.tuples(
    st.one_of(_parts(0, 59), st.sampled_from(["0", "*/5", "*/15", "*/45", "5/10", "0,30"])),
    _parts(0, 23),
    *(st.one_of(st.just("*"), _parts(least, most)) for least, most in ((1, 31), (1, 12), (0, 6))),
).map(" ".join)


@given(LINES)
def test_s7_what_is_said_names_exactly_the_times_and_days_that_are_meant(line: str) -> None:
    try:
        fields = read_cron(line)
    except ScheduleError:
        assume(False)  # noqa: FBT003 - Hypothesis's own
    words = in_words(Cron(line))

    assert _times(words) == {hour * 60 + minute for hour in fields.hours for minute in fields.minutes}
    assert _days_said(words) == (fields.months, fields.days, fields.weekdays)


def _times(words: str) -> set[int]:
    """The minutes of a day that the words name."""
    hours = _hours(words)
    if every := re.search(r"Every (\d+) minutes(?: from :(\d\d))?", words):
        return {hour * 60 + minute for hour in hours for minute in range(int(every[2] or 0), 60, int(every[1]))}
    if every := re.search(r"Every (\d+) hours from (\d\d):(\d\d)", words):
        return {hour * 60 + int(every[3]) for hour in range(int(every[2]), 24, int(every[1]))}
    if minutes := re.search(r"Every hour at ((?:[ ,and]*:\d\d)+)", words):
        return {hour * 60 + int(minute) for hour in hours for minute in re.findall(r":(\d\d)", minutes[1])}
    return {int(hour) * 60 + int(minute) for hour, minute in re.findall(r"(\d\d):(\d\d)", words)}


def _hours(words: str) -> list[int]:
    if span := re.search(r"of (\d\d):00-(\d\d):59", words):
        return list(range(int(span[1]), int(span[2]) + 1))
    if some := re.search(r"of the hours ((?:[ ,and]*\d\d)+)", words):
        return [int(hour) for hour in re.findall(r"\d\d", some[1])]
    return list(range(24))


def _days_said(words: str) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
    named = month_name[1:]
    months = frozenset(number for number, name in enumerate(named, start=1) if name in words) or frozenset(range(1, 13))
    weekdays = frozenset(number for number, name in enumerate(DAY_NAMES) if name in words)
    weekdays = weekdays or frozenset(range(5) if "eekdays" in words else range(7))
    days: set[int] = set()
    if found := re.search(r"n day ((?:[ ,and]*\d+(?:-\d+)?)+)", words):
        for first, last in re.findall(r"(\d+)(?:-(\d+))?", found[1]):
            days |= set(range(int(first), int(last or first) + 1))
    return months, frozenset(days or range(1, 32)), weekdays


def test_the_reading_of_a_field_that_holds_all_says_nothing_of_it() -> None:
    fields: CronFields = read_cron("0 2 1-31 1-12 0-6".replace(" 0-6", " *"))

    assert len(fields.days) == 31
    assert in_words(Cron("0 2 1-31 1-12 *")) == "Every day at 02:00"
