"""Schedules as people say them: what is clear is understood, and the wrong word is named otherwise."""

from __future__ import annotations

import contextlib
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.jobs.cron import ScheduleError
from domain.jobs.schedules import Cron, Daily, Days, Schedule, store_form
from domain.jobs.spoken import from_store, parse_schedule
from domain.times.times_of_day import time_of_day

SAID: dict[str, Schedule] = {
    "daily 2:00 am": Daily(time(2), weekends=True),
    "daily 2 a.m.": Daily(time(2), weekends=True),
    "every day at 11 PM": Daily(time(23), weekends=True),
    "daily at midnight": Daily(time(0), weekends=True),
    "weekdays at noon": Daily(time(12)),
    "daily 12am": Daily(time(0), weekends=True),
    "daily 12:30 p.m.": Daily(time(12, 30), weekends=True),
    "tue & thu 22:15": Days(frozenset({1, 3}), time(22, 15)),
    "tue&thu 22:15": Days(frozenset({1, 3}), time(22, 15)),
    "tue + thu; 22:15": Days(frozenset({1, 3}), time(22, 15)),
    "every monday and friday at 6 pm": Days(frozenset({0, 4}), time(18)),
    "mon/wed 04:00": Days(frozenset({0, 2}), time(4)),
    "sat-mon 7.30": Days(frozenset({5, 6, 0}), time(7, 30)),
    "hourly": Cron("0 * * * *"),
    "every hour": Cron("0 * * * *"),
    "every 6 hours": Cron("0 */6 * * *"),
    "every 24 hours": Cron("0 0 * * *"),
    "every 30 minutes": Cron("*/30 * * * *"),
    "every 60 min": Cron("0 * * * *"),
    "monthly 02:00": Cron("0 2 1 * *"),
    "monthly on the 15th at 4 am": Cron("0 4 15 * *"),
    "the 1st and 15th of each month at noon": Cron("0 12 1,15 * *"),
}
WRONG = {
    "every 4 months 02:00": "names no day of a month",
    "monthly 02:00 every 5 days": "names no day of a month",
    "monthly 6 days 03:00": "names no day of a month",
    "daily 2:00 xm": "`xm` is not a day or a time.",
    "daily 13 pm": "`13 pm` is not a time of day.",
    "daily 0 am": "`0 am` is not a time of day.",
    "daily at teatime": "`teatime` is not a day or a time.",
    "daily 25:00": "`25:00` is not a time of day. Use `00:00` to `23:59`.",
    "tue & thuu 22:15": "`thuu` is not a day or a time.",
    "daily 2": "`2` is not a time of day.",
    "daily am": "`am` is not a time of day.",
    "CRON_TZ=Europe/Berlin 0 2 * * *": "`CRON_TZ=EUROPE/BERLIN` is not used here. A job runs in its site's time zone",
    "cron TZ=UTC 0 2 * * *": "`TZ=UTC` is not used here.",
    "every 7 hours": "`7` hours do not divide a day evenly. Use one of 1, 2, 3, 4, 6, 8, 12.",
    "every 45 minutes": "`45` minutes do not divide an hour evenly. Use one of 5, 6, 10, 12, 15, 20, 30.",
    "every 2 minutes": "Leave at least 5 min between backups.",
    "monthly first 02:00": "`first` is not a day of the month.",
    "monthly 32nd 02:00": "`32` is not a valid day of the month.",
    "monthly": "has no time. Write `monthly 1st 02:00`.",
    "daily": "`daily` has no time.",
    "noon": "`noon` has no days.",
    "daily noon midnight": "One job has one time of day.",
}


@pytest.mark.parametrize(("words", "schedule"), SAID.items(), ids=SAID)
def test_s7_what_is_clear_is_understood_and_kept(words: str, schedule: Schedule) -> None:
    found = parse_schedule(words)

    assert found == schedule
    assert from_store(store_form(found)) == found


@pytest.mark.parametrize(("words", "sentence"), WRONG.items(), ids=WRONG)
def test_s7_the_wrong_word_is_named(words: str, sentence: str) -> None:
    with pytest.raises(ScheduleError) as refused:
        parse_schedule(words)

    assert sentence in refused.value.advice


@given(st.times().map(lambda at: at.replace(second=0, microsecond=0)))
def test_any_time_is_read_as_it_is_written_by_twelve_hours_and_by_twenty_four(at: time) -> None:
    hour, half = at.hour % 12 or 12, "am" if at.hour < 12 else "pm"
    written = {f"{at:%H:%M}", f"{at:%H.%M}", f"{hour}:{at:%M}{half}", f"{hour}:{at:%M} {half[0]}.m.".upper()}

    assert {time_of_day(one) for one in written} == {at}


@given(st.text(max_size=60))
def test_any_words_are_a_schedule_or_are_refused_with_a_sentence(words: str) -> None:
    with contextlib.suppress(ScheduleError):  # any other error would show
        found = parse_schedule(words)
        assert from_store(store_form(found)) == found
