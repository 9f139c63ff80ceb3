"""Each kind of block just at its limit and one beyond it."""

from __future__ import annotations

from typing import Any

import pytest

from notifications.rendering.block_limits import characters, fit, fit_text, fit_view, simpler
from tests.notifications.rendering.test_block_limits import Block, button, section, table


def mark(text: str, **more: Any) -> Block:  # noqa: ANN401 - any part of a text
    return {"type": "mrkdwn", "text": text, **more}


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [mark(text) for text in texts]}


def one(block: Block) -> Block:
    [fitted] = fit([block])
    return fitted


@pytest.mark.parametrize(
    ("block", "path", "most"),
    [
        pytest.param(section, ("text",), 3_000, id="section"),
        pytest.param(lambda text: {"type": "section", "fields": [mark(text)]}, ("fields", 0), 2_000, id="field"),
        pytest.param(
            lambda text: {"type": "header", "text": {"type": "plain_text", "text": text}}, ("text",), 150, id="header"
        ),
        pytest.param(context, ("elements", 0), 2_000, id="context"),
    ],
)
def test_a_text_is_whole_at_its_limit_and_cut_beyond_it(block: Any, path: tuple[Any, ...], most: int) -> None:  # noqa: ANN401 - makes a block
    def shown(length: int) -> str:
        part: Any = one(block("x" * length))
        for step in path:
            part = part[step]
        return str(part["text"])

    assert shown(most) == "x" * most
    assert shown(most + 1) == "x" * (most - 2) + "…"


@pytest.mark.parametrize(("length", "shown"), [(3_000, "x" * 3_000), (3_001, "x" * 2_998 + "…")])
def test_the_text_beside_blocks_is_cut_at_3_000_characters(length: int, shown: str) -> None:
    assert fit_text("x" * length) == shown
    assert fit_text(" \n") == "Lastgood"


@pytest.mark.parametrize(
    ("count", "kept", "last"), [(10, 10, "9"), (11, 10, "and 2 more"), (1_500, 10, "and 1,491 more")]
)
def test_a_context_has_ten_parts_and_counts_the_rest(count: int, kept: int, last: str) -> None:
    found = one(context(*map(str, range(count))))["elements"]

    assert (len(found), found[-1]["text"]) == (kept, last)


def test_a_section_has_ten_fields_that_say_something() -> None:
    found = one({**section("x"), "fields": [mark(""), *(mark(str(number)) for number in range(12))]})

    assert [field["text"] for field in found["fields"]] == [str(number) for number in range(10)]


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(section(" \n"), id="a section of blanks"),
        pytest.param({"type": "section", "fields": [mark("")]}, id="a section of an empty field"),
        pytest.param({"type": "header", "text": {"type": "plain_text", "text": ""}}, id="an empty header"),
        pytest.param({"type": "context", "elements": []}, id="an empty context"),
        pytest.param({"type": "actions", "elements": [button(value="v" * 2_001)]}, id="buttons that cannot be shown"),
        pytest.param(
            {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]}, id="no rich text"
        ),
        pytest.param({"type": "image", "image_url": "u" * 3_001, "alt_text": "a"}, id="an address too long"),
        pytest.param({"type": "input", "element": {"type": "hologram"}, "label": {"text": "a"}}, id="an unknown field"),
    ],
)
def test_a_block_that_would_show_nothing_is_left_out(block: Block) -> None:
    assert fit([block]) == []


def test_a_section_without_text_shows_its_fields_and_keeps_its_id() -> None:
    found = one({"type": "section", "block_id": "b", "fields": [mark("f")], "accessory": button(value="v" * 2_001)})

    assert sorted(found) == ["block_id", "fields", "type"]


def test_twenty_five_buttons_stay() -> None:
    assert len(one({"type": "actions", "elements": [button()] * 26})["elements"]) == 25


@pytest.mark.parametrize(("alt", "shown"), [("a", "a"), ("", "picture"), ("a" * 2_001, "a" * 1_998 + "…")])
def test_a_picture_is_described_in_every_place(alt: str, shown: str) -> None:
    picture = {"type": "image", "image_url": "u" * 3_000, "alt_text": alt}

    assert one(picture)["alt_text"] == shown
    assert one({"type": "context", "elements": [picture]})["elements"][0]["alt_text"] == shown


def test_a_field_has_a_label_and_a_hint_if_there_is_one() -> None:
    field = {"type": "input", "element": {"type": "plain_text_input", "action_id": "a"}, "label": {"text": "l" * 151}}

    with_hint, without = one({**field, "hint": {"text": "h" * 301}}), one(field)

    assert with_hint["label"]["text"] == "l" * 148 + "…"
    assert with_hint["hint"]["text"] == "h" * 298 + "…"
    assert "hint" not in without


def test_slack_makes_no_links_of_our_words_and_pictures_only_where_wanted() -> None:
    header: Block = {"type": "header", "text": {"type": "plain_text", "text": ":x:"}}

    assert one(section("x"))["text"]["verbatim"] is True
    assert one(header)["text"]["emoji"] is False
    assert one({**header, "text": {**header["text"], "emoji": True}})["text"]["emoji"] is True


