"""Text objects, options and confirmation dialogs: the parts that many elements share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.slack.blocks import limits
from demo.slack.blocks.rules import Shape, array, boolean, by_type, choice, either, kind, string, url

if TYPE_CHECKING:
    from demo.slack.blocks.rules import Rule, Sheet


def plain_text(most: int) -> Rule:
    """A text object that must be ``plain_text``."""
    return _text(most, ("plain_text",))


def any_text(most: int) -> Rule:
    """A text object of either kind."""
    return _text(most, ("plain_text", "mrkdwn"))


def mrkdwn(most: int) -> Rule:
    """A text object that must be ``mrkdwn``."""
    return _text(most, ("mrkdwn",))


def _text(most: int, kinds: tuple[str, ...]) -> Rule:
    words = string(most, counted=True)
    shapes: dict[str, Rule] = {
        "plain_text": Shape({"type": choice("plain_text"), "text": words}, {"emoji": boolean}),
        "mrkdwn": Shape({"type": choice("mrkdwn"), "text": words}, {"verbatim": boolean}),
    }
    return by_type(shapes, kinds, what="text")


def option(*, text: Rule | None = None, linked: bool = False) -> Rule:
    """One option of a menu; ``linked`` ones (overflow) may carry an address."""
    optional: dict[str, Rule] = {"description": text or plain_text(limits.OPTION_DESCRIPTION)}
    if linked:
        optional["url"] = url(limits.URL)
    required = {"text": text or plain_text(limits.OPTION_TEXT), "value": string(limits.OPTION_VALUE)}
    return Shape(required, optional)


def unique_values(rule: Rule) -> Rule:
    """``rule`` for a list of options, none of whose values may come twice."""

    def check(value: object, at: str, sheet: Sheet) -> None:
        rule(value, at, sheet)
        if not isinstance(value, list):
            return
        values = [item.get("value") for item in value if isinstance(item, dict)]
        texts = [one for one in values if isinstance(one, str)]
        if len(set(texts)) < len(texts):
            sheet.note("option values must be unique", at)

    return check


OPTION = option()
OPTIONS = array(OPTION, most=limits.OPTIONS)
OPTION_GROUPS = array(Shape({"label": plain_text(limits.OPTION_TEXT), "options": OPTIONS}), most=limits.OPTION_GROUPS)
# The answer to an option request: no choice at all is allowed there.
OPTION_ANSWER = Shape(
    {},
    {
        "options": array(OPTION, most=limits.OPTIONS, least=0),
        "option_groups": array(
            Shape({"label": plain_text(limits.OPTION_TEXT), "options": array(OPTION, most=limits.OPTIONS, least=0)}),
            most=limits.OPTION_GROUPS,
            least=0,
        ),
    },
    (either("options", "option_groups"),),
)

CONFIRM = Shape(
    {
        "title": plain_text(limits.CONFIRM_TITLE),
        "text": any_text(limits.CONFIRM_TEXT),
        "confirm": plain_text(limits.CONFIRM_BUTTON),
        "deny": plain_text(limits.CONFIRM_BUTTON),
    },
    {"style": choice("primary", "danger")},
)

SLACK_FILE = Shape({}, {"id": string(), "url": url(limits.URL)}, (either("id", "url"),))


def slack_file(value: object, at: str, sheet: Sheet) -> None:
    """A picture that was uploaded before: it must exist."""
    SLACK_FILE(value, at, sheet)
    if isinstance(value, dict) and isinstance(value.get("id"), str) and not sheet.files(value["id"]):
        sheet.note("invalid slack file", at)


def block_id(value: Any, at: str, sheet: Sheet) -> None:  # noqa: ANN401 - any JSON
    """A block id: not used by another block of the same message or view."""
    string(limits.ID)(value, at, sheet)
    if isinstance(value, str) and value in sheet.block_ids:
        sheet.note(f'`block_id` "{value}" already exists for another block', at)
    if isinstance(value, str):
        sheet.block_ids.add(value)


def action_id(value: object, at: str, sheet: Sheet) -> None:
    """An action id: not used by another element of the same block."""
    string(limits.ID)(value, at, sheet)
    if isinstance(value, str) and value in sheet.action_ids:
        sheet.note(f'`action_id` "{value}" already exists for another element', at)
    if isinstance(value, str):
        sheet.action_ids.add(value)


def focus_on_load(value: object, at: str, sheet: Sheet) -> None:
    """Only one element of a view may ask for the focus."""
    if not isinstance(value, bool):
        sheet.note(f"must be a boolean, not {kind(value)}", at)
    if value is True:
        sheet.focused += 1
    if sheet.focused > 1:
        sheet.note("only one element can have focus_on_load", at)
