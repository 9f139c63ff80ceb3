"""The table of views: what the local Slack takes and refuses, and answers to option requests."""

from __future__ import annotations

import pytest

from demo.slack import Refused
from demo.slack.blocks.contents import check_options, check_view
from tests.demo.slack.calls import Body, button, modal, option, section, text, text_input

RAW = {"type": "raw_text", "text": "x"}


def select(kind: str = "static_select", **more: object) -> Body:
    return {"type": kind, "action_id": "pick", **more}


GOOD_VIEWS = {
    "inputs": modal(
        text_input("a", max_length=3000, focus_on_load=True),
        {
            "type": "input",
            "label": text(),
            "element": {"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "max_value": "9"},
        },
        {"type": "input", "label": text(), "element": {"type": "email_text_input"}, "optional": True},
        {"type": "input", "label": text(), "element": {"type": "file_input", "max_files": 3}},
        {"type": "input", "label": text(), "element": select("multi_external_select"), "dispatch_action": True},
    ),
    "alert": modal({"type": "alert", "text": text("x" * 200), "level": "warning"}),
    "hundred blocks": modal(*[{"type": "divider"}] * 100, private_metadata="x" * 3000, callback_id="x" * 255),
    "long text": modal(*[section("x" * 3000)] * 5),
    "home": {"type": "home", "blocks": [section(), text_input("a")]},
}


@pytest.mark.parametrize("view", GOOD_VIEWS.values(), ids=GOOD_VIEWS.keys())
def test_good_views_are_taken(view: Body) -> None:
    checked = check_view(view, view["type"])

    assert len(checked["blocks"]) == len(view["blocks"])


BAD_VIEWS = {
    "101 blocks": (modal(*[{"type": "divider"}] * 101), "no more than 100"),
    "title too long": (modal(section()) | {"title": text("x" * 25)}, "must be less than 25"),
    "submit too long": (modal(section()) | {"submit": text("x" * 25)}, "must be less than 25"),
    "title in mrkdwn": (modal(section()) | {"title": text("x", "mrkdwn")}, "mrkdwn is not allowed"),
    "private metadata": (modal(section(), private_metadata="x" * 3001), "must be less than 3001"),
    "callback id": (modal(section(), callback_id="x" * 256), "must be less than 256"),
    "unknown key": (modal(section(), colour="red"), "no more fields allowed: colour"),
    "table": (modal({"type": "table", "rows": [[RAW]]}), "table is not allowed in a modal"),
    "alert too long": (modal({"type": "alert", "text": text("x" * 201)}), "must be less than 201"),
    "two focused": (
        modal(text_input("a", focus_on_load=True), text_input("b", focus_on_load=True)),
        "only one element",
    ),
    "button in an input": (
        modal({"type": "input", "label": text(), "element": button("a")}),
        "button is not allowed here",
    ),
    "label too long": (modal(text_input("a") | {"label": text("x" * 2001)}), "must be less than 2001"),
    "lengths crossed": (modal(text_input("a", min_length=5, max_length=4)), "min_length must not be greater"),
    "a home as modal": ({"type": "home", "blocks": []}, "must be one of modal"),
}


@pytest.mark.parametrize(("view", "rule"), BAD_VIEWS.values(), ids=BAD_VIEWS.keys())
def test_bad_modals_are_refused_with_the_rule(view: Body, rule: str) -> None:
    with pytest.raises(Refused, match=rule) as caught:
        check_view(view, "modal")

    assert caught.value.code == "invalid_arguments"


def test_a_modal_with_an_input_needs_a_submit_button() -> None:
    view = modal(text_input("a"))
    del view["submit"]

    with pytest.raises(Refused, match="submit is required"):
        check_view(view, "modal")


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        pytest.param({"options": [option(str(n)) for n in range(101)]}, "no more than 100", id="101 options"),
        pytest.param({}, "exactly one of", id="nothing"),
        pytest.param({"options": [{"text": text("x", "mrkdwn"), "value": "1"}]}, "mrkdwn", id="mrkdwn"),
        pytest.param({"options": [option("1")], "option_groups": []}, "exactly one of", id="both"),
    ],
)
def test_bad_answers_to_an_option_request_are_refused(answer: Body, rule: str) -> None:
    with pytest.raises(Refused, match=rule):
        check_options(answer)
