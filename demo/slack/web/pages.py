"""Lists by pages, with a cursor as Slack gives them."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from demo.slack.state.values import Json, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.slack.web.arguments import Arguments

MAX_PAGE = 999  # Slack: "must be under 1000"


def page(items: Sequence[Any], args: Arguments, *, key: str, default: int) -> Json:
    """The page of ``items`` that the call asks for, under ``key``, with the cursor of the next one."""
    limit = args.number("limit", default, least=1, most=MAX_PAGE)
    start = _place(args.text("cursor"))
    rest = start + limit
    following = base64.b64encode(f"next:{rest}".encode()).decode() if rest < len(items) else ""
    return {key: list(items[start:rest]), "response_metadata": {"next_cursor": following}}


def _place(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, place = base64.b64decode(cursor, validate=True).decode().partition(":")
        if word == "next":
            return int(place)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        pass
    raise Refused("invalid_cursor", "this cursor was never given")
