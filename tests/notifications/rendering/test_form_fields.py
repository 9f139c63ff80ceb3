"""The fields of a form as Slack shows them, and what a person has entered as Slack sends it."""

from __future__ import annotations

from typing import Any

import pytest

from notifications.rendering.buttons import (
    Confirm,
    accept_button,
    again_button,
    cancel_button,
    details_button,
    diff_button,
    review_button,
    trust_button,
)
from notifications.rendering.form_fields import Choice, Field, FieldKind, entered, field_errors
from tests.notifications.values import make_run

ONE, TWO = Choice(text="One", value="1"), Choice(text="Two", value="2")
OPTIONS = [{"text": {"type": "plain_text", "text": one.text}, "value": one.value} for one in (ONE, TWO)]


@pytest.mark.parametrize(
    ("kind", "given", "shown"),
    [
        (FieldKind.TEXT, {"value": "abc"}, {"initial_value": "abc"}),
        (FieldKind.NUMBER, {"value": "3"}, {"initial_value": "3", "is_decimal_allowed": False}),
        (FieldKind.TIME, {"value": "02:00"}, {"initial_time": "02:00"}),
        (FieldKind.TIME, {}, {}),
        (FieldKind.PERSON, {"value": "U1"}, {"initial_user": "U1"}),
        (FieldKind.ONE, {"choices": (ONE, TWO), "value": "2"}, {"options": OPTIONS, "initial_option": OPTIONS[1]}),
        (FieldKind.LIST, {"choices": (ONE, TWO)}, {"options": OPTIONS}),
        (FieldKind.LIST, {"choices": (ONE, TWO), "value": "3"}, {"options": OPTIONS}),
        (
            FieldKind.SEVERAL,
            {"choices": (ONE, TWO), "value": ("2", "1")},
            {"options": OPTIONS, "initial_options": OPTIONS},
        ),
        (FieldKind.SEVERAL, {"choices": (ONE, TWO), "value": ()}, {"options": OPTIONS}),
        (FieldKind.SEARCH, {"choices": (ONE,), "value": "1"}, {"min_query_length": 0, "initial_option": OPTIONS[0]}),
        (FieldKind.SEARCH, {}, {"min_query_length": 0}),
    ],
    ids=str,
)
def test_a_field_shows_what_stands_in_it(kind: FieldKind, given: dict[str, Any], shown: dict[str, Any]) -> None:
    field = Field(name="when", kind=kind, label="When", **given)

    assert field.element == {"type": kind.value, "action_id": "form:when"} | shown


def test_a_channel_is_chosen_among_those_of_this_organisation_that_are_no_direct_messages() -> None:
    element = Field(name="to", kind=FieldKind.CHANNEL, label="To", value="C1").element

    assert element["initial_conversation"] == "C1"
    assert element["filter"] == {
        "include": ["public", "private"],
        "exclude_bot_users": True,
        "exclude_external_shared_channels": True,
    }


def test_a_text_that_answers_at_once_does_so_as_it_is_typed_and_others_do_not() -> None:
    at_once, later = (Field(name="q", kind=FieldKind.TEXT, label="Q", answers=one).element for one in (True, False))

    assert at_once["dispatch_action_config"]["trigger_actions_on"] == ["on_enter_pressed", "on_character_entered"]
    assert "dispatch_action_config" not in later


def test_a_field_is_asked_for_and_quiet_unless_it_says_otherwise_and_another_turn_is_another_block() -> None:
    field = Field(name="q", kind=FieldKind.TEXT, label="Q", placeholder="type")

    assert (field.optional, field.answers, field.block) == (False, False, "q~0")
    assert Field(name="q", kind=FieldKind.TEXT, label="Q", turn=3).block == "q~3"
    assert field.element["placeholder"] == {"type": "plain_text", "text": "type"}
    assert "placeholder" not in Field(name="q", kind=FieldKind.TEXT, label="Q").element


@pytest.mark.parametrize(
    ("held", "value"),
    [
        ({"type": "plain_text_input", "value": "abc"}, "abc"),
        ({"type": "plain_text_input", "value": None}, ""),
        ({"type": "static_select", "selected_option": {"value": "2"}}, "2"),
        ({"type": "static_select", "selected_option": None}, ""),
        ({"type": "static_select", "selected_option": {}}, ""),
        ({"type": "checkboxes", "selected_options": [{"value": "1"}, {"value": "2"}]}, ("1", "2")),
        ({"type": "checkboxes", "selected_options": None}, ()),
        ({"type": "timepicker", "selected_time": "02:00"}, "02:00"),
        ({"type": "timepicker", "selected_time": None}, ""),
        ({"type": "conversations_select", "selected_conversation": "C1"}, "C1"),
        ({"type": "users_select", "selected_user": "U1"}, "U1"),
        ({}, ""),
    ],
    ids=str,
)
def test_what_was_entered_is_read_whatever_the_field(held: dict[str, Any], value: str | tuple[str, ...]) -> None:
    assert entered({"block": {"form:x": held, "do:other": {"value": "no field"}}}, typed=str) == {"x": value}


BLOCKS: list[dict[str, Any]] = [
    {"type": "section", "block_id": "head"},
    {"type": "input", "block_id": "name~0", "element": {"action_id": "form:name"}},
    {"type": "input", "block_id": "at~2", "element": {"action_id": "form:at"}},
]


@pytest.mark.parametrize(
    ("errors", "shown"),
    [
        ({"at": "No time."}, {"at~2": "No time."}),
        ({"site": "No site."}, {"name~0": "No site."}),
        ({"name": "No name.", "site": "No site."}, {"name~0": "No name. No site."}),
        ({"at": "Write `02:00` or `2:00`."}, {"at~2": "Write “02:00” or “2:00”."}),
        ({"at": "x" * 200}, {"at~2": "x" * 200}),
        ({"at": "x" * 201}, {"at~2": "x" * 198 + "…"}),
        ({"at": " "}, {"at~2": "-"}),
        ({}, {}),
    ],
    ids=lambda one: str(one)[:40],
)
def test_a_mistake_is_shown_beside_its_field_or_the_first(errors: dict[str, str], shown: dict[str, str]) -> None:
    assert field_errors(BLOCKS, errors) == shown


def test_each_button_of_a_run_is_a_command_and_says_what_it_acts_on() -> None:
    run = make_run()
    buttons = {
        details_button(run): ("do:run", "123", ""),
        again_button("core-sw1"): ("do:now", "core-sw1", ""),
        cancel_button(run): ("do:cancel", "123", "danger"),
        trust_button("core-sw1"): ("do:trust", "core-sw1", ""),
        accept_button("core-sw1"): ("do:now#accept", "core-sw1 accept-smaller", ""),
        review_button(123, "core-sw1"): ("do:review", "#123", ""),
        diff_button(run): ("do:diff", "core-sw1 #123", ""),
    }

    assert {(one.action, one.value, one.style) for one in buttons} == set(buttons.values())
    assert all("core-sw1" in one.label for one in buttons)
    assert [one.action for one in buttons if isinstance(one.confirm, Confirm)] == ["do:now#accept"]
