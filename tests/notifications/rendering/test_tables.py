"""Tables at Slack's limits, and as text."""

from __future__ import annotations

from typing import Any

import pytest

from notifications.rendering.tables import fit_table, preformatted, table_as_text, table_size

Block = dict[str, Any]


def table(*rows: list[str], **more: Any) -> Block:  # noqa: ANN401 - any part of a table
    return {"type": "table", "rows": [[{"type": "raw_text", "text": cell} for cell in row] for row in rows], **more}


def cells(block: Block | None) -> list[list[str]]:
    assert block is not None
    return [[cell["text"] for cell in row] for row in block["rows"]]


def lines_of(block: Block) -> list[str]:
    [part] = block["elements"]
    words: str = part["elements"][0]["text"]
    return words.split("\n")


@pytest.mark.parametrize(
    ("rows", "kept", "last"),
    [
        pytest.param(100, 100, "row 99", id="as many as there may be"),
        pytest.param(101, 100, "and 2 more", id="one too many: two make room for the count"),
        pytest.param(1_300, 100, "and 1,201 more", id="many too many"),
        pytest.param(2, 2, "row 1", id="a header and a row"),
        pytest.param(1, 1, "row 0", id="a header alone"),
    ],
)
def test_a_table_has_100_rows_and_says_how_many_are_left_out(rows: int, kept: int, last: str) -> None:
    found = cells(fit_table(table(*[[f"row {number}", "x"] for number in range(rows)])))

    assert len(found) == kept
    assert found[-1][0] == last
    assert {len(row) for row in found} == {2}


def test_the_row_that_counts_what_is_left_out_has_a_dash_in_its_other_cells() -> None:
    found = cells(fit_table(table(*[["a", "b", "c"]] * 101)))

    assert found[-1] == ["and 2 more", "-", "-"]


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        pytest.param(40, ["1" * 10, "2" * 10, "3" * 10, "4" * 10], id="all fit exactly"),
        pytest.param(39, ["1" * 10, "2" * 10, "and 2 more"], id="one character short"),
        pytest.param(30, ["1" * 10, "2" * 10, "and 2 more"], id="two rows and the count"),
        pytest.param(29, None, id="not even two rows"),
    ],
)
def test_a_table_that_is_too_long_loses_rows_at_its_end(most: int, expected: list[str] | None) -> None:
    found = fit_table(table(*[[str(number) * 10] for number in range(1, 5)]), most=most)

    assert (None if found is None else [row[0] for row in cells(found)]) == expected


def test_a_header_that_is_too_long_by_itself_is_no_table() -> None:
    assert fit_table(table(["x" * 10]), most=9) is None


def test_cells_are_one_line_of_300_characters_and_never_empty() -> None:
    found = cells(fit_table(table(["a\nb", "", "x" * 300, "x" * 301], ["short"])))

    assert found == [["a b", "-", "x" * 300, "x" * 298 + "…"], ["short", "-", "-", "-"]]


def test_twenty_columns_stay_with_their_settings() -> None:
    wide = table([str(number) for number in range(25)], column_settings=[{"align": "right"}] * 25)

    found = fit_table(wide)

    assert cells(found) == [[str(number) for number in range(20)]]
    assert found is not None
    assert len(found["column_settings"]) == 20
    assert "column_settings" not in (fit_table(table(["a"])) or {})


def test_a_table_without_cells_is_none() -> None:
    assert fit_table({"type": "table"}) is None
    assert fit_table(table([], [])) is None


def test_cells_of_rich_text_stay_and_count_with_all_their_words() -> None:
    date = {"type": "date", "fallback": "2026-03-02"}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"text": "at "}, date]}]}
    block = {"type": "table", "rows": [[rich, {"type": "raw_text", "text": "🟢"}]]}

    found = fit_table(block)

    assert found is not None
    assert found["rows"][0][0] == rich
    assert table_size(found) == len("at2026-03-02") + 2


def test_a_table_as_text_has_two_blanks_between_columns_as_wide_as_their_longest_cell() -> None:
    found = lines_of(table_as_text(table(["Device", "Outcome"], ["core-sw1", "Modified"], ["a"])))

    assert found == ["Device    Outcome", "core-sw1  Modified", "a"]


def test_a_column_as_text_is_forty_characters_wide_at_most() -> None:
    found = lines_of(table_as_text(table(["x" * 40, "b"], ["x" * 41, "b"], ["y", "b"])))

    assert found == ["x" * 40 + "  b", "x" * 38 + "…" + "   b", "y" + " " * 39 + "  b"]


def test_a_table_as_text_ends_with_whole_lines_and_says_how_many_are_left_out() -> None:
    rows = [[f"{number:04}" + "x" * 35] for number in range(1_500)]

    found = lines_of(table_as_text(table(*rows)))

    assert found[-1] == "and 1,426 more"  # 74 lines of 39 characters and a line end in 3,000 less 30 for this one
    assert found[:-1] == [row[0] for row in rows[:74]]
    assert lines_of(table_as_text(table(*rows[:74])))[-1] == rows[73][0]


@pytest.mark.parametrize(("last", "ends"), [(9, "x" * 9), (10, "and 1 more")], ids=["just fits", "one too long"])
def test_a_line_stays_that_just_fits_beside_the_room_for_a_count(last: int, ends: str) -> None:
    rows = [["x" * 39] for _ in range(74)]  # 2,960 characters with their line ends, of 3,000 less 30

    assert lines_of(table_as_text(table(*rows, ["x" * last])))[-1] == ends


def test_an_empty_table_as_text_is_empty() -> None:
    assert lines_of(table_as_text({"type": "table"})) == [""]


def test_preformatted_text_is_shown_as_it_is_without_what_cannot_be_shown() -> None:
    assert lines_of(preformatted("a  b\r\n\x1b<c>")) == ["a  b", "<c>"]
