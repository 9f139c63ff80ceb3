"""Blocks that break a limit come out valid, with a line that says what was left out."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.slack.blocks.contents import check_message_blocks
from notifications.pages.cells import moment
from notifications.rendering.block_limits import characters, fit, fit_text, simpler
from notifications.rendering.tables import preformatted, table_as_text
from tests.notifications.values import NOON

Block = dict[str, Any]


def section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(value: str = "1", text: str = "View details") -> Block:
    return {"type": "button", "action_id": "do:run", "value": value, "text": {"type": "plain_text", "text": text}}


def table(rows: int, columns: int = 3, cell: str = "cell") -> Block:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": cell}] * columns for _ in range(rows)]}


def dates(rows: int) -> Block:
    """A table whose cells are times: what they cost a message is more than the words in them."""
    return {"type": "table", "rows": [[moment(NOON)] * 4 for _ in range(rows)]}


BROKEN = [
    pytest.param([section("x" * 9_000)], id="long section"),
    pytest.param([section("")], id="empty section"),
    pytest.param([section("&amp;" * 700)], id="entities at the limit"),
    pytest.param([section("x")] * 120, id="too many blocks"),
    pytest.param([section("x" * 2_900)] * 20, id="too many characters"),
    pytest.param([section("x" * 280)] * 49, id="many middling blocks"),
    pytest.param([preformatted("x" * 20_000), preformatted("y" * 20_000)] * 3, id="long code"),
    pytest.param([table(300)], id="too many rows"),
    pytest.param([table(5, columns=40)], id="too many columns"),
    pytest.param([table(90, columns=4, cell="c" * 200)], id="too many characters in a table"),
    pytest.param([table(3, columns=19, cell="c" * 900)], id="two rows too big for a table"),
    pytest.param([table(3), table(4), table(200)], id="several tables"),
    pytest.param([{"type": "table", "rows": [[], []]}], id="empty table"),
    pytest.param([dates(90)] + [section("x" * 2_900)] * 3, id="table of dates in a full message"),
    pytest.param([{"type": "actions", "elements": [button() for _ in range(40)]}], id="too many buttons"),
    pytest.param([{"type": "actions", "elements": [button(text="t" * 200)]}], id="long label"),
    pytest.param([{"type": "actions", "elements": [button(value="v" * 3_000)]}], id="value that cannot be cut"),
    pytest.param([{"type": "context", "elements": [section("c" * 5_000)["text"]] * 30}], id="crowded context"),
    pytest.param([{**section("a"), "block_id": "same"}, {**section("b"), "block_id": "same"}], id="ids twice"),
    pytest.param([{"type": "hologram", "text": "from the future"}, section("now")], id="unknown kind"),
    pytest.param([{**section("f"), "fields": [section("y" * 3_000)["text"]] * 15}], id="too many fields"),
]


@pytest.mark.parametrize("blocks", BROKEN)
def test_broken_blocks_come_out_valid(blocks: list[Block]) -> None:
    before = copy.deepcopy(blocks)

    fitted = fit(blocks)

    check_message_blocks(fitted)
    assert blocks == before


@pytest.mark.parametrize("blocks", BROKEN)
def test_simpler_blocks_are_valid_and_hold_no_table(blocks: list[Block]) -> None:
    plain = simpler(blocks)

    check_message_blocks(plain)
    assert all(block["type"] != "table" for block in plain)


ANY_BLOCK = st.one_of(
    st.text(max_size=3_500).map(section),
    st.text(max_size=3_500).map(preformatted),
    st.builds(table, st.integers(0, 130), st.integers(1, 22), st.text(max_size=120)),
    st.lists(st.text(max_size=100).map(lambda text: button(text=text)), max_size=30).map(
        lambda buttons: {"type": "actions", "elements": buttons}
    ),
)


@given(blocks=st.lists(ANY_BLOCK, max_size=60))
@settings(max_examples=80, deadline=None)
def test_any_blocks_come_out_valid_and_fitting_twice_changes_nothing_more(blocks: list[Block]) -> None:
    fitted = fit(blocks)

    check_message_blocks(fitted)
    assert fit(fitted) == fitted


def test_surplus_blocks_are_counted_and_the_buttons_stay() -> None:
    fitted = fit([*[section("x")] * 80, {"type": "actions", "elements": [button()]}])

    assert len(fitted) == 50
    assert fitted[-1]["type"] == "actions"
    assert fitted[-2]["elements"][0]["text"] == "and 32 more"


def test_surplus_rows_are_counted() -> None:
    [fitted] = fit([table(300)])

    assert len(fitted["rows"]) == 100
    assert fitted["rows"][-1][0]["text"] == "and 201 more"


def test_what_an_action_does_stays_readable_when_its_id_is_made_unique() -> None:
    [fitted] = fit([{"type": "actions", "elements": [button(), button()]}])

    assert [element["action_id"] for element in fitted["elements"]] == ["do:run", "do:run#2"]


def test_columns_of_a_table_as_text_stand_below_each_other() -> None:
    rows = [["Device", "Outcome"], ["core-sw1", "Modified"], ["a", "Failed"]]
    cells = [[{"type": "raw_text", "text": text} for text in row] for row in rows]

    block = table_as_text({"type": "table", "rows": cells})

    lines = block["elements"][0]["elements"][0]["text"].split("\n")
    assert lines == ["Device    Outcome", "core-sw1  Modified", "a         Failed"]


def test_text_beside_blocks_is_never_empty() -> None:
    assert fit_text("  \n ") != ""


def test_count_of_characters_is_never_below_slacks() -> None:
    assert characters(section("🟢")) >= 1
