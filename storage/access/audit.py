"""The audit: entries are added and read, and nothing else is ever done with them."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tortoise.transactions import in_transaction

from domain.audit import AuditAction, AuditEntry
from storage.database.statements import fetch, in_chunks, insert, to_columns, utc
from storage.tables.audit import AuditRow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime

    from domain.audit import AuditQuery

MAX_AUDIT_QUESTIONS = 100  # questions of one statement
_NO_ENTRY = 2**62  # higher than any number
_OUT_OF_ORDER = timedelta(minutes=10)  # by which an entry may have a higher number than one of a later time

Condition = tuple[str, Any]


@asynccontextmanager
async def together() -> AsyncIterator[None]:
    """One transaction for a change and its entries: whatever happens, there are both or neither."""
    async with in_transaction():
        yield


async def note(*entries: AuditEntry) -> None:
    """Write down ``entries``, within the transaction of the change where there is one."""
    if entries:
        await insert(AuditRow, [_columns(entry.limited()) for entry in entries])


async def audit_page(query: AuditQuery) -> list[AuditEntry]:
    """The entries that ``query`` asks for, the newest first.

    Each site is a walk of its own along an index and the answers are merged, so that no question sorts a history.
    """
    walks = _walks(query)
    bounds = await _bounds(query)
    found: list[int] = []
    for chunk in in_chunks(walks, MAX_AUDIT_QUESTIONS):
        found += await _numbers(chunk, bounds, query)
    shown = sorted(found, reverse=True)[: query.limit]
    rows = {row.id: row for row in await AuditRow.filter(id__in=shown)} if shown else {}
    return [_to_entry(rows[number]) for number in shown]


def _columns(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "actor": entry.actor[:64],
        "what": entry.what,
        "site": entry.site,
        "device": entry.device,
        "target": entry.target,
        "before": _written(entry.before),
        "after": _written(entry.after),
        "denied": entry.denied,
        "correlation": entry.correlation[:64],
    }


def _written(facts: Mapping[str, str]) -> str:
    return json.dumps(dict(facts))  # ASCII: PostgreSQL cannot hold every character


def _to_entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        id=row.id,
        at=row.at,
        actor=row.actor,
        what=AuditAction(row.what),
        site=row.site,
        device=row.device,
        target=row.target,
        before=MappingProxyType(json.loads(row.before)),
        after=MappingProxyType(json.loads(row.after)),
        denied=row.denied,
        correlation=row.correlation,
    )


def _walks(query: AuditQuery) -> list[tuple[Condition, ...]]:
    wanted = {"actor =": query.actor, "device =": query.device, "denied =": query.denied}
    rest: tuple[Condition, ...] = tuple((column, value) for column, value in wanted.items() if value is not None)
    if query.sites is None:
        return [((("site =", query.site), *rest)) if query.site else rest]
    sites = sorted(query.sites if query.site is None else query.sites & {query.site})
    return [(("site =", site), *rest) for site in sites]


async def _bounds(query: AuditQuery) -> list[Condition]:
    """Numbers between which a walk may stay, and the exact times."""
    bounds: list[Condition] = []
    if query.before is not None:
        bounds.append(("id <", query.before))
    if query.since is not None:
        bounds += [("COALESCE(at, at) >=", utc(query.since)), ("id >", await _last_before(query.since))]
    if query.until is not None:
        bounds += [("COALESCE(at, at) <", utc(query.until)), ("id <", await _first_after(query.until))]
    return bounds


async def _numbers(walks: Sequence[tuple[Condition, ...]], bounds: Sequence[Condition], query: AuditQuery) -> list[int]:
    values: list[Any] = []
    parts = []
    for walk in walks:
        conditions = [_sql(column, value, values) for column, value in (*walk, *bounds)]
        where = " AND ".join([*conditions, *_unhidden(query.hidden, values)]) or "1 = 1"
        ordered = f"SELECT id FROM audit WHERE {where} ORDER BY id DESC LIMIT {query.limit:d}"  # noqa: S608 - our columns, values apart
        parts.append(f"SELECT id FROM ({ordered}) AS walk")  # noqa: S608 - the same
    return [row["id"] for row in await fetch(" UNION ALL ".join(parts), to_columns(values))]


def _sql(column: str, value: object, values: list[Any]) -> str:
    values.append(value)
    return f"{column} ${len(values)}"


def _unhidden(hidden: frozenset[str], values: list[Any]) -> list[str]:
    if not hidden:
        return []
    first = len(values) + 1
    values += sorted(hidden)
    marks = ", ".join(f"${place}" for place in range(first, len(values) + 1))
    return [f"(device IS NULL OR device NOT IN ({marks}))"]


async def _last_before(since: datetime) -> int:
    """A number up to which no entry is as young as that."""
    sql = "SELECT id FROM audit WHERE at < $1 ORDER BY at DESC, id DESC LIMIT 1"
    rows = await fetch(sql, [utc(since - _OUT_OF_ORDER)])
    return int(rows[0]["id"]) if rows else 0


async def _first_after(until: datetime) -> int:
    """A number from which on no entry is as old as that."""
    sql = "SELECT id FROM audit WHERE at >= $1 ORDER BY at, id LIMIT 1"
    rows = await fetch(sql, [utc(until + _OUT_OF_ORDER)])
    return int(rows[0]["id"]) if rows else _NO_ENTRY
