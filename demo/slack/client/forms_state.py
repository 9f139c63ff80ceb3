"""What a person has entered into the inputs of a view or message: value objects as Slack sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from demo.slack.blocks.contents import blocks_within, elements_within
from demo.slack.state.values import Json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Element type: the key of its value in the state, and the key of its initial value in the element.
KEYS: Final[Mapping[str, tuple[str, str]]] = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "file_input": ("files", ""),
    "checkboxes": ("selected_options", "initial_options"),
    "radio_buttons": ("selected_option", "initial_option"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
}
MANY: Final = frozenset({"selected_options", "selected_users", "selected_conversations", "selected_channels", "files"})

State = dict[str, dict[str, Json]]


def initial_state(blocks: Iterable[Json]) -> State:
    """The state of blocks that nobody has touched yet."""
    state: State = {}
    for block in blocks_within(blocks):
        for element in elements_within(block):
            if element["type"] in KEYS:
                _key, initial = KEYS[element["type"]]
                value = entry(element, element.get(initial))
                state.setdefault(block["block_id"], {})[element["action_id"]] = value
    return state


def entry(element: Json, value: object) -> Json:
    """The value object for an element that holds ``value``."""
    key, _ = KEYS[element["type"]]
    held: object = [] if value is None and key in MANY else value
    found: Json = {"type": element["type"], key: held}
    if element["type"] == "timepicker" and "timezone" in element:
        found["timezone"] = element["timezone"]
    return found


def kept_state(blocks: Iterable[Json], before: Mapping[str, Mapping[str, Json]]) -> State:
    """The state after an edit: entries stay where block id, action id and type are the same as ``before``."""
    state = initial_state(blocks)
    for block_id, actions in state.items():
        for action_id, fresh in actions.items():
            old = before.get(block_id, {}).get(action_id)
            if old is not None and old["type"] == fresh["type"]:
                actions[action_id] = old
    return state
