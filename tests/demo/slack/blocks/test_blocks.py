"""The table of blocks: what the local Slack takes and what it refuses, with the rule it names."""

from __future__ import annotations

import pytest

from demo.slack import Message, plain
from demo.slack.blocks.contents import check_message_blocks
from tests.demo.slack.calls import Body, actions, button, option, rich, section, text

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


GOOD_MESSAGE = {
    "section": [section("x" * 3000)],
    "section with fields": [{"type": "section", "fields": [text("x" * 2000)] * 5}],
    "section with accessory": [section(accessory=button("a", value="v" * 2000, style="danger"))],
    "divider": [{"type": "divider"}],
    "header": [{"type": "header", "text": text("x" * 150)}],
    "image": [{"type": "image", "image_url": URL, "alt_text": "a chart", "title": text("chart")}],
    "image of an uploaded file": [{"type": "image", "slack_file": {"id": "F1"}, "alt_text": "a chart"}],
    "context": [{"type": "context", "elements": [text("a"), text("b", "mrkdwn")]}],
    "context with image": [{"type": "context", "elements": [{"type": "image", "image_url": URL, "alt_text": "x"}]}],
    "twenty-five buttons": [actions(*(button(f"b{n}") for n in range(25)))],
    "same action id in two blocks": [actions(button("go")), actions(button("go"))],
    "confirm": [
        actions(button("a", confirm={"title": text(), "text": text(), "confirm": text("Yes"), "deny": text("No")}))
    ],
    "static select": [actions(select(options=[option(str(n)) for n in range(100)], initial_option=option("1")))],
    "option groups": [actions(select(option_groups=[{"label": text("A"), "options": [option("1")]}]))],
    "external select": [actions(select("external_select", min_query_length=0))],
    "multi select in a section": [section(accessory=select("multi_static_select", options=[option("1")]))],
    "overflow": [section(accessory={"type": "overflow", "action_id": "o", "options": [option("a")] * 1})],
    "pickers": [
        actions(
            {"type": "datepicker", "action_id": "d", "initial_date": "2026-03-02"},
            {"type": "timepicker", "action_id": "t", "initial_time": "23:59", "timezone": "Europe/Berlin"},
            {"type": "datetimepicker", "action_id": "dt", "initial_date_time": 1_772_000_000},
        )
    ],
    "checkboxes": [actions({"type": "checkboxes", "action_id": "c", "options": [option("1")]})],
    "users, channels, conversations": [
        actions(
            {"type": "users_select", "action_id": "u"},
            {"type": "channels_select", "action_id": "c"},
            {"type": "conversations_select", "action_id": "v", "filter": {"include": ["private"]}},
        )
    ],
    "context actions": [
        {
            "type": "context_actions",
            "elements": [
                {"type": "icon_button", "icon": "trash", "text": text("Delete"), "action_id": "i"},
                {
                    "type": "feedback_buttons",
                    "action_id": "f",
                    "positive_button": {"text": text("Good"), "value": "+"},
                    "negative_button": {"text": text("Bad"), "value": "-"},
                },
            ],
        }
    ],
    "markdown": [{"type": "markdown", "text": "x" * 12_000}],
    "rich text": [rich(RUN, {"type": "user", "user_id": "U1"}, {"type": "emoji", "name": "wave"})],
    "rich text code": [rich({"type": "text", "text": "interface <x>"}, kind="rich_text_preformatted")],
    "rich text list": [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "elements": [{"type": "rich_text_section", "elements": [RUN]}],
                }
            ],
        }
    ],
    "table": [table([[RAW, {"type": "raw_number", "value": 3, "text": "3"}, rich(RUN)]] * 100)],
    "table settings": [table([[RAW, RAW]], column_settings=[None, {"align": "right", "is_wrapped": True}])],
    "data table": [data_table([[RAW]] * 101, page_size=20, row_header_column_index=0)],
    "line chart": [chart(**LINES)],
    "pie chart": [chart(**PIE)],
    "task card": [TASK | {"details": rich(RUN), "sources": [{"type": "url", "url": URL, "text": "log"}]}],
    "plan": [{"type": "plan", "title": "Backup", "tasks": [TASK]}],
    "card": [CARD],
    "carousel": [{"type": "carousel", "elements": [CARD] * 10}],
    "container": [container(section(), TASK, is_collapsible=True, default_collapsed=True)],
    "video": [{"type": "video", "alt_text": "x", "video_url": URL, "thumbnail_url": URL, "title": text("how to")}],
    "remote file": [{"type": "file", "external_id": "x", "source": "remote"}],
    "call": [{"type": "call", "call_id": "R1"}],
    "fifty blocks": [{"type": "divider"}] * 50,
    "no blocks": [],
    "workflow button": [actions({"type": "workflow_button", "text": text(), "workflow": {"trigger": {"url": URL}}})],
}


@pytest.mark.parametrize("blocks", GOOD_MESSAGE.values(), ids=GOOD_MESSAGE.keys())
def test_good_blocks_are_taken_and_given_ids(blocks: list[Body]) -> None:
    stored = check_message_blocks(blocks)

    assert len(stored) == len(blocks)
    assert len({one["block_id"] for one in stored}) == len(blocks)


@pytest.mark.parametrize("blocks", GOOD_MESSAGE.values(), ids=GOOD_MESSAGE.keys())
def test_every_kind_of_block_can_be_written_as_plain_text(blocks: list[Body]) -> None:
    message = Message("C1", "1.0", "U0", "fallback", blocks=check_message_blocks(blocks))

    written = plain(message)

    assert written
    assert "(" not in written or "call" in written or "file" in written or "video" in written
