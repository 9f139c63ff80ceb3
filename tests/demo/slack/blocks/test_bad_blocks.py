"""The table of bad blocks: each is refused with the rule it breaks."""

from __future__ import annotations

from typing import Any

import pytest

from demo.slack import Refused
from demo.slack.blocks.contents import check_message_blocks
from tests.demo.slack.calls import Body, actions, button, option, rich, section, text, text_input

URL = "https://example.com/a.png"
CARD = {"type": "card", "title": text("Core"), "actions": [button("open")]}
TASK = {"type": "task_card", "task_id": "1", "title": "core-sw1", "status": "in_progress"}
RUN = {"type": "text", "text": "x"}
RAW = {"type": "raw_text", "text": "x"}
SERIES = {"name": "ok", "data": [{"label": "Mon", "value": 3}]}
LINES = {"type": "line", "series": [SERIES], "axis_config": {"categories": ["Mon"]}}
PIE = {"type": "pie", "segments": [{"label": "ok", "value": 3}]}


def chart(**shape: object) -> Body:
    return {"type": "data_visualization", "title": "Runs", "chart": shape}


def table(rows: list[list[Body]], **more: object) -> Body:
    return {"type": "table", "rows": rows, **more}


def data_table(rows: list[list[Body]], **more: object) -> Body:
    return {"type": "data_table", "caption": "Jobs", "rows": rows, **more}


def container(*blocks: Body, **more: object) -> Body:
    return {"type": "container", "title": text("Plant A"), "child_blocks": list(blocks), **more}


def select(kind: str = "static_select", **more: object) -> Body:
    return {"type": kind, "action_id": "pick", **more}


def in_actions(element: Body) -> Body:
    return actions(element)


