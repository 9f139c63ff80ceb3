"""The five fields of a cron line at their edges: what each may hold, and how close two times may lie."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.jobs.cron import ScheduleError, normal_cron, read_cron, shown

ALL = {
    "minutes": range(60),
    "hours": range(24),
    "days": range(1, 32),
    "months": range(1, 13),
    "weekdays": range(7),
}


@pytest.mark.parametrize(
    ("line", "field", "values"),
    [
        ("0 0 * * *", "minutes", {0}),
        ("59 23 * * *", "minutes", {59}),
        ("59 23 * * *", "hours", {23}),
        ("*/20 0 * * *", "minutes", {0, 20, 40}),
        ("7/20 0 * * *", "minutes", {7, 27, 47}),
        ("10-30/10 0 * * *", "minutes", {10, 20, 30}),
        ("5,35 0 * * *", "minutes", {5, 35}),
        ("*/59 2 * * *", "minutes", {0, 59}),
        ("0005 2 * * *", "minutes", {5}),
        ("0 2 */0015 * *", "days", {1, 16, 31}),
        ("0 8-11 * * *", "hours", {8, 9, 10, 11}),
        ("0 */8 * * *", "hours", {0, 8, 16}),
        ("0 2 1 * *", "days", {1}),
        ("0 2 31 * *", "days", {31}),
        ("0 2 5-5 * *", "days", {5}),
        ("0 2 1,15 * *", "days", {1, 15}),
        ("0 2 * 1 *", "months", {1}),
        ("0 2 * 12 *", "months", {12}),
        ("0 2 * jan,dec *", "months", {1, 12}),
        ("0 2 * mar-may *", "months", {3, 4, 5}),
        ("0 2 * * 1", "weekdays", {0}),
        ("0 2 * * mon", "weekdays", {0}),
        ("0 2 * * 0", "weekdays", {6}),
        ("0 2 * * 7", "weekdays", {6}),
        ("0 2 * * sat", "weekdays", {5}),
        ("0 2 * * fri-sun", "weekdays", {4, 5, 6}),
        ("0 2 * * sun-tue", "weekdays", {6, 0, 1}),
        ("0 2 * * 5-7", "weekdays", {4, 5, 6}),
        ("0 2 * * 0-6", "weekdays", {0, 1, 2, 3, 4, 5, 6}),
    ],
)
def test_a_field_holds_the_values_that_are_written(line: str, field: str, values: set[int]) -> None:
    found = read_cron(line)

    assert getattr(found, field) == values
    written = dict(zip(ALL, line.split(), strict=True))
    assert all(getattr(found, name) == set(ALL[name]) for name, typed in written.items() if typed == "*")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("60 2 * * *", "`60` is not a valid minute. Use 0 to 59."),
        ("0 24 * * *", "`24` is not a valid hour. Use 0 to 23."),
        ("0 2 0 * *", "`0` is not a valid day of the month. Use 1 to 31."),
        ("0 2 32 * *", "`32` is not a valid day of the month. Use 1 to 31."),
        ("0 2 * 0 *", "`0` is not a valid month. Use 1 to 12."),
        ("0 2 * 13 *", "`13` is not a valid month. Use 1 to 12."),
        ("0 2 * * 8", "`8` is not a valid day of the week. Use 0 to 7."),
        ("0 2 * mon *", "`mon` is not a valid month"),
        ("0 2 * * jan", "`jan` is not a valid day of the week"),
        ("*/60 2 * * *", "`/60` is not a valid step for the minute. Use 1 to 59."),
        ("*/0 2 * * *", "`/0` is not a valid step for the minute"),
        ("*/100 2 * * *", "`/100` is not a valid step for the minute"),
        ("*/00015 2 * * *", "`/00015` is not a valid step for the minute"),
        ("*/x 2 * * *", "`/x` is not a valid step for the minute"),
        ("00000 2 * * *", "`00000` is not a valid minute"),
        ("6-5 2 * * *", "The range `6-5` of the minute runs backwards."),
        ("0 2 * * sun-0,mon-sun,tue-mon", "The range `tue-mon` of the day of the week runs backwards."),
        ("0 2 30 feb *", "This date never occurs"),
        ("0 2 31 apr,jun,sep,nov *", "This date never occurs"),
        ("0 2 * * * * * *", "That has 8."),
        ("", "That has none."),
        ("0 2 * * * *", "That has 6 fields."),
        ("0 0 2 * * * 2026", "That has 7 fields."),
    ],
)
def test_a_value_beyond_the_edge_of_its_field_is_refused(line: str, sentence: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        read_cron(line)

    assert sentence in caught.value.advice


@pytest.mark.parametrize("line", ["0 2 29 2 *", "0 2 30 4,2 *", "0 2 31 12 *", "0 2 31 1 *", "0 2 30-31 jun *"])
def test_a_date_that_comes_at_least_in_some_years_is_taken(line: str) -> None:
    assert read_cron(line).hours == {2}


@pytest.mark.parametrize(
    ("line", "gap"),
    [
        pytest.param("0,4 * * * *", 4, id="four minutes apart"),
        pytest.param("2,58 * * * *", 4, id="over the full hour"),
        pytest.param("2,58 23,0 * * *", 4, id="over midnight"),
        pytest.param("*/3 2 * * *", 3, id="within one hour"),
        pytest.param("0,10,19,20 2 * * *", 1, id="the closest two count"),
    ],
)
def test_times_less_than_five_minutes_apart_are_refused(line: str, gap: int) -> None:
    with pytest.raises(ScheduleError) as caught:
        read_cron(line)

    assert f"Two of these times are only {gap} min apart." in caught.value.advice


@pytest.mark.parametrize(
    "line", ["*/5 * * * *", "0,5 * * * *", "3,58 * * * *", "2,58 */2 * * *", "2,58 0,22 * * *", "0 * * * *"]
)
def test_five_minutes_apart_is_far_enough_and_hours_that_do_not_touch_are_no_matter(line: str) -> None:
    assert read_cron(line).minutes


def test_a_line_has_200_characters_at_most() -> None:
    longest = "0 2 " + ",".join(["1"] * 96) + " * *"
    assert len(longest) == 199

    assert read_cron(normal_cron(longest)).days == {1}
    assert read_cron(longest.replace("0 2", "00 2")).minutes == {0}
    with pytest.raises(ScheduleError, match="at most 200 characters"):
        read_cron(longest.replace("0 2", "000 2"))


def test_a_line_is_cut_where_nothing_after_it_could_matter() -> None:
    assert len(normal_cron("1 " * 500)) == 201


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        (" 0  2\t* * MON ", "0 2 * * mon"),
        ("@hourly", "0 * * * *"),
        ("@Daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
    ],
)
def test_a_line_is_kept_in_its_normal_form(typed: str, line: str) -> None:
    assert normal_cron(typed) == line


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("x" * 40, "x" * 40), ("x" * 41, "x" * 40 + "…"), ("<!a>`&b", "!ab"), (" a  b ", "a b"), (" " * 200 + "b", "")],
)
def test_what_was_typed_is_repeated_short_and_without_markup(typed: str, answer: str) -> None:
    assert shown(typed) == answer


@given(st.sampled_from(["minutes", "hours", "days", "months"]), st.data())
def test_a_range_holds_both_its_ends_and_all_between(field: str, data: st.DataObject) -> None:
    first = data.draw(st.sampled_from(ALL[field]))
    last = data.draw(st.sampled_from(ALL[field]).filter(lambda one: one >= first))
    at = list(ALL).index(field)
    step = "/5" if field == "minutes" else ""
    typed = ["0", "2", "*", "*", "*"]
    typed[at] = f"{first}-{last}{step}"
    if field == "days":
        typed[3] = "1"

    assert getattr(read_cron(" ".join(typed)), field) == set(range(first, last + 1, 5 if step else 1))


MONTH_DAYS = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}


@pytest.mark.parametrize(("month", "last"), MONTH_DAYS.items())
def test_a_month_has_its_last_day_and_none_after_it(month: int, last: int) -> None:
    assert read_cron(f"0 2 {last} {month} *").days == {last}
    if last < 31:
        with pytest.raises(ScheduleError, match="never occurs"):
            read_cron(f"0 2 {last + 1} {month} *")
    else:
        assert read_cron(f"0 2 31 2,{month} *").months == {2, month}
