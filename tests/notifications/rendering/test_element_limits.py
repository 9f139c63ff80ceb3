"""Buttons, menus and fields at Slack's limits: texts are cut, and what would do something else is left out."""

from __future__ import annotations

from typing import Any

import pytest

from notifications.rendering import limits
from notifications.rendering.element_limits import fit_element, fit_option, plain_object

Element = dict[str, Any]

# From Slack's reference of blocks, elements, objects and views.
DOCUMENTED = {
    "BLOCKS": 50,
    "HOME_BLOCKS": 100,
    "SECTION_TEXT": 3_000,
    "SECTION_FIELD": 2_000,
    "SECTION_FIELDS": 10,
    "HEADER": 150,
    "CONTEXT_ELEMENTS": 10,
    "ACTIONS": 25,
    "IMAGE_ALT": 2_000,
    "IMAGE_URL": 3_000,
    "BUTTON_TEXT": 75,
    "BUTTON_VALUE": 2_000,
    "BUTTON_URL": 3_000,
    "ACCESSIBILITY_LABEL": 75,
    "CONFIRM_TITLE": 100,
    "CONFIRM_TEXT": 300,
    "CONFIRM_BUTTON": 30,
    "PLACEHOLDER": 150,
    "OPTION_TEXT": 75,
    "OPTION_VALUE": 150,
    "OPTION_DESCRIPTION": 75,
    "OPTIONS": 100,
    "OVERFLOW": 5,
    "CHOICES": 10,
    "ID": 255,
    "INPUT_TEXT": 3_000,
    "VIEW_TITLE": 24,
    "TABLE_ROWS": 100,
    "TABLE_COLUMNS": 20,
    "TABLE_CHARACTERS": 10_000,
    "SNIPPET": 1_000_000,
    "ALT_TEXT": 1_000,
}


@pytest.mark.parametrize(("name", "most"), DOCUMENTED.items(), ids=str)
def test_a_limit_is_the_one_that_slack_documents(name: str, most: int) -> None:
    assert getattr(limits, name) == most


OUR_OWN = {  # and how far Slack was seen to go
    "BLOCKS_CHARACTERS": (11_000, 11_300),
    "BLOCK_CHARACTERS": (100, 100),
    "VIEW_CHARACTERS": (13_000, 250_000),
    "TEXT": (3_000, 4_000),
    "TEXT_BYTES": (4_000, 4_000),
    "SHORT_TEXT": (1_000, 4_000),
    "CONTEXT_TEXT": (2_000, 3_000),
    "INPUT_LABEL": (150, 2_000),
    "INPUT_HINT": (300, 2_000),
    "INPUT_ERROR": (200, 3_000),
    "RICH_TEXT": (3_000, 4_000),
    "TABLE_CELL": (300, 10_000),
    "INLINE_DIFF": (2_500, 3_000),
    "FILE": (20_000_000, 1_000_000_000),
    "FILE_TITLE": (255, 255),
}


@pytest.mark.parametrize("name", OUR_OWN)
def test_a_limit_of_our_own_is_no_wider_than_slacks(name: str) -> None:
    ours, slacks = OUR_OWN[name]

    assert getattr(limits, name) == ours <= slacks


def test_every_limit_stands_in_one_of_the_two_tables() -> None:
    assert {name for name in vars(limits) if name.isupper()} == DOCUMENTED.keys() | OUR_OWN.keys()


def text(words: str) -> Element:
    return {"type": "plain_text", "text": words}


def option(value: str, words: str = "x", **more: Any) -> Element:  # noqa: ANN401 - any part of an option
    return {"text": text(words), "value": value, **more}


def button(**changed: Any) -> Element:  # noqa: ANN401 - any part of a button
    return {"type": "button", "action_id": "do:now", "text": text("Run"), "value": "core-sw1", **changed}


def fitted(element: Element) -> Element:
    found = fit_element(element)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("changed", "stays"),
    [
        ({"value": "v" * 2_000}, True),
        ({"value": "v" * 2_001}, False),
        ({"url": "u" * 3_000}, True),
        ({"url": "u" * 3_001}, False),
        ({"value": "v" * 2_000, "url": "u" * 3_001}, False),
        ({"value": "🟢" * 1_001}, False),
    ],
    ids=["value", "value too long", "address", "address too long", "only the address too long", "counted twice"],
)
def test_a_button_is_left_out_rather_than_do_something_else(changed: Element, *, stays: bool) -> None:
    assert (fit_element(button(**changed)) is not None) is stays


def test_a_button_without_words_shows_a_dash_and_one_without_value_has_none() -> None:
    found = fitted(button(text=text(""), value=""))

    assert found["text"] == {"type": "plain_text", "text": "-", "emoji": False}
    assert "value" not in found


def test_a_button_keeps_its_words_label_and_dialog_up_to_their_limits() -> None:
    asks = {"title": text("t" * 101), "text": text("x" * 301), "confirm": text("y" * 31), "deny": text("n" * 31)}

    found = fitted(button(text=text("b" * 76), accessibility_label="l" * 76, confirm={**asks, "style": "danger"}))

    assert found["text"]["text"] == "b" * 73 + "…"
    assert found["accessibility_label"] == "l" * 73 + "…"
    assert {key: len(found["confirm"][key]["text"]) for key in asks} == {
        "title": 99,
        "text": 299,
        "confirm": 29,
        "deny": 29,
    }
    assert found["confirm"]["style"] == "danger"
    assert fitted(button())["value"] == "core-sw1"