BAD_MESSAGE: dict[str, tuple[list[Any], str]] = {
    "51 blocks": ([{"type": "divider"}] * 51, "no more than 50 items"),
    "unknown block": ([{"type": "sektion"}], "unsupported type: 'sektion'"),
    "no type": ([{"text": text()}], "missing required field: type"),
    "a block that is text": (["hello"], "must be an object, not string"),
    "unknown key": ([section(colour="red")], "no more fields allowed: colour"),
    "section without text": ([{"type": "section"}], "at least one of text, fields"),
    "section text empty": ([section("")], "must be more than 0 characters"),
    "section text too long": ([section("x" * 3001)], "must be less than 3001 characters"),
    "text is a number": ([{"type": "section", "text": {"type": "mrkdwn", "text": 5}}], "must be a string, not number"),
    "text is a string": ([{"type": "section", "text": "hi"}], "must be an object, not string"),
    "field too long": ([{"type": "section", "fields": [text("x" * 2001)]}], "must be less than 2001"),
    "eleven fields": ([{"type": "section", "fields": [text()] * 11}], "no more than 10 items"),
    "accessory is text input": (
        [section(accessory=text_input("b")["element"])],
        "plain_text_input is not allowed here",
    ),
    "header in mrkdwn": ([{"type": "header", "text": text("x", "mrkdwn")}], "text of type mrkdwn is not allowed"),
    "header too long": ([{"type": "header", "text": text("x" * 151)}], "must be less than 151"),
    "header empty": ([{"type": "header", "text": text("")}], "must be more than 0"),
    "image without alt text": ([{"type": "image", "image_url": URL}], "missing required field: alt_text"),
    "image from two sources": (
        [{"type": "image", "image_url": URL, "slack_file": {"id": "F1"}, "alt_text": "x"}],
        "exactly one of image_url, slack_file",
    ),
    "image address": ([{"type": "image", "image_url": "not an address", "alt_text": "x"}], "valid absolute URL"),
    "eleven context elements": ([{"type": "context", "elements": [text()] * 11}], "no more than 10"),
    "no context elements": ([{"type": "context", "elements": []}], "no fewer than 1"),
    "button in context": ([{"type": "context", "elements": [button("a")]}], "unsupported type: 'button'"),
    "26 buttons": ([actions(*(button(f"b{n}") for n in range(26)))], "no more than 25"),
    "no buttons": ([actions()], "no fewer than 1"),
    "twice the same action id": ([actions(button("go"), button("go"))], '`action_id` "go" already exists'),
    "twice the same block id": ([section(block_id="a"), section(block_id="a")], '`block_id` "a" already exists'),
    "block id too long": ([section(block_id="x" * 256)], "must be less than 256"),
    "block id empty": ([section(block_id="")], "must be more than 0"),
    "action id too long": ([actions(button("x" * 256) | {"text": text()})], "must be less than 256"),
    "button text too long": ([actions(button("a") | {"text": text("x" * 76)})], "must be less than 76"),
    "button text in mrkdwn": ([actions(button("a") | {"text": text("x", "mrkdwn")})], "mrkdwn is not allowed"),
    "button value too long": ([actions(button("a", value="x" * 2001))], "must be less than 2001"),
    "button value a number": ([actions(button("a", value=7))], "must be a string, not number"),
    "button style": ([actions(button("a", style="blue"))], "must be one of primary, danger"),
    "button url": ([actions(button("a", url="https://x/" + "x" * 3000))], "must be less than 3001"),
    "button label": ([actions(button("a", accessibility_label="x" * 76))], "must be less than 76"),
    "confirm without deny": (
        [actions(button("a", confirm={"title": text(), "text": text(), "confirm": text()}))],
        "missing required field: deny",
    ),
    "confirm title too long": (
        [actions(button("a", confirm={"title": text("x" * 101), "text": text(), "confirm": text(), "deny": text()}))],
        "must be less than 101",
    ),
    "101 options": ([actions(select(options=[option(str(n)) for n in range(101)]))], "no more than 100"),
    "no options": ([actions(select(options=[]))], "no fewer than 1"),
    "options and groups": (
        [actions(select(options=[option("1")], option_groups=[{"label": text(), "options": [option("1")]}]))],
        "exactly one of options, option_groups",
    ),
    "option text too long": ([actions(select(options=[{"text": text("x" * 76), "value": "1"}]))], "less than 76"),
    "option value too long": ([actions(select(options=[{"text": text(), "value": "x" * 151}]))], "less than 151"),
    "option without value": ([actions(select(options=[{"text": text()}]))], "missing required field: value"),
    "option values twice": ([actions(select(options=[option("1"), option("1")]))], "option values must be unique"),
    "initial option not offered": (
        [actions(select(options=[option("1")], initial_option=option("2")))],
        "initial_option must be among the options",
    ),
    "multi select in actions": (
        [actions(select("multi_static_select", options=[option("1")]))],
        "multi_static_select is not allowed here",
    ),
    "six overflow options": (
        [section(accessory={"type": "overflow", "options": [option(str(n)) for n in range(6)]})],
        "no more than 5",
    ),
    "eleven checkboxes": (
        [actions({"type": "checkboxes", "options": [option(str(n)) for n in range(11)]})],
        "no more than 10",
    ),
    "eleven radio buttons": (
        [actions({"type": "radio_buttons", "options": [option(str(n)) for n in range(11)]})],
        "no more than 10",
    ),
    "date": ([actions({"type": "datepicker", "initial_date": "2.3.2026"})], "YYYY-MM-DD"),
    "time": ([actions({"type": "timepicker", "initial_time": "24:00"})], "HH:mm"),
    "placeholder too long": (
        [actions(select("external_select", placeholder=text("x" * 151)))],
        "must be less than 151",
    ),
    "icon": (
        [{"type": "context_actions", "elements": [{"type": "icon_button", "icon": "fire", "text": text()}]}],
        "must be one of trash",
    ),
    "six context actions": (
        [
            {
                "type": "context_actions",
                "elements": [{"type": "icon_button", "icon": "trash", "text": text()} for _ in range(6)],
            }
        ],
        "no more than 5",
    ),
    "markdown too long": ([{"type": "markdown", "text": "x" * 12_001}], "must be less than 12001"),
    "markdown too long together": (
        [{"type": "markdown", "text": "x" * 6001}, {"type": "markdown", "text": "x" * 6000}],
        "no more than 12000 characters allowed over all markdown blocks",
    ),
    "rich text run": ([rich({"type": "bold", "text": "x"})], "unsupported type: 'bold'"),
    "rich text without text": ([rich({"type": "text", "text": ""})], "must be more than 0"),
    "user in code": ([rich({"type": "user", "user_id": "U1"}, kind="rich_text_preformatted")], "not allowed here"),
    "101 rows": ([table([[RAW]] * 101)], "no more than 100"),
    "21 columns": ([table([[RAW] * 21])], "no more than 20"),
    "uneven rows": ([table([[RAW], [RAW, RAW]])], "same number of cells"),
    "empty cell": ([table([[{"type": "raw_text", "text": ""}]])], "must be more than 0"),
    "table too long": ([table([[{"type": "raw_text", "text": "x" * 10_001}]])], "no more than 10000 characters"),
    "tables too long together": (
        [table([[{"type": "raw_text", "text": "x" * 5001}]]), table([[{"type": "raw_text", "text": "x" * 5000}]])],
        "no more than 10000 characters allowed over all tables",
    ),
    "number without text": ([table([[{"type": "raw_number", "value": 1}]])], "missing required field: text"),
    "data table of a header": ([data_table([[RAW]])], "no fewer than 2"),
    "data table too long": ([data_table([[RAW]] * 102)], "no more than 101"),
    "data table without caption": ([{"type": "data_table", "rows": [[RAW], [RAW]]}], "required field: caption"),
    "data table page": ([data_table([[RAW]] * 2, page_size=101)], "between 1 and 100"),
    "rich header": ([data_table([[rich(RUN)], [RAW]])], "rich_text is not allowed in the header row"),
    "chart kind": ([chart(type="donut")], "unsupported type: 'donut'"),
    "chart points": (
        [chart(**LINES | {"axis_config": {"categories": ["Tue"]}})],
        "one point for each category",
    ),
    "seven slices": ([chart(type="pie", segments=[{"label": str(n), "value": 1} for n in range(7)])], "more than 6"),
    "empty slice": ([chart(type="pie", segments=[{"label": "a", "value": 0}])], "greater than 0"),
    "chart title": ([chart(**PIE) | {"title": "x" * 51}], "less than 51"),
    "three charts": ([chart(**PIE)] * 3, "no more than 2 data_visualization"),
    "task status": ([TASK | {"status": "done"}], "must be one of pending, in_progress, complete, error"),
    "card of nothing": ([{"type": "card", "subtitle": text()}], "at least one of hero_image"),
    "card body": ([CARD | {"body": text("x" * 201)}], "must be less than 201"),
    "eleven cards": ([{"type": "carousel", "elements": [CARD] * 11}], "no more than 10"),
    "eleven children": ([container(*[section()] * 11)], "no more than 10"),
    "container in container": ([container(container(section()))], "unsupported type|not allowed here"),
    "container title": ([container(section()) | {"title": text("x" * 151)}], "must be less than 151"),
    "collapsible and divider": ([container(section(), is_collapsible=True, has_header_divider=True)], "cannot be set"),
    "alert in a message": ([{"type": "alert", "text": text()}], "alert is not allowed in a message"),
    "video not https": (
        [
            {
                "type": "video",
                "alt_text": "x",
                "video_url": "http://example.com/v",
                "thumbnail_url": URL,
                "title": text(),
            }
        ],
        "valid absolute URL",
    ),
    "emoji flag": ([{"type": "header", "text": text() | {"emoji": "yes"}}], "must be a boolean"),
    "emoji in mrkdwn": ([{"type": "section", "text": text("x", "mrkdwn") | {"emoji": True}}], "no more fields"),
}


