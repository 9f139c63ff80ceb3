"""The arguments of a call, whether they came as a query, a form or JSON, each held to its type."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from demo.slack.blocks.rules import kind
from demo.slack.state.values import Json, Refused

if TYPE_CHECKING:
    from aiohttp import web

_TRUE = frozenset({"true", "1", "on"})
_FALSE = frozenset({"false", "0", "", "off"})


async def read_arguments(request: web.Request) -> Json:
    """Every argument of a request; a body wins over the query.

    Raises:
        Refused: ``invalid_json``, ``json_not_object``.
    """
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        args |= parsed_object(await request.text())
    elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        args |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    return args


def parsed_object(text: str) -> Json:
    """A JSON object from a request body.

    Raises:
        Refused: ``invalid_json``, ``json_not_object``.
    """
    try:
        body = json.loads(text or "{}")
    except ValueError as error:
        raise Refused("invalid_json", f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise Refused("json_not_object", f"the body must be an object, not {kind(body)}")
    return body


class Arguments:
    """Typed access to the arguments of one call. A wrong type is refused with ``invalid_arguments``."""

    def __init__(self, values: Json) -> None:
        self.values = {key: value for key, value in values.items() if value is not None}

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def text(self, key: str, default: str = "") -> str:
        """A string, or ``default``."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise _wrong(key, "a string", value)
        return value

    def need(self, key: str) -> str:
        """A string that must be there."""
        value = self.text(key)
        if not value:
            raise Refused(
                "invalid_arguments",
                f"missing required field: {key}",
                response_metadata={"messages": [f"[ERROR] missing required field: {key}"]},
            )
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """True or false; forms write it as a word or a digit."""
        value = self.values.get(key, default)
        if isinstance(value, bool):
            return value
        word = str(value).lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise _wrong(key, "a boolean", value)

    def number(self, key: str, default: int, *, least: int = 0, most: int = 2**53) -> int:
        """A whole number within bounds."""
        value = self.values.get(key, default)
        try:
            found = int(value) if isinstance(value, str) else value
        except ValueError as error:
            raise _wrong(key, "a number", value) from error
        if isinstance(found, bool) or not isinstance(found, int):
            raise _wrong(key, "a number", value)
        if not least <= found <= most:
            raise Refused("invalid_arguments", f"{key} must be between {least} and {most}")
        return found

    def structure(self, key: str) -> Any:  # noqa: ANN401 - any JSON
        """A list or object; forms write it as JSON text."""
        value = self.values.get(key)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as error:
            code = "invalid_blocks_format" if key == "blocks" else "invalid_arguments"
            raise Refused(code, f"{key} is not JSON: {error}") from error


def _wrong(key: str, wanted: str, value: object) -> Refused:
    return Refused("invalid_arguments", f"{key} must be {wanted}, not {kind(value)}")
