"""How a person's choice becomes the value of an element, and what a client refuses before Slack is asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from demo.slack.blocks.contents import blocks_within, elements_within
from demo.slack.blocks.elements import DATE, TIME, offered_options
from demo.slack.blocks.rules import Sheet
from demo.slack.client.forms_state import KEYS, MANY, entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from demo.slack.blocks.rules import Rule
    from demo.slack.state.values import Json, Message, View

_OPTION_KEYS: Final = ("selected_option", "selected_options")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_FORMS: Final[Mapping[str, Rule]] = {"datepicker": DATE, "timepicker": TIME}


class NoSuchElement(LookupError):
    """The person cannot see, or cannot use, such an element or option here."""


def find_element(
    source: Message | View, action_id: str, *, block_id: str | None = None, value: str | None = None
) -> tuple[Json, Json]:
    """The block and the element with this action id; ``block_id`` or ``value`` tell equal ones apart.

    Raises:
        NoSuchElement: none is there.
    """
    for block in blocks_within(source.blocks):
        for element in elements_within(block):
            matches = element.get("action_id") == action_id and block_id in (None, block["block_id"])
            if matches and value in (None, element.get("value")):
                return block, element
    seen = sorted(
        {str(one.get("action_id")) for block in blocks_within(source.blocks) for one in elements_within(block)}
    )
    raise NoSuchElement(f"no element {action_id!r} (value {value!r}) here; there are: {', '.join(seen) or 'none'}")


def chosen(element: Json, choice: object, offered: Sequence[Json]) -> Json:
    """The value object after a person chose ``choice``; option values are looked up among ``offered``.

    Raises:
        NoSuchElement: no such option is offered.
    """
    key, _ = KEYS[element["type"]]
    if choice is None:
        return entry(element, None)
    many = choice if isinstance(choice, list | tuple) else [choice]
    if key in _OPTION_KEYS:
        options = [_option(one, offered) for one in many]
        return entry(element, options if key in MANY else options[0])
    return entry(element, list(many) if key in MANY else choice)


def _option(choice: object, offered: Iterable[Json]) -> Json:
    for option in offered:
        if option == choice or option["value"] == choice:
            return option
    known = ", ".join(str(option["value"]) for option in offered)
    raise NoSuchElement(f"no option {choice!r}; there are: {known or 'none'}")


def options_of(element: Json) -> list[Json]:
    """The options that an element itself brings along."""
    return offered_options(element)


def complaints(view: View) -> dict[str, str]:
    """What the client says beside the inputs of a modal instead of submitting it: block id and sentence."""
    found = {}
    for block in view.blocks:
        if block["type"] == "input":
            held = view.state.get(block["block_id"], {}).get(block["element"]["action_id"], {})
            sentence = _complaint(block, held)
            if sentence:
                found[block["block_id"]] = sentence
    return found


def _complaint(block: Json, held: Json) -> str:
    element = block["element"]
    value = held.get(KEYS[element["type"]][0])
    if value in (None, "", []):
        return "" if block.get("optional") else "Please complete this required field."
    if element["type"] in ("plain_text_input", "email_text_input", "url_text_input"):
        return _text_complaint(element, str(value))
    if element["type"] == "number_input":
        return _number_complaint(element, str(value))
    if element["type"] in _FORMS:
        return _form_complaint(_FORMS[element["type"]], value)
    most = element.get("max_selected_items")
    return "Too many are selected." if most and isinstance(value, list) and len(value) > most else ""


def _text_complaint(element: Json, value: str) -> str:
    if element["type"] == "email_text_input" and not _EMAIL.fullmatch(value):
        return "Please enter a valid email address."
    if element["type"] == "url_text_input" and "://" not in value:
        return "Please enter a valid URL."
    if len(value) < element.get("min_length", 0):
        return f"Must be at least {element['min_length']} characters."
    if len(value) > element.get("max_length", 3_000):
        return f"Must be no more than {element.get('max_length', 3_000)} characters."
    return ""


def _number_complaint(element: Json, value: str) -> str:
    try:
        number = float(value)
    except ValueError:
        return "Please enter a number."
    if not element["is_decimal_allowed"] and "." in value:
        return "Please enter a whole number."
    if number < float(element.get("min_value", "-inf")) or number > float(element.get("max_value", "inf")):
        return "This number is out of range."
    return ""


def _form_complaint(rule: Rule, value: Any) -> str:  # noqa: ANN401 - whatever the test entered
    sheet = Sheet(surface="modal")
    rule(value, "", sheet)
    return "Please enter a valid value." if sheet.problems else ""