@pytest.mark.parametrize(("blocks", "rule"), BAD_MESSAGE.values(), ids=BAD_MESSAGE.keys())
def test_bad_blocks_are_refused_with_the_rule(blocks: list[Any], rule: str) -> None:
    with pytest.raises(Refused, match=rule) as caught:
        check_message_blocks(blocks)

    assert caught.value.code == "invalid_blocks"
    assert "json-pointer" in caught.value.rules[0]


def test_all_blocks_together_stay_under_thirteen_thousand_characters() -> None:
    good = [section("x" * 2600) for _ in range(5)]
    long = [*good, section("x")]

    assert len(check_message_blocks(good)) == 5
    with pytest.raises(Refused) as caught:
        check_message_blocks(long)
    assert caught.value.code == "msg_blocks_too_long"


@pytest.mark.parametrize("blocks", ["text", {"type": "divider"}, 5])
def test_blocks_that_are_no_list_are_refused(blocks: object) -> None:
    with pytest.raises(Refused) as caught:
        check_message_blocks(blocks)

    assert caught.value.code == "invalid_blocks_format"


def test_a_picture_that_was_never_uploaded_is_refused() -> None:
    with pytest.raises(Refused, match="invalid slack file"):
        check_message_blocks([{"type": "image", "slack_file": {"id": "F9"}, "alt_text": "x"}], files=lambda _: False)
