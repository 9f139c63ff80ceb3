"""What pydantic found wrong, in words for whoever keeps app.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from pydantic import BaseModel

from bot.settings.nearest import nearest

if TYPE_CHECKING:
    from pydantic import ValidationError

_WORDS = {
    "missing": "is missing",
    "int_parsing": "is not a whole number",
    "bool_parsing": "is neither true nor false",
    "dict_type": "must be keys with values",
    "mapping_type": "must be keys with values",
    "model_type": "must be keys with values",
    "string_type": "must be a text",
    "tuple_type": "must be a list",
    "frozen_set_type": "must be a list",
    "set_type": "must be a list",
}


def problems_of(error: ValidationError, root: type[BaseModel]) -> list[tuple[tuple[str, ...], str]]:
    """Each mistake as its path and a few plain words."""
    found = error.errors(include_url=False, include_context=False)
    return [_problem(one["type"], one["loc"], one["msg"], root) for one in found]


def _problem(kind: str, loc: tuple[int | str, ...], msg: str, root: type[BaseModel]) -> tuple[tuple[str, ...], str]:
    where = tuple(str(part) for part in loc if part != "[key]")
    if kind == "extra_forbidden":
        return where, _unknown_key(where, root)
    if kind == "value_error":
        return where, msg.removeprefix("Value error, ")
    words = _WORDS.get(kind)
    if words is None:
        words = msg.replace("Input should be", "must be")
        words = words[0].lower() + words[1:]
    return where, words


def _unknown_key(where: tuple[str, ...], root: type[BaseModel]) -> str:
    known = _keys_at(root, where[:-1])
    guess = nearest(where[-1], known)
    if guess:
        return f"unknown key; did you mean {guess}?"
    return f"unknown key; known here: {', '.join(known)}"


def _keys_at(model: type[BaseModel], where: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that may stand at ``where``."""
    current: Any = model
    for part in where:
        section = _section_of(current)
        current = section.model_fields[part].annotation if section else _value_of(current)
    found = _section_of(current)
    return tuple(found.model_fields) if found else ()


def _section_of(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - annotations are anything
    options = get_args(annotation) if get_origin(annotation) in {Union, UnionType} else (annotation,)
    return next((one for one in options if isinstance(one, type) and issubclass(one, BaseModel)), None)


def _value_of(annotation: Any) -> Any:  # noqa: ANN401 - annotations are anything
    if get_origin(annotation) in {Union, UnionType}:
        annotation = next(one for one in get_args(annotation) if one is not type(None))
    origin = get_origin(annotation)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return get_args(annotation)[1]
    return get_args(annotation)[0] if origin in {tuple, list} else annotation
