"""Cells of tables: text, moments, both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from notifications.rendering.units import utc

if TYPE_CHECKING:
    from datetime import datetime


Cell = dict[str, Any]


def text(words: str) -> Cell:
    """A table cell of plain text."""
    return {"type": "raw_text", "text": words or "-"}


def moment(at: datetime | None) -> Cell:
    """A table cell with a time that each reader sees in the own zone."""
    if at is None:
        return text("never")
    return _rich([_date(at)])


def text_and_moment(words: str, at: datetime) -> Cell:
    """A table cell with words of ours and a time that each reader sees in the own zone."""
    return _rich([{"type": "text", "text": f"{words} "}, _date(at)])


def _rich(elements: list[Cell]) -> Cell:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _date(at: datetime) -> Cell:
    return {
        "type": "date",
        "timestamp": int(at.timestamp()),
        "format": "{date_short_pretty} {time}",
        "fallback": utc(at),
    }
