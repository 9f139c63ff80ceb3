"""Rows that can be read: one that cannot is named in the log, and takes nothing from the others."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from storage.database.statements import update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from tortoise.models import Model

log = logging.getLogger(__name__)

UNREADABLE_ROW_PAUSE: Final = timedelta(hours=1)  # until a due row that cannot be read is looked at again

Row = TypeVar("Row")
Value = TypeVar("Value")


def readable(rows: Iterable[Row], convert: Callable[[Row], Value]) -> list[Value]:
    """What the ``rows`` hold, without those that cannot be read."""
    return readable_or_not(rows, convert)[0]


def readable_or_not(rows: Iterable[Row], convert: Callable[[Row], Value]) -> tuple[list[Value], list[Row]]:
    """What the ``rows`` hold, and those that cannot be read."""
    found: list[Value] = []
    broken: list[Row] = []
    for row in rows:
        try:
            found.append(convert(row))
        except Exception:  # an edge: whatever one row holds must not stop the others
            log.exception("a row cannot be read, so it is left out", extra={"row": str(row)[:200], "of": _table(row)})
            broken.append(row)
    return found, broken


async def put_off(model: type[Model], column: str, broken: Sequence[Any], now: datetime) -> None:
    """Let due rows that cannot be read come due later, so that they stand in nobody's way."""
    await update(model, [{"id": row.id, column: now + UNREADABLE_ROW_PAUSE} for row in broken])


def _table(row: object) -> str:
    number = getattr(row, "id", "")
    return f"{type(row).__name__} {number}".rstrip()