def test_empty_runs_of_rich_text_are_left_out_at_any_depth() -> None:
    runs = [{"type": "text", "text": ""}, {"type": "user", "user_id": "U1"}, {"type": "text", "text": "x" * 3_001}]
    nested = {"type": "rich_text_list", "elements": [{"type": "rich_text_section", "elements": runs}]}
    empty = {"type": "rich_text_list", "elements": [{"type": "rich_text_section", "elements": runs[:1]}]}

    found = one({"type": "rich_text", "elements": [empty, nested]})["elements"]

    assert [part["elements"][0]["elements"] for part in found] == [
        [runs[1], {"type": "text", "text": "x" * 2_998 + "…"}]
    ]


@pytest.mark.parametrize(("count", "note"), [(50, None), (51, "and 2 more"), (1_100, "and 1,051 more")])
def test_a_message_has_fifty_blocks(count: int, note: str | None) -> None:
    found = fit([section("x")] * count)

    assert len(found) == 50
    assert (found[-1]["elements"][0]["text"] if note else None) == note


def test_the_home_tab_has_a_hundred_blocks() -> None:
    assert len(fit([section("x")] * 101, most=100)) == 100


def test_a_second_table_becomes_text() -> None:
    assert [block["type"] for block in fit([table(2), section("x"), table(2), table(2)])] == [
        "table",
        "section",
        "rich_text",
        "rich_text",
    ]
    assert [block["type"] for block in simpler([table(2), section("x")])] == ["rich_text", "section"]


def test_only_what_is_read_counts_as_characters() -> None:
    block = {"type": "actions", "block_id": "bbbb", "elements": [button(value="vvvv", text="🟢ab")], "n": 3}

    assert characters(block) == 4
    assert characters([section("abc"), section("de")]) == 5
    assert characters(None) == 0


@pytest.mark.parametrize(
    ("lengths", "cut"), [([2_600] * 4, False), ([3_000] * 4, True), ([150] * 40, False), ([200] * 40, True)]
)
def test_a_message_has_11_000_characters_less_100_for_each_block(lengths: list[int], *, cut: bool) -> None:
    most = 11_000 - 100 * len(lengths)

    found = fit([section("x" * length) for length in lengths])

    assert (characters(found) < sum(lengths)) is cut
    assert characters(found) <= most
    assert characters(found) >= min(sum(lengths), most - 200)


def test_a_message_that_is_cut_keeps_room_for_a_line_of_sixty_characters() -> None:
    assert 10_400 < characters(fit([section("x" * 3_000)] * 5)) <= 10_500 - 60


def test_a_form_has_the_characters_that_a_view_takes_however_many_blocks() -> None:
    found = fit_view([section("x" * 130)] * 100)

    assert len(found) == 100
    assert 12_000 < characters(found) <= 13_000 - 60


@pytest.mark.parametrize("letter", ["a", "é", "語", "🟢"])
def test_the_text_beside_blocks_keeps_within_4_000_bytes(letter: str) -> None:
    fitted = fit_text(letter * 3_500)

    assert 2_900 <= len(fitted.encode()) <= 4_000
    assert fitted.endswith("…")
    assert set(fitted) == {letter, "…"}


def test_blocks_are_not_cut_to_nothing_while_others_can_be_cut() -> None:
    found = fit([section("x" * 280)] * 49)

    assert len(found) == 49
    assert min(characters(block) for block in found) >= 110
    assert characters(found) <= 11_000 - 4_900 - 60


def test_a_message_over_its_limit_by_one_is_cut_in_one_block_alone() -> None:
    found = fit(
        [section("x" * 2_400), section("x" * 2_400), section("x" * 2_400), section("y" * 2_401), section("z" * 840)]
    )

    assert [characters(block) for block in found] != [2_400, 2_400, 2_400, 2_401, 840]
    assert [characters(found[place]) for place in (0, 1, 2, 4)] == [2_400, 2_400, 2_400, 840]
    assert characters(fit([section("x" * 2_400)] * 4 + [section("z" * 840)])) == 4 * 2_400 + 840


def test_the_longest_block_is_cut_first_and_buttons_last() -> None:
    buttons = {"type": "actions", "elements": [button(text="b" * 70) for _ in range(25)]}

    found = fit([section("a" * 1_000), *[section("b" * 2_990)] * 4, buttons])

    assert found[0]["text"]["text"] == "a" * 1_000
    assert all(element["text"]["text"] == "b" * 70 for element in found[-1]["elements"])
    assert characters(found) <= 11_000 - 600


@pytest.mark.parametrize(
    ("names", "unique"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a"], ["a", "a#2", "a#3"]),
        (["a#2", "a", "a"], ["a#2", "a", "a#3"]),
        (["a#x", "a#x"], ["a#x", "a#2"]),
        (["x" * 256, "x" * 255], ["x" * 255, "x" * 243 + "#2"]),
    ],
)
def test_ids_that_come_twice_are_numbered_from_two(names: list[str], unique: list[str]) -> None:
    found = fit([{**section("x"), "block_id": name} for name in names])

    assert [block["block_id"] for block in found] == unique