@pytest.mark.parametrize(("label", "said"), [("Run it", "Run it"), ("\u202e", "Run")])
def test_a_label_that_says_nothing_is_that_of_the_button(label: str, said: str) -> None:
    assert fitted(button(accessibility_label=label))["accessibility_label"] == said


@pytest.mark.parametrize(("value", "stays"), [("", False), ("v", True), ("v" * 150, True), ("v" * 151, False)])
def test_an_option_is_left_out_whose_value_does_not_fit(value: str, *, stays: bool) -> None:
    assert (fit_option(option(value)) is not None) is stays


@pytest.mark.parametrize(
    ("more", "described"),
    [
        ({}, None),
        ({"description": text("d" * 75)}, "d" * 75),
        ({"description": text("d" * 76)}, "d" * 73 + "…"),
        ({"description": text("\u200b")}, None),
    ],
    ids=["without", "as it is", "cut", "nothing to see"],
)
def test_an_option_is_described_in_words_that_can_be_seen(more: Element, described: str | None) -> None:
    found = fit_option(option("v", "t" * 76, **more))

    assert found is not None
    assert found["text"]["text"] == "t" * 73 + "…"
    assert found.get("description", {}).get("text") == described


@pytest.mark.parametrize(
    ("kind", "most"),
    [("static_select", 100), ("multi_static_select", 100), ("overflow", 5), ("checkboxes", 10), ("radio_buttons", 10)],
)
def test_a_menu_has_as_many_options_as_its_kind_takes_each_value_once(kind: str, most: int) -> None:
    options = [option(str(number)) for number in range(150)]

    found = fitted({"type": kind, "action_id": "a", "options": [options[0], *options]})

    assert [one["value"] for one in found["options"]] == [str(number) for number in range(most)]
    assert fit_element({"type": kind, "action_id": "a", "options": []}) is None
    assert fit_element({"type": kind, "action_id": "a", "options": [option("")]}) is None


def test_what_is_chosen_at_first_is_left_out_where_it_does_not_fit() -> None:
    menu = {"type": "static_select", "action_id": "a", "options": [option("v")]}
    boxes = {"type": "checkboxes", "action_id": "a", "options": [option("v")]}

    assert fitted({**menu, "initial_option": option("v")})["initial_option"]["value"] == "v"
    assert "initial_option" not in fitted({**menu, "initial_option": option("")})
    assert len(fitted({**boxes, "initial_options": [option("v"), option("")]})["initial_options"]) == 1
    assert "initial_options" not in fitted({**boxes, "initial_options": [option("")]})


def test_a_menu_that_is_filled_while_somebody_types_needs_no_options() -> None:
    menu = {"type": "external_select", "action_id": "a", "min_query_length": 0, "placeholder": text("p" * 151)}

    found = fitted(menu)

    assert found["min_query_length"] == 0
    assert found["placeholder"]["text"] == "p" * 148 + "…"
    assert "placeholder" not in fitted({**menu, "placeholder": None})


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("plain_text_input", "x" * 3_000, "x" * 3_000),
        ("plain_text_input", "x" * 3_001, "x" * 2_998 + "…"),
        ("number_input", "5", "5"),
        ("timepicker", "", None),
        ("users_select", None, None),
    ],
)
def test_a_field_holds_what_was_entered_before_if_anything(kind: str, value: str | None, kept: str | None) -> None:
    given = {"type": kind, "action_id": "a"} | ({} if value is None else {"initial_value": value})

    assert fitted(given).get("initial_value") == kept


def test_a_time_that_is_not_chosen_yet_is_left_out_and_a_switch_that_is_off_is_not() -> None:
    found = fitted({"type": "number_input", "action_id": "a", "initial_time": "", "is_decimal_allowed": False, "x": ""})

    assert found == {"type": "number_input", "action_id": "a", "is_decimal_allowed": False, "x": ""}


@pytest.mark.parametrize("kind", ["hologram", None])
def test_an_element_of_an_unknown_kind_is_left_out(kind: str | None) -> None:
    assert fit_element({"type": kind, "action_id": "a"}) is None


def test_plain_words_are_one_line_and_never_empty() -> None:
    assert plain_object("a\n b", 10) == {"type": "plain_text", "text": "a b", "emoji": False}
    assert plain_object("  ", 10)["text"] == "-"


@pytest.mark.parametrize(("given", "sent"), [("core\u200b-sw1", "core-sw1"), ("a\x00b", "ab"), ("\ud800x", "\ufffdx")])
def test_a_value_is_cleaned_like_a_text(given: str, sent: str) -> None:
    button = fit_element({"type": "button", "text": {"text": "Show"}, "action_id": "do:show", "value": given})
    option = fit_option({"text": {"text": "a device"}, "value": given})

    assert button is not None
    assert option is not None
    assert (button["value"], option["value"]) == (sent, sent)
    assert fit_option({"text": {"text": "nothing"}, "value": "\u200b"}) is None
