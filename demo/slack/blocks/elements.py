"""Every element that stands inside a block, by type, and where each may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from demo.slack.blocks import limits
from demo.slack.blocks.rules import (
    Shape,
    anything,
    array,
    boolean,
    by_type,
    choice,
    either,
    integer,
    pattern,
    some,
    string,
    url,
)
from demo.slack.blocks.texts import (
    CONFIRM,
    OPTION,
    OPTION_GROUPS,
    OPTIONS,
    action_id,
    any_text,
    focus_on_load,
    option,
    plain_text,
    slack_file,
    unique_values,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.slack.blocks.rules import Cross, Rule, Sheet

DATE: Final = pattern(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "a date in the format YYYY-MM-DD")
TIME: Final = pattern(r"([01]\d|2[0-3]):[0-5]\d", "a time in the format HH:mm")
DECIMAL: Final = pattern(r"-?\d+(\.\d+)?", "a number written as a string")
USER: Final = pattern(r"[UW][A-Z0-9]+", "a user id")
CONVERSATION: Final = pattern(r"[CDG][A-Z0-9]+", "a conversation id")
EPOCH: Final = integer(1_000_000_000, 9_999_999_999)
_MAX_OPTIONS: Final = 2**31


def _element(required: Mapping[str, Rule], optional: Mapping[str, Rule], *together: Cross) -> Shape:
    """An interactive element: ``action_id`` and ``confirm`` come with all of them."""
    return Shape({"type": anything, **required}, {"action_id": action_id, **optional}, together)


def _input(required: Mapping[str, Rule], optional: Mapping[str, Rule], *together: Cross) -> Shape:
    """An element that can take the focus."""
    return _element(required, {"focus_on_load": focus_on_load, **optional}, *together)


def _menu(required: Mapping[str, Rule], optional: Mapping[str, Rule], *together: Cross) -> Shape:
    more: dict[str, Rule] = {"placeholder": plain_text(limits.PLACEHOLDER), "confirm": CONFIRM, **optional}
    return _input(required, more, *together)


def _ordered(low: str, high: str) -> Cross:
    def check(value: dict[str, Any], at: str, sheet: Sheet) -> None:
        try:
            wrong = float(value[low]) > float(value[high])
        except (KeyError, TypeError, ValueError):
            return
        if wrong:
            sheet.note(f"{low} must not be greater than {high}", at)

    return check


def _initial_among_options(*keys: str) -> Cross:
    def check(value: dict[str, Any], at: str, sheet: Sheet) -> None:
        offered = offered_options(value)
        for key in keys:
            chosen = value.get(key)
            for one in chosen if isinstance(chosen, list) else [chosen]:
                if one is not None and one not in offered:
                    sheet.note(f"{key} must be among the options", at)

    return check


def offered_options(element: Mapping[str, Any]) -> list[Any]:
    """The options of a menu, those of its groups among them; malformed ones are passed over."""
    groups = element.get("option_groups")
    lists = [element.get("options")]
    lists += [group.get("options") for group in groups if isinstance(group, dict)] if isinstance(groups, list) else []
    return [one for options in lists if isinstance(options, list) for one in options]


_FILTER = Shape(
    {},
    {
        "include": array(choice("im", "mpim", "private", "public"), most=4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    (some("include", "exclude_external_shared_channels", "exclude_bot_users"),),
)
_STATIC: Mapping[str, Rule] = {"options": unique_values(OPTIONS), "option_groups": OPTION_GROUPS}
_MANY: Mapping[str, Rule] = {"max_selected_items": integer(1, _MAX_OPTIONS)}
_CONVERSATIONS: Mapping[str, Rule] = {"default_to_current_conversation": boolean, "filter": _FILTER}
_QUERY: Mapping[str, Rule] = {"min_query_length": integer(0, 255)}
_ONE_LIST = either("options", "option_groups")
_CHOICE = option(text=any_text(limits.OPTION_TEXT))
_CHOICES = unique_values(array(_CHOICE, most=limits.CHOICES))
_DISPATCH = Shape(
    {"trigger_actions_on": array(choice("on_enter_pressed", "on_character_entered"), most=2)},
)
_TEXT_INPUT: Mapping[str, Rule] = {
    "initial_value": string(limits.INPUT_TEXT, least=0),
    "placeholder": plain_text(limits.PLACEHOLDER),
    "dispatch_action_config": _DISPATCH,
}
_FEEDBACK = Shape(
    {"text": plain_text(limits.BUTTON_TEXT), "value": string(limits.BUTTON_VALUE)},
    {"accessibility_label": string(limits.BUTTON_TEXT)},
)

ELEMENTS: Final[Mapping[str, Rule]] = {
    "button": _element(
        {"text": plain_text(limits.BUTTON_TEXT)},
        {
            "url": url(limits.URL, schemes=("http", "https", "slack", "mailto")),
            "value": string(limits.BUTTON_VALUE),
            "style": choice("primary", "danger"),
            "confirm": CONFIRM,
            "accessibility_label": string(limits.BUTTON_TEXT),
            "visible_to_user_ids": array(USER, most=100),
            "agent_prompt": string(limits.AGENT_PROMPT),
        },
    ),
    "image": Shape(
        {"type": anything, "alt_text": string(limits.IMAGE_TEXT)},
        {"image_url": url(limits.URL), "slack_file": slack_file},
        (either("image_url", "slack_file"),),
    ),
    "overflow": _element(
        {"options": unique_values(array(option(linked=True), most=limits.OVERFLOW))}, {"confirm": CONFIRM}
    ),
    "checkboxes": _input(
        {"options": _CHOICES},
        {"initial_options": array(_CHOICE, most=limits.CHOICES), "confirm": CONFIRM},
        _initial_among_options("initial_options"),
    ),
    "radio_buttons": _input(
        {"options": _CHOICES}, {"initial_option": _CHOICE, "confirm": CONFIRM}, _initial_among_options("initial_option")
    ),
    "datepicker": _menu({}, {"initial_date": DATE}),
    "timepicker": _menu({}, {"initial_time": TIME, "timezone": string(64)}),
    "datetimepicker": _input({}, {"initial_date_time": EPOCH, "confirm": CONFIRM}),
    "static_select": _menu(
        {}, {**_STATIC, "initial_option": OPTION}, _ONE_LIST, _initial_among_options("initial_option")
    ),
    "multi_static_select": _menu(
        {}, {**_STATIC, **_MANY, "initial_options": OPTIONS}, _ONE_LIST, _initial_among_options("initial_options")
    ),
    "external_select": _menu({}, {**_QUERY, "initial_option": OPTION}),
    "multi_external_select": _menu({}, {**_QUERY, **_MANY, "initial_options": OPTIONS}),
    "users_select": _menu({}, {"initial_user": USER}),
    "multi_users_select": _menu({}, {**_MANY, "initial_users": array(USER, most=100)}),
    "conversations_select": _menu(
        {}, {**_CONVERSATIONS, "initial_conversation": CONVERSATION, "response_url_enabled": boolean}
    ),
    "multi_conversations_select": _menu(
        {}, {**_CONVERSATIONS, **_MANY, "initial_conversations": array(CONVERSATION, most=100)}
    ),
    "channels_select": _menu({}, {"initial_channel": CONVERSATION, "response_url_enabled": boolean}),
    "multi_channels_select": _menu({}, {**_MANY, "initial_channels": array(CONVERSATION, most=100)}),
    "plain_text_input": _input(
        {},
        {
            **_TEXT_INPUT,
            "multiline": boolean,
            "min_length": integer(0, limits.INPUT_TEXT),
            "max_length": integer(1, limits.INPUT_TEXT),
        },
        _ordered("min_length", "max_length"),
    ),
    "email_text_input": _input({}, _TEXT_INPUT),
    "url_text_input": _input({}, _TEXT_INPUT),
    "number_input": _input(
        {"is_decimal_allowed": boolean},
        {**_TEXT_INPUT, "initial_value": DECIMAL, "min_value": DECIMAL, "max_value": DECIMAL},
        _ordered("min_value", "max_value"),
    ),
    "file_input": _element({}, {"filetypes": array(string(20), most=100), "max_files": integer(1, limits.FILE_INPUTS)}),
    "rich_text_input": _input(
        {},
        {"placeholder": plain_text(limits.PLACEHOLDER), "dispatch_action_config": _DISPATCH, "initial_value": anything},
    ),
    "workflow_button": _element(
        {"text": plain_text(limits.BUTTON_TEXT), "workflow": Shape({"trigger": anything})},
        {"style": choice("primary", "danger"), "accessibility_label": string(limits.BUTTON_TEXT)},
    ),
    "feedback_buttons": _element({"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, {}),
    "icon_button": _element(
        {"icon": choice("trash"), "text": plain_text(limits.BUTTON_TEXT)},
        {
            "value": string(limits.BUTTON_VALUE),
            "confirm": CONFIRM,
            "accessibility_label": string(limits.BUTTON_TEXT),
            "visible_to_user_ids": array(USER, most=100),
        },
    ),
}

_SELECTS: Final = tuple(name for name in ELEMENTS if name.endswith("_select"))
_ONE_SELECTS: Final = tuple(name for name in _SELECTS if not name.startswith("multi_"))
_PICKS: Final = ("datepicker", "timepicker", "checkboxes", "radio_buttons")
IN_ACTIONS: Final = ("button", "workflow_button", "overflow", "datetimepicker", *_PICKS, *_ONE_SELECTS)
IN_SECTION: Final = ("button", "workflow_button", "overflow", "image", *_PICKS, *_SELECTS)
IN_INPUT: Final = (
    *("plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input", "file_input"),
    *("datetimepicker", *_PICKS, *_SELECTS),
)


def element(allowed: tuple[str, ...]) -> Rule:
    """An element whose type is one of ``allowed``."""
    return by_type(ELEMENTS, allowed)
