"""The fields of a form: what Slack shows for each, and what a person has entered into them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from notifications.rendering import limits
from notifications.rendering.escaping import cut, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX: Final = "form:"  # of the action ids of all fields

Element = dict[str, Any]
Entered = str | tuple[str, ...]  # of one field: a text or the value of a choice; all values where several are allowed


class FieldKind(StrEnum):
    """How a field is filled in; the value is the name of Slack's element."""

    TEXT = "plain_text_input"
    NUMBER = "number_input"
    TIME = "timepicker"
    ONE = "radio_buttons"
    LIST = "static_select"
    SEVERAL = "checkboxes"
    SEARCH = "external_select"  # chosen from a list that is too long to be sent along
    CHANNEL = "conversations_select"  # a channel that the person can see
    PERSON = "users_select"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that can be chosen."""

    text: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form. Slack keeps what a person has entered as long as ``name`` and ``turn`` stay the same."""

    name: str
    kind: FieldKind
    label: str
    value: Entered = ""
    choices: tuple[Choice, ...] = ()  # of SEARCH: the one that is chosen
    hint: str = ""
    placeholder: str = ""
    optional: bool = False
    answers: bool = False  # whether the form answers at once when it is filled in
    turn: int = 0  # another one shows ``value`` instead of what was entered before

    @property
    def block(self) -> str:
        """The id of its block."""
        return f"{self.name}~{self.turn}"

    @property
    def element(self) -> Element:
        """What Slack shows. Not fitted to any limit yet."""
        element: Element = {"type": self.kind.value, "action_id": f"{PREFIX}{self.name}"}
        if self.placeholder:
            element["placeholder"] = {"type": "plain_text", "text": self.placeholder}
        return element | self._specifics()

    def _specifics(self) -> Element:
        options = [_option(choice) for choice in self.choices]
        chosen = [option for option in options if option["value"] in self._values]
        match self.kind:
            case FieldKind.TEXT:
                return {"initial_value": self.value, **(_AS_TYPED if self.answers else {})}
            case FieldKind.NUMBER:
                return {"initial_value": self.value, "is_decimal_allowed": False}
            case FieldKind.TIME | FieldKind.CHANNEL | FieldKind.PERSON:
                name, fixed = _CHOOSERS[self.kind]
                return {**fixed, **({name: self.value} if self.value else {})}
            case FieldKind.SEVERAL:
                return {"options": options, **({"initial_options": chosen} if chosen else {})}
            case FieldKind.SEARCH:
                return {"min_query_length": 0, **({"initial_option": chosen[0]} if chosen else {})}
        return {"options": options, **({"initial_option": chosen[0]} if chosen else {})}

    @property
    def _values(self) -> tuple[str, ...]:
        return (self.value,) if isinstance(self.value, str) else self.value


_AS_TYPED: Final[Element] = {
    "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed", "on_character_entered"]}
}
_CHANNELS: Final[Element] = {
    "filter": {"include": ["public", "private"], "exclude_bot_users": True, "exclude_external_shared_channels": True}
}
_CHOOSERS: Final[dict[FieldKind, tuple[str, Element]]] = {  # where the value stands, and what is always there
    FieldKind.TIME: ("initial_time", {}),
    FieldKind.CHANNEL: ("initial_conversation", _CHANNELS),
    FieldKind.PERSON: ("initial_user", {}),
}


def _option(choice: Choice) -> Element:
    return {"text": {"type": "plain_text", "text": choice.text}, "value": choice.value}


def entered(
    values: Mapping[str, Mapping[str, Mapping[str, Any]]], *, typed: Callable[[str], str]
) -> dict[str, Entered]:
    """What a person has entered, by the names of the fields, from ``view.state.values`` as Slack sends it.

    What was written freely passes ``typed``; values that were chosen are ours and stay as they are.
    """
    return {
        action_id.removeprefix(PREFIX): _value(held, typed)
        for actions in values.values()
        for action_id, held in actions.items()
        if action_id.startswith(PREFIX)
    }


def _value(held: Mapping[str, Any], typed: Callable[[str], str]) -> Entered:
    if "selected_options" in held:
        return tuple(str(one["value"]) for one in held["selected_options"] or ())
    if "selected_option" in held:
        return str((held["selected_option"] or {}).get("value") or "")
    chosen = (held.get(f"selected_{kind}") for kind in ("time", "conversation", "user"))
    return str(next(filter(None, chosen), None) or typed(str(held.get("value") or "")))


def field_errors(blocks: list[Element], errors: Mapping[str, str]) -> dict[str, str]:
    """``errors`` by field, as Slack takes them: by block, each a line of plain text.

    What is wrong with a field that the form does not show stands at its first one.
    """
    places = {
        block["element"]["action_id"].removeprefix(PREFIX): block["block_id"]
        for block in blocks
        if block["type"] == "input"
    }
    first = next(iter(places.values()))
    found: dict[str, str] = {}
    for name, sentence in errors.items():
        place = places.get(name, first)
        said = f"{found[place]} {sentence}" if place in found else sentence
        found[place] = cut(_without_code(said), limits.INPUT_ERROR) or "-"
    return found


def _without_code(sentence: str) -> str:
    """Slack shows backticks beside a field as they are."""
    pieces = plain(sentence).split("`")
    return "".join(f"“{piece}”" if place % 2 else piece for place, piece in enumerate(pieces))
