"""Modals and the Home tab: what Slack wants around their blocks."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import TemplateNotFound

from notifications.home.sections import HomeSection
from notifications.rendering.form_fields import Field, FieldKind
from notifications.rendering.renderer import Content, Renderer

RENDERER = Renderer()
NOTE = Field(name="note", kind=FieldKind.TEXT, label="Note")


def words_of(view: dict[str, Any]) -> dict[str, str]:
    return {name: view[name]["text"] for name in ("title", "submit", "close") if name in view}


def test_a_modal_with_something_to_enter_can_be_sent_or_cancelled() -> None:
    context = {"device": "core-sw1", "run": 7, "fields": [NOTE], "sentence": "", "review": None, "is_new": False}

    view = RENDERER.view("review_form", context, callback="review", metadata="7")

    assert words_of(view) == {"title": "Review", "submit": "Reviewed", "close": "Cancel"}
    assert (view["type"], view["callback_id"], view["private_metadata"]) == ("modal", "review", "7")
    assert [block["type"] for block in view["blocks"]] == ["section", "input"]


@pytest.mark.parametrize(("title", "shown"), [("t" * 24, "t" * 24), ("t" * 25, "t" * 22 + "…"), ("", "-")])
def test_a_modal_with_nothing_to_enter_can_only_be_closed_and_its_title_is_short(title: str, shown: str) -> None:
    view = RENDERER.view("form_message", {"title": title, "line": "Wait."}, callback="c", metadata="")

    assert words_of(view) == {"title": shown, "close": "Close"}
    assert view["title"]["type"] == "plain_text"


def test_a_message_carries_its_text_and_its_blocks() -> None:
    assert Content("a", [{"type": "divider"}]).as_payload() == {"text": "a", "blocks": [{"type": "divider"}]}


def test_a_template_that_is_not_there_is_an_error() -> None:
    with pytest.raises(TemplateNotFound):
        RENDERER.render("no_such_message", {})


@pytest.mark.parametrize(("sections", "blocks"), [(60, 62), (98, 100), (99, 100), (400, 100)])
def test_the_home_tab_may_be_twice_as_long_as_a_message(sections: int, blocks: int) -> None:
    some = [HomeSection(title="Failing")] * sections
    context = {"slash": "/backup", "advice": "", "sections": some, "buttons": (), "at": None}

    home = RENDERER.home("home", context)

    assert (home["type"], len(home["blocks"])) == ("home", blocks)
