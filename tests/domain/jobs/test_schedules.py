"""Schedules: read from words, counted in zones whose clocks change, said in words, refused with a sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.jobs.cron import ScheduleError
from domain.jobs.readings import in_words
from domain.jobs.schedules import Cron, Daily, Days, OnDemand, Schedule, next_time, next_times, store_form
from domain.jobs.spoken import from_store, parse_days, parse_schedule, parse_time

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kolkata", "UTC")

READ = [
    ("on demand", OnDemand(), "On demand"),
    ("daily 02:00", Daily(time(2), weekends=True), "Every day at 02:00"),
    ("every day at 2:30", Daily(time(2, 30), weekends=True), "Every day at 02:30"),
    ("Weekdays 02:00", Daily(time(2)), "Weekdays at 02:00"),
    ("tue,thu 22:15", Days(frozenset({1, 3}), time(22, 15)), "Tuesday and Thursday at 22:15"),
    ("Tuesdays and Thursdays at 22:15", Days(frozenset({1, 3}), time(22, 15)), "Tuesday and Thursday at 22:15"),
    ("fri-sun 6.00", Days(frozenset({4, 5, 6}), time(6)), "Friday, Saturday and Sunday at 06:00"),
    ("weekends 04:00", Days(frozenset({5, 6}), time(4)), "Saturday and Sunday at 04:00"),
    ("cron 0 2 * * 1-5", Cron("0 2 * * 1-5"), "Weekdays at 02:00"),
    ("0  6,18 * *  *", Cron("0 6,18 * * *"), "Every day at 06:00 and 18:00"),
    ("@weekly", Cron("0 0 * * 0"), "Sunday at 00:00"),
    ("cron */15 8-17 * * mon-fri", Cron("*/15 8-17 * * mon-fri"), None),
]


@pytest.mark.parametrize(("typed", "schedule", "words"), READ, ids=[one[0] for one in READ])
def test_s2_a_schedule_is_read_said_in_words_and_kept(typed: str, schedule: Schedule, words: str | None) -> None:
    found = parse_schedule(typed)

    assert found == schedule
    assert from_store(store_form(found)) == found
    assert words is None or in_words(found) == words


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "The schedule is missing."),
        ("hello", "`hello` is not a day or a time."),
        ("daily", "`daily` has no time."),
        ("02:00", "`02:00` has no days."),
        ("daily 25:00", "`25:00` is not a time of day"),
        ("daily 2", "`2` is not a time of day."),
        ("daily 02:00 14:00", "One job has one time of day."),
        ("cron", "A cron line has five fields"),
        ("cron 0 2 * *", "That has 4."),
        ("cron 0 0 2 * * *", "That has 6 fields. A cron line has five here, without seconds and years"),
        ("cron 0 2 30 2 *", "This date never occurs"),
        ("cron 0 2 31 4,6,9,11 *", "This date never occurs"),
        ("cron * * * * *", "Two of these times are only 1 min apart. Leave at least 5 min"),
        ("cron 0,58 * * * *", "Two of these times are only 2 min apart."),
        ("cron 61 * * * *", "`61` is not a valid minute. Use 0 to 59."),
        ("cron 0 24 * * *", "`24` is not a valid hour. Use 0 to 23."),
        ("cron 0 2 * foo *", "`foo` is not a valid month. Use 1 to 12."),
        ("cron 0 2 1 * 1", "Give days of the month or days of the week, not both"),
        ("cron */0 2 * * *", "`/0` is not a valid step for the minute"),
        ("cron 0 2 9-5 * *", "The range `9-5` of the day of the month runs backwards."),
        ("cron 0 2 L * *", "`l` is not a valid day of the month"),
        ("cron 0 2 * * 1#2", "`1#2` is not valid for the day of the week."),
        ("@reboot", "`@reboot` is not supported here."),
        ("😀 02:00", "`😀` is not a day or a time."),
        ("<!channel> 02:00", "`!channel` is not a day or a time."),
        ("'; DROP TABLE job; --", "is not a day or a time."),
        ("x" * 10_000, "x…` is not a day or a time. Try"),
        ("cron " + "1," * 5_000 + "1 * * * *", "at most 200 characters"),
    ],
)
def test_s2_each_mistake_has_its_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_schedule(typed)

    assert sentence in caught.value.advice
    assert "<" not in caught.value.advice
    assert len(caught.value.advice) < 300


@given(st.text(max_size=60))
def test_any_text_is_a_schedule_or_has_a_sentence(text: str) -> None:
    try:
        schedule = parse_schedule(text)
    except ScheduleError:
        return
    assert in_words(schedule)
    assert from_store(store_form(schedule)) == schedule


@pytest.mark.parametrize("typed", ["24:00", "2", "ab:cd", "", "12:60", "-1:00", "02:00:00", "²:00"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(ScheduleError):
        parse_time(typed)


def test_no_day_at_all_is_refused() -> None:
    with pytest.raises(ScheduleError, match="at least one day"):
        parse_days([])


def test_cron_counts_days_of_the_week_from_sunday_as_everywhere() -> None:
    sunday = parse_schedule("cron 0 2 * * 0")
    found = next_times(sunday, BERLIN, datetime(2026, 6, 1, tzinfo=UTC))

    assert [moment.astimezone(BERLIN).date() for moment in found] == [
        date(2026, 6, 7),
        date(2026, 6, 14),
        date(2026, 6, 21),
    ]
    assert found == next_times(parse_schedule("cron 0 2 * * 7"), BERLIN, datetime(2026, 6, 1, tzinfo=UTC))
    assert found == next_times(parse_schedule("cron 0 2 * * sun"), BERLIN, datetime(2026, 6, 1, tzinfo=UTC))


def test_the_29th_of_february_comes_in_leap_years() -> None:
    found = next_times(parse_schedule("cron 0 2 29 2 *"), BERLIN, datetime(2026, 1, 1, tzinfo=UTC), 2)

    assert [moment.year for moment in found] == [2028, 2032]


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        pytest.param("Europe/Berlin", date(2026, 3, 29), "02:30", "01:00", id="Berlin, swallowed by the gap"),
        pytest.param("Europe/Berlin", date(2026, 10, 25), "02:30", "00:30", id="Berlin, the first of two"),
        pytest.param("Australia/Lord_Howe", date(2026, 10, 4), "02:15", "15:30", id="Lord Howe, half an hour skipped"),
        pytest.param("Australia/Lord_Howe", date(2026, 4, 5), "01:45", "14:45", id="Lord Howe, half an hour twice"),
        pytest.param("America/Santiago", date(2026, 9, 6), "00:15", "04:00", id="Santiago, midnight is skipped"),
        pytest.param("America/St_Johns", date(2026, 3, 8), "02:30", "05:30", id="St John's, swallowed by the gap"),
    ],
)
def test_s3_on_the_day_clocks_change_a_time_comes_once_at_a_known_moment(
    zone: str, day: date, at: str, expected: str
) -> None:
    start = datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC) - timedelta(hours=2)

    found = next_times(parse_schedule(f"daily {at}"), ZoneInfo(zone), start, 4)

    local = [one.astimezone(ZoneInfo(zone)) for one in found]
    [that_day] = [moment for moment, shown in zip(found, local, strict=True) if shown.date() == day]
    assert f"{that_day:%H:%M}" == expected


@given(
    st.sampled_from(ZONES),
    st.times(),
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2035, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_s3_every_local_day_has_the_time_exactly_once(zone: str, at: time, start: datetime) -> None:
    place = ZoneInfo(zone)
    schedule = Daily(at.replace(second=0, microsecond=0, tzinfo=None, fold=0), weekends=True)
    after = start.replace(tzinfo=UTC)

    found = next_times(schedule, place, after, 6)

    days = [moment.astimezone(place).date() for moment in found]
    assert all(later - earlier == DAY for earlier, later in pairwise(days))
    assert all(moment > after for moment in found)
    assert found[0] - after <= DAY + timedelta(hours=2)


@given(
    st.sampled_from(ZONES),
    st.sampled_from(["*/5 * * * *", "*/15 * * * *", "0 * * * *", "30 1-3 * * *", "15 2 * * 0"]),
    st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2028, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_s3_times_of_cron_go_forward_and_none_of_the_wall_clock_comes_twice(
    zone: str, text: str, start: datetime
) -> None:
    place = ZoneInfo(zone)

    found = next_times(Cron(text), place, start.replace(tzinfo=UTC), 30)

    assert all(earlier < later for earlier, later in pairwise(found))
    shown = [moment.astimezone(place).replace(tzinfo=None, fold=0) for moment in found]
    assert len(set(shown)) == len(shown)


def test_a_job_on_demand_has_no_next_time() -> None:
    assert next_time(OnDemand(), BERLIN, datetime(2026, 1, 1, tzinfo=UTC)) is None
    assert next_times(OnDemand(), BERLIN, datetime(2026, 1, 1, tzinfo=UTC)) == []


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        (["mon"], {0}),
        (["sun"], {6}),
        (["su", "sa"], {5, 6}),
        (["mo-we"], {0, 1, 2}),
        (["fri-mon"], {4, 5, 6, 0}),
        (["mon-sun"], {0, 1, 2, 3, 4, 5, 6}),
        (["Tuesdays", "thursday-thursday"], {1, 3}),
    ],
)
def test_days_of_the_week_are_read_by_name_and_as_ranges(typed: list[str], days: set[int]) -> None:
    assert parse_days(typed) == days


@pytest.mark.parametrize("word", ["t", "s", "m", "x", "", "mon-", "-mon", "monda-y", "tuesdayss"])
def test_what_names_no_day_or_more_than_one_is_refused(word: str) -> None:
    with pytest.raises(ScheduleError, match="is not a day or a time"):
        parse_days([word])


@pytest.mark.parametrize(("typed", "at"), [("00:00", time(0)), ("23:59", time(23, 59)), ("7.05", time(7, 5))])
def test_a_time_of_day_goes_from_midnight_to_a_minute_before(typed: str, at: time) -> None:
    assert parse_time(typed) == at


@pytest.mark.parametrize("typed", ["24:00", "23:60", "00:60", "99:99"])
def test_there_is_no_later_time_of_day(typed: str) -> None:
    with pytest.raises(ScheduleError, match="`00:00` to `23:59`"):
        parse_time(typed)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ({2}, "Wednesday at 04:00"),
        ({0, 6}, "Monday and Sunday at 04:00"),
        ({0, 1, 2, 3, 4}, "Weekdays at 04:00"),
        ({0, 1, 2, 3, 4, 5}, "Monday, Tuesday, Wednesday, Thursday, Friday and Saturday at 04:00"),
        (set(range(7)), "Every day at 04:00"),
    ],
)
def test_chosen_days_are_said_in_words(days: set[int], words: str) -> None:
    assert in_words(Days(frozenset(days), time(4))) == words


@pytest.mark.parametrize("typed", ["1 2 * * *", "* * * * mon", "0 2 * * mon-fri"])
def test_a_bare_line_of_five_fields_is_cron(typed: str) -> None:
    with_word, bare = (_read_or_refused(text) for text in (f"cron {typed}", typed))

    assert bare == with_word


def _read_or_refused(typed: str) -> Schedule | str:
    try:
        return parse_schedule(typed)
    except ScheduleError as error:
        return error.advice


@pytest.mark.parametrize(("after", "days"), [("01:59:59", 0), ("02:00:00", 1), ("02:00:01", 1)])
def test_the_next_time_is_later_than_the_moment_asked_about(after: str, days: int) -> None:
    moment = datetime.fromisoformat(f"2026-03-02T{after}+00:00")

    found = next_time(Daily(time(2), weekends=True), ZoneInfo("UTC"), moment)

    assert found == datetime(2026, 3, 2 + days, 2, 0, tzinfo=UTC)


def test_what_stands_beyond_a_thousand_characters_is_not_read() -> None:
    everything = "daily".ljust(995) + "02:00"

    assert parse_schedule(everything) == parse_schedule(everything + "x") == Daily(time(2), weekends=True)
