"""Every block, by type: its keys, its limits, and the surfaces it may stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from demo.slack.blocks import limits
from demo.slack.blocks.charts import CHART
from demo.slack.blocks.elements import ELEMENTS, IN_ACTIONS, IN_INPUT, IN_SECTION, element
from demo.slack.blocks.rich_text import RICH_TEXT_ELEMENTS, RICH_TEXT_VALUE, table_cell
from demo.slack.blocks.rules import Shape, anything, array, boolean, by_type, choice, either, integer, some, string, url
from demo.slack.blocks.texts import any_text, block_id, plain_text, slack_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.slack.blocks.rules import Cross, Rule, Sheet

_EVERYWHERE: Final = ("message", "modal", "home")
_SURFACES: Final[Mapping[str, tuple[str, ...]]] = {
    "alert": ("modal",),
    "auth_provider": ("home",),
    "call": ("message",),
    "card": ("message",),
    "carousel": ("message",),
    "container": ("message", "home"),
    "context_actions": ("message",),
    "data_table": ("message",),
    "data_visualization": ("message",),
    "file": ("message",),
    "markdown": ("message",),
    "plan": ("message",),
    "table": ("message",),
    "task_card": ("message",),
}
_HTTPS: Final = url(limits.URL, schemes=("https",))


def _block(required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None, *together: Cross) -> Shape:
    return Shape({"type": anything, **required}, {"block_id": block_id, **(optional or {})}, together)


def _table_rows(value: dict[str, Any], at: str, sheet: Sheet) -> None:
    rows = [row for row in _list(value.get("rows")) if isinstance(row, list)]
    if len({len(row) for row in rows}) > 1:
        sheet.note("all rows must have the same number of cells", f"{at}/rows")
    if sheet.table_characters > limits.TABLE_CHARACTERS:
        sheet.note(f"no more than {limits.TABLE_CHARACTERS} characters allowed over all tables", f"{at}/rows")


def _header_row(value: dict[str, Any], at: str, sheet: Sheet) -> None:
    first: object = next(iter(_list(value.get("rows"))), [])
    if any(isinstance(cell, dict) and cell.get("type") == "rich_text" for cell in _list(first)):
        sheet.note("rich_text is not allowed in the header row", f"{at}/rows/0")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _markdown(value: dict[str, Any], at: str, sheet: Sheet) -> None:
    text = value.get("text")
    sheet.markdown_characters += len(text) if isinstance(text, str) else 0
    if sheet.markdown_characters > limits.MARKDOWN:
        sheet.note(f"no more than {limits.MARKDOWN} characters allowed over all markdown blocks", f"{at}/text")


def _dispatching_input(value: dict[str, Any], at: str, sheet: Sheet) -> None:
    inner = value.get("element")
    if value.get("dispatch_action") is True and isinstance(inner, dict) and inner.get("type") == "file_input":
        sheet.note("dispatch_action is not allowed for file_input", f"{at}/dispatch_action")


def _collapsing(value: dict[str, Any], at: str, sheet: Sheet) -> None:
    if value.get("is_collapsible") is True and value.get("has_header_divider") is True:
        sheet.note("has_header_divider cannot be set when is_collapsible is true", at)
    if value.get("default_collapsed") is True and value.get("is_collapsible") is not True:
        sheet.note("default_collapsed requires is_collapsible", at)


def _chart_count(_value: dict[str, Any], at: str, sheet: Sheet) -> None:
    sheet.charts += 1
    if sheet.charts > limits.CHARTS:
        sheet.note(f"no more than {limits.CHARTS} data_visualization blocks allowed", at)


_CONTEXT_PART: Final = by_type(
    {
        "image": ELEMENTS["image"],
        "plain_text": plain_text(limits.SECTION_TEXT),
        "mrkdwn": any_text(limits.SECTION_TEXT),
    },
    what="context element",
)
_PICTURE: Final = element(("image",))
_SETTINGS: Final = Shape({}, {"align": choice("left", "center", "right"), "is_wrapped": boolean})


def _column_setting(value: object, at: str, sheet: Sheet) -> None:
    if value is not None:  # null skips a column
        _SETTINGS(value, at, sheet)


_ROW: Final = array(table_cell, most=limits.TABLE_COLUMNS)
_CARD: Final = _block(
    {},
    {
        "hero_image": _PICTURE,
        "icon": _PICTURE,
        "title": any_text(limits.CARD_TITLE),
        "subtitle": any_text(limits.CARD_TITLE),
        "body": any_text(limits.CARD_BODY),
        "actions": array(element(("button",)), most=limits.ACTIONS),
    },
    some("hero_image", "title", "actions", "body"),
)
_TASK: Final = _block(
    {
        "task_id": string(limits.ID),
        "title": string(limits.TASK_TITLE, counted=True),
        "status": choice("pending", "in_progress", "complete", "error"),
    },
    {
        "details": RICH_TEXT_VALUE,
        "output": RICH_TEXT_VALUE,
        "sources": array(
            Shape({"type": choice("url"), "url": url(limits.URL), "text": string(limits.IMAGE_TEXT)}), most=100
        ),
    },
)


def _carousel_card(value: object, at: str, sheet: Sheet) -> None:
    sheet.action_ids = set()  # a card is a block of its own
    by_type({"card": _CARD}, what="carousel element")(value, at, sheet)


BLOCKS: Final[dict[str, Rule]] = {
    "section": _block(
        {},
        {
            "text": any_text(limits.SECTION_TEXT),
            "fields": array(any_text(limits.SECTION_FIELD), most=limits.SECTION_FIELDS),
            "accessory": element(IN_SECTION),
            "expand": boolean,
        },
        some("text", "fields"),
    ),
    "divider": _block({}),
    "header": _block({"text": plain_text(limits.HEADER)}, {"level": integer(1, 4)}),
    "image": _block(
        {"alt_text": string(limits.IMAGE_TEXT)},
        {"image_url": url(limits.URL), "slack_file": slack_file, "title": plain_text(limits.IMAGE_TEXT)},
        either("image_url", "slack_file"),
    ),
    "context": _block({"elements": array(_CONTEXT_PART, most=limits.CONTEXT)}),
    "actions": _block({"elements": array(element(IN_ACTIONS), most=limits.ACTIONS)}),
    "context_actions": _block(
        {"elements": array(element(("feedback_buttons", "icon_button")), most=limits.CONTEXT_ACTIONS)}
    ),
    "input": _block(
        {"label": plain_text(limits.LABEL), "element": element(IN_INPUT)},
        {"hint": plain_text(limits.LABEL), "optional": boolean, "dispatch_action": boolean},
        _dispatching_input,
    ),
    "file": _block({"external_id": string(limits.ID), "source": choice("remote")}),
    "call": _block({"call_id": string(limits.ID)}, {"api_decoration_available": boolean, "call": anything}),
    "markdown": _block({"text": string(limits.MARKDOWN, counted=True)}, None, _markdown),
    "video": _block(
        {
            "alt_text": string(limits.IMAGE_TEXT),
            "video_url": _HTTPS,
            "thumbnail_url": url(limits.URL),
            "title": plain_text(limits.VIDEO_TITLE - 1),  # "less than 200"
        },
        {
            "title_url": _HTTPS,
            "description": plain_text(limits.VIDEO_TITLE - 1),
            "provider_icon_url": url(limits.URL),
            "provider_name": string(limits.VIDEO_AUTHOR - 1),
            "author_name": string(limits.VIDEO_AUTHOR - 1),
        },
    ),
    "rich_text": _block({"elements": RICH_TEXT_ELEMENTS}),
    "table": _block(
        {"rows": array(_ROW, most=limits.TABLE_ROWS)},
        {"column_settings": array(_column_setting, most=limits.TABLE_COLUMNS)},
        _table_rows,
    ),
    "data_table": _block(
        {"rows": array(_ROW, most=limits.DATA_ROWS, least=2), "caption": string(counted=True)},
        {
            "page_size": integer(1, limits.DATA_PAGE),
            "row_header_column_index": integer(0, limits.TABLE_COLUMNS - 1),
        },
        _table_rows,
        _header_row,
    ),
    "data_visualization": _block(
        {"title": string(limits.CHART_TITLE, counted=True), "chart": CHART}, None, _chart_count
    ),
    "task_card": _TASK,
    "plan": _block({"title": string(limits.PLAN_TITLE, counted=True)}, {"tasks": array(_TASK, most=limits.TASKS)}),
    "alert": _block(
        {"text": any_text(limits.ALERT)}, {"level": choice("default", "info", "warning", "error", "success")}
    ),
    "card": _CARD,
    "carousel": _block({"elements": array(_carousel_card, most=limits.CARDS)}),
    "auth_provider": _block(
        {"value": string(limits.CONNECTED), "name": plain_text(limits.CONNECTED_NAME), "is_connected": boolean},
        {
            "description": plain_text(limits.CONNECTED),
            "icon_url": _HTTPS,
            "auth_url": _HTTPS,
            "disconnect_url": _HTTPS,
            "connected_identity": plain_text(limits.CONNECTED_NAME),
            "connected_context": plain_text(limits.CONNECTED_NAME),
            "accessory": element(("overflow",)),
            "fallback": anything,
        },
    ),
}
_IN_CONTAINER: Final = tuple(name for name in BLOCKS if name not in ("carousel", "input", "alert", "auth_provider"))


def _child(value: object, at: str, sheet: Sheet) -> None:
    sheet.action_ids = set()
    by_type(BLOCKS, _IN_CONTAINER, what="child block")(value, at, sheet)


BLOCKS["container"] = _block(
    {"child_blocks": array(_child, most=limits.CONTAINER_BLOCKS)},
    {
        "title": plain_text(limits.CONTAINER_TITLE),
        "rich_text_title": RICH_TEXT_VALUE,
        "subtitle": any_text(limits.CONTAINER_TITLE),
        "width": choice("narrow", "standard", "wide", "full"),
        "icon": _PICTURE,
        "is_collapsible": boolean,
        "default_collapsed": boolean,
        "has_header_divider": boolean,
    },
    some("title", "rich_text_title"),
    _collapsing,
)
_BLOCK: Final = by_type(BLOCKS, what="block")


def block(value: object, at: str, sheet: Sheet) -> None:
    """One block on the sheet's surface."""
    sheet.action_ids = set()
    name = value.get("type") if isinstance(value, dict) else None
    if isinstance(name, str) and sheet.surface not in _SURFACES.get(name, _EVERYWHERE):
        sheet.note(f"block of type {name} is not allowed in a {sheet.surface}", f"{at}/type")
        return
    _BLOCK(value, at, sheet)
