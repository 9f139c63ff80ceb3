"""The small language in which blocks are described, and the checking of JSON against it.

A ``Rule`` looks at one JSON value and notes on the ``Sheet`` what is wrong with it, in Slack's manner: what, and
where as a JSON pointer. Rules are put together from the functions of this module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from demo.slack.state.values import Surface

PROBLEMS_KEPT = 20


@dataclass
class Sheet:
    """The state of one check: where the blocks are to stand, what was counted, what was found wrong."""

    surface: Surface
    inputs_in_messages: bool = True
    problems: list[str] = field(default_factory=list)
    block_ids: set[str] = field(default_factory=set)
    action_ids: set[str] = field(default_factory=set)  # of the block being looked at
    characters: int = 0
    table_characters: int = 0
    markdown_characters: int = 0
    charts: int = 0
    focused: int = 0
    files: Callable[[str], bool] = lambda _: True

    def note(self, problem: str, at: str) -> None:
        """Write down that ``problem`` was found at JSON pointer ``at``."""
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append(f"{problem} [json-pointer:{at}]")


Rule = Callable[[Any, str, Sheet], None]
Cross = Callable[[dict[str, Any], str, Sheet], None]


def string(most: int | None = None, *, least: int = 1, counted: bool = False) -> Rule:
    """A string of ``least`` to ``most`` characters; ``counted`` ones add to the message's total."""

    def check(value: object, at: str, sheet: Sheet) -> None:
        if not isinstance(value, str):
            sheet.note(f"must be a string, not {kind(value)}", at)
            return
        if counted:
            sheet.characters += len(value)
        if len(value) < least:
            sheet.note(f"must be more than {least - 1} characters", at)
        if most is not None and len(value) > most:
            sheet.note(f"must be less than {most + 1} characters (is {len(value)})", at)

    return check


def pattern(expression: str, what: str) -> Rule:
    """A string that matches ``expression`` as a whole; ``what`` describes it."""
    compiled = re.compile(expression)

    def check(value: object, at: str, sheet: Sheet) -> None:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            sheet.note(f"must be {what}", at)

    return check


def url(most: int, *, schemes: tuple[str, ...] = ("http", "https")) -> Rule:
    """An absolute address of at most ``most`` characters."""

    def check(value: object, at: str, sheet: Sheet) -> None:
        string(most)(value, at, sheet)
        if isinstance(value, str) and not _absolute(value, schemes):
            sheet.note("must be a valid absolute URL", at)

    return check


def _absolute(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(parts.scheme in schemes and parts.netloc and not re.search(r"\s", value))


def boolean(value: object, at: str, sheet: Sheet) -> None:
    """True or false."""
    if not isinstance(value, bool):
        sheet.note(f"must be a boolean, not {kind(value)}", at)


def integer(least: int, most: int) -> Rule:
    """A whole number from ``least`` to ``most``."""

    def check(value: object, at: str, sheet: Sheet) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            sheet.note(f"must be an integer, not {kind(value)}", at)
        elif not least <= value <= most:
            sheet.note(f"must be between {least} and {most}", at)

    return check


def number(value: object, at: str, sheet: Sheet) -> None:
    """Any number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        sheet.note(f"must be a number, not {kind(value)}", at)


def choice(*words: str) -> Rule:
    """One of ``words``."""

    def check(value: object, at: str, sheet: Sheet) -> None:
        if value not in words:
            sheet.note(f"must be one of {', '.join(words)}", at)

    return check


def array(rule: Rule, *, most: int, least: int = 1) -> Rule:
    """A list of ``least`` to ``most`` values, each held to ``rule``."""

    def check(value: object, at: str, sheet: Sheet) -> None:
        if not isinstance(value, list):
            sheet.note(f"must be an array, not {kind(value)}", at)
            return
        if len(value) < least:
            sheet.note(f"no fewer than {least} items allowed (has {len(value)})", at)
        if len(value) > most:
            sheet.note(f"no more than {most} items allowed (has {len(value)})", at)
        for place, item in enumerate(value):
            rule(item, f"{at}/{place}", sheet)

    return check


@dataclass(frozen=True)
class Shape:
    """The keys of a JSON object. ``together`` are rules over several keys."""

    required: Mapping[str, Rule] = field(default_factory=dict)
    optional: Mapping[str, Rule] = field(default_factory=dict)
    together: tuple[Cross, ...] = ()

    def __call__(self, value: object, at: str, sheet: Sheet) -> None:
        """Check ``value``: an object with every required key, and none that is not listed."""
        if not isinstance(value, dict):
            sheet.note(f"must be an object, not {kind(value)}", at)
            return
        for key in self.required:
            if key not in value:
                sheet.note(f"missing required field: {key}", at)
        for key, inner in value.items():
            rule = self.required.get(key) or self.optional.get(key)
            if rule is None:
                sheet.note(f"no more fields allowed: {key}", at)
            else:
                rule(inner, f"{at}/{key}", sheet)
        for cross in self.together:
            cross(value, at, sheet)


def by_type(shapes: Mapping[str, Rule], allowed: tuple[str, ...] | None = None, *, what: str = "element") -> Rule:
    """An object whose ``type`` chooses its rule among ``shapes``, narrowed to ``allowed``."""

    def check(value: object, at: str, sheet: Sheet) -> None:
        if not isinstance(value, dict):
            sheet.note(f"must be an object, not {kind(value)}", at)
            return
        name = value.get("type")
        rule = shapes.get(name) if isinstance(name, str) else None
        if rule is None:
            sheet.note(f"unsupported type: {name!r}" if name else "missing required field: type", f"{at}/type")
        elif allowed is not None and name not in allowed:
            sheet.note(f"{what} of type {name} is not allowed here", f"{at}/type")
        else:
            rule(value, at, sheet)

    return check


def either(*keys: str) -> Cross:
    """Exactly one of ``keys``."""

    def check(value: dict[str, Any], at: str, sheet: Sheet) -> None:
        if sum(key in value for key in keys) != 1:
            sheet.note(f"exactly one of {', '.join(keys)} is required", at)

    return check


def some(*keys: str) -> Cross:
    """At least one of ``keys``."""

    def check(value: dict[str, Any], at: str, sheet: Sheet) -> None:
        if not any(key in value for key in keys):
            sheet.note(f"at least one of {', '.join(keys)} is required", at)

    return check


def anything(_value: object, _at: str, _sheet: Sheet) -> None:
    """No rule."""


def kind(value: object) -> str:
    """The JSON name of a value's type."""
    names = {str: "string", bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}
    return names.get(type(value), "null")
