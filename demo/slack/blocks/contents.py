"""Checking what is to be shown as a whole: the blocks of a message, a modal, a Home tab, an answer with options."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from demo.slack.blocks import limits
from demo.slack.blocks.blocks import block
from demo.slack.blocks.rules import Shape, Sheet, anything, boolean, choice, kind, string
from demo.slack.blocks.texts import OPTION_ANSWER, plain_text
from demo.slack.state.values import Json, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from demo.slack.blocks.rules import Rule
    from demo.slack.state.values import Surface

_SELECTED: Final = ("static", "external", "users", "conversations", "channels")
_WITH_ACTION: Final = frozenset(
    {
        *("button", "workflow_button", "overflow", "checkboxes", "radio_buttons", "datepicker", "timepicker"),
        *("datetimepicker", "plain_text_input", "email_text_input", "url_text_input", "number_input", "file_input"),
        *("rich_text_input", "feedback_buttons", "icon_button"),
        *(f"{what}_select" for what in _SELECTED),
        *(f"multi_{what}_select" for what in _SELECTED),
    }
)


def _any_file(_file: str) -> bool:
    return True


def check_message_blocks(blocks: object, *, files: Callable[[str], bool] = _any_file) -> tuple[Json, ...]:
    """The blocks of a message, each with its ids filled in.

    Raises:
        Refused: ``invalid_blocks_format`` (no list), ``invalid_blocks``, ``msg_blocks_too_long``.
    """
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format", f"blocks must be an array, not {kind(blocks)}")
    sheet = Sheet(surface="message", files=files)
    _look_over(blocks, "/blocks", sheet, most=limits.BLOCKS_MESSAGE)
    if sheet.problems:
        raise _invalid("invalid_blocks", sheet)
    if sheet.characters > limits.BLOCKS_CHARACTERS:
        rule = f"all blocks together: no more than {limits.BLOCKS_CHARACTERS} characters (have {sheet.characters})"
        raise Refused("msg_blocks_too_long", rule)
    return with_ids(blocks)


def _look_over(blocks: list[Any], at: str, sheet: Sheet, *, most: int) -> None:
    if len(blocks) > most:
        sheet.note(f"no more than {most} items allowed (has {len(blocks)})", at)
    for place, one in enumerate(blocks):
        block(one, f"{at}/{place}", sheet)


def _invalid(code: str, sheet: Sheet) -> Refused:
    messages = [f"[ERROR] {problem}" for problem in sheet.problems]
    return Refused(code, *sheet.problems, errors=sheet.problems, response_metadata={"messages": messages})


_MODAL: Final[Mapping[str, Rule]] = {
    "type": choice("modal"),
    "title": plain_text(limits.VIEW_TITLE),
    "blocks": anything,
}
_COMMON: Final[Mapping[str, Rule]] = {
    "private_metadata": string(limits.PRIVATE_METADATA, least=0),
    "callback_id": string(limits.ID, least=0),
    "external_id": string(limits.ID, least=0),
}
_VIEWS: Final[Mapping[str, Shape]] = {
    "modal": Shape(
        _MODAL,
        {
            **_COMMON,
            "submit": plain_text(limits.VIEW_TITLE),
            "close": plain_text(limits.VIEW_TITLE),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
    ),
    "home": Shape({"type": choice("home"), "blocks": anything}, _COMMON),
}


def check_view(view: object, surface: Surface, *, files: Callable[[str], bool] = _any_file) -> Json:
    """A view payload for ``surface``, its blocks with their ids filled in.

    Raises:
        Refused: ``invalid_arguments``, ``view_too_large``.
    """
    if not isinstance(view, dict):
        raise Refused("invalid_arguments", f"view must be an object, not {kind(view)}")
    sheet = Sheet(surface=surface, files=files)
    _VIEWS[surface](view, "/view", sheet)
    blocks = view.get("blocks")
    if not isinstance(blocks, list):
        sheet.note(f"must be an array, not {kind(blocks)}", "/view/blocks")
        raise _invalid("invalid_arguments", sheet)
    _look_over(blocks, "/view/blocks", sheet, most=limits.BLOCKS_VIEW)
    if surface == "modal" and "submit" not in view and _has_input(blocks):
        sheet.note("submit is required when an input block is within the blocks array", "/view/submit")
    if sheet.problems:
        raise _invalid("invalid_arguments", sheet)
    if len(json.dumps(view)) > limits.VIEW_BYTES:
        raise Refused("view_too_large", f"no more than {limits.VIEW_BYTES} bytes allowed")
    return {**view, "blocks": list(with_ids(blocks))}


def _has_input(blocks: Iterable[object]) -> bool:
    return any(isinstance(one, dict) and one.get("type") == "input" for one in blocks)


def check_options(answer: object) -> list[Json]:
    """The options in the answer to an option request, those of its groups in one list.

    Raises:
        Refused: ``invalid_options``, with the rules that were broken.
    """
    sheet = Sheet(surface="message")
    OPTION_ANSWER(answer, "", sheet)
    if sheet.problems or not isinstance(answer, dict):
        raise Refused("invalid_options", *sheet.problems)
    groups = answer.get("option_groups")
    if groups is None:
        return list(answer["options"])
    return [option for group in groups for option in group["options"]]


def with_ids(blocks: Iterable[Json], prefix: str = "b") -> tuple[Json, ...]:
    """``blocks`` as Slack stores them: a block or action without an id gets one."""
    return tuple(_block_with_ids(one, f"{prefix}{place}") for place, one in enumerate(blocks))


def _block_with_ids(one: Json, name: str) -> Json:
    filled = {**one, "block_id": one.get("block_id") or name}
    if isinstance(one.get("child_blocks"), list):
        filled["child_blocks"] = list(with_ids(one["child_blocks"], f"{name}."))
    if one["type"] == "carousel":
        return {**filled, "elements": list(with_ids(one["elements"], f"{name}."))}
    if isinstance(one.get("actions"), list):
        filled["actions"] = [_element_with_id(part, f"{name}-{n}") for n, part in enumerate(one["actions"])]
    if isinstance(one.get("elements"), list):
        filled["elements"] = [_element_with_id(part, f"{name}-{n}") for n, part in enumerate(one["elements"])]
    for key in ("accessory", "element"):
        if isinstance(one.get(key), dict):
            filled[key] = _element_with_id(one[key], f"{name}-{key}")
    return filled


def _element_with_id(part: Any, name: str) -> Any:  # noqa: ANN401 - any JSON passes through
    interactive = isinstance(part, dict) and part.get("type") in _WITH_ACTION
    return {**part, "action_id": part.get("action_id") or name} if interactive else part


def blocks_within(blocks: Iterable[Json]) -> Iterable[Json]:
    """Every block, those inside containers among them, in reading order."""
    for one in blocks:
        yield one
        yield from blocks_within(one.get("child_blocks") or ())
        if one["type"] == "carousel":
            yield from blocks_within(one["elements"])


def elements_within(one: Json) -> list[Json]:
    """The interactive elements of a block."""
    parts = [*(one.get("elements") or ()), *(one.get("actions") or ()), one.get("accessory"), one.get("element")]
    return [part for part in parts if isinstance(part, dict) and part.get("type") in _WITH_ACTION]
