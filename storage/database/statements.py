"""Writing many rows at once: a statement for each row through the ORM costs more than all else that serve does.

The statements are written with ``$1`` as PostgreSQL wants them; SQLite gets ``?1``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import count, islice
from typing import TYPE_CHECKING, Any, TypeVar

from tortoise.connection import get_connection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tortoise.backends.base.client import BaseDBAsyncClient
    from tortoise.models import Model

MAX_ROWS_A_STATEMENT = 500  # rows of one statement: both databases limit the number of values in it

T = TypeVar("T")


def connection() -> BaseDBAsyncClient:
    """The open database, or the transaction that this task is in."""
    return get_connection("default")


def in_chunks(items: Iterable[T], size: int = MAX_ROWS_A_STATEMENT) -> Iterator[list[T]]:
    """``items`` in order, ``size`` at a time."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


async def fetch(sql: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    """Run one statement and return its rows, also those of RETURNING."""
    client = connection()
    return [dict(row) for row in await client.execute_query_dict(_dialect(client, sql), list(values))]


async def run_for_each(sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run one statement for each of ``rows``, all in one go."""
    client = connection()
    if rows:
        await client.execute_many(_dialect(client, sql), [list(row) for row in rows])


async def insert(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert ``rows``, which all name the same fields, and return their ids in the same order."""
    ids: list[int] = []
    for chunk in in_chunks(rows):
        marks = _marks(len(chunk), len(chunk[0]))
        names = ", ".join(f'"{_column(model, field)}"' for field in chunk[0])
        sql = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES {marks} RETURNING id'  # noqa: S608, SLF001 - names from the models
        values = [value for row in chunk for value in to_columns(row.values())]
        # Rows are numbered in the order in which they stand, but need not be returned in it.
        ids += sorted(row["id"] for row in await fetch(sql, values))
    return ids


async def update(model: type[Model], changes: Sequence[Mapping[str, Any]]) -> None:
    """Update one row for each of ``changes``, which all name the same fields; the first is the key."""
    if not changes:
        return
    key, *fields = changes[0]
    sets = ", ".join(f'"{_column(model, field)}" = ${place}' for place, field in enumerate(fields, start=2))
    sql = f'UPDATE "{model._meta.db_table}" SET {sets} WHERE "{_column(model, key)}" = $1'  # noqa: S608, SLF001 - names from the models
    await run_for_each(sql, [to_columns(change.values()) for change in changes])


def to_columns(values: Iterable[Any]) -> list[Any]:
    """``values`` as both databases take them."""
    return [_plain(value) for value in values]


def utc(moment: datetime) -> datetime:
    """The same moment in UTC: SQLite compares times as text."""
    return moment.astimezone(UTC)


def clean(text: str) -> str:
    """``text`` without what PostgreSQL or UTF-8 cannot hold: NUL, and halves of pairs."""
    if "\0" in text:
        text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    match value:
        case Enum():
            return value.value
        case str():
            return clean(value)
        case datetime():
            return utc(value)
        case timedelta():
            return value // timedelta(microseconds=1)
    return value


def _column(model: type[Model], field: str) -> str:
    return model._meta.fields_db_projection[field]  # noqa: SLF001 - Tortoise documents it as its public map


def _marks(rows: int, columns: int) -> str:
    places = count(1)
    return ", ".join(f"({', '.join(f'${next(places)}' for _ in range(columns))})" for _ in range(rows))


def _dialect(client: BaseDBAsyncClient, sql: str) -> str:
    return sql if client.capabilities.dialect == "postgres" else sql.replace("$", "?")
