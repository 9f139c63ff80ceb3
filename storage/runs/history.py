"""Lists of runs in both directions: pages by key over a history of millions."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

from domain.runs.outcomes import Outcome
from storage.database.statements import fetch, in_chunks, to_columns, utc
from storage.runs.rows import to_run
from storage.tables.core import RunRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from domain.runs.queries import RunQuery
    from domain.runs.run import Run

MAX_QUESTIONS_A_STATEMENT = 100  # questions of one statement
_NO_RUN = 2**62  # higher than any number
_EXACT = "COALESCE(created_at, created_at)"  # so that no walk leaves its index for that of the times
_OUT_OF_ORDER = timedelta(hours=1)  # by which a run may have a higher number than one that was asked for later

Condition = tuple[str, Any]  # "site =" and the value, or "site IN" and the values
Walk = tuple[Condition, ...]  # along an index, in order, until the page is full


async def runs_page(query: RunQuery) -> list[Run]:
    """The runs that ``query`` asks for, in its direction.

    Each combination of site and outcome is a walk of its own and the answers are merged: every one of these walks
    follows an index in order and stops at the limit, where a single question would sort whole histories.
    """
    sites = sorted(query.sites if query.site is None else query.sites & {query.site})
    if not sites:
        return []
    bounds = await _bounds(query)
    found: list[int] = []
    for walks in in_chunks(_walks(query, sites), MAX_QUESTIONS_A_STATEMENT):
        found += await _numbers(walks, bounds, query)
    found.sort(reverse=not query.ascending)
    shown = found[: query.limit]
    rows = {row.id: row for row in await RunRow.filter(id__in=shown)} if shown else {}
    return [to_run(rows[number]) for number in shown if number in rows]


def _walks(query: RunQuery, sites: Sequence[str]) -> Iterator[Walk]:
    """The walks whose index leads to the fewest rows that are not wanted."""
    asked_by = query.asked_by is not None
    outcomes = sorted(query.outcomes or (Outcome if query.trigger else ()))  # the index of triggers goes on with them
    kinds: list[Walk] = [(("outcome =", outcome),) for outcome in outcomes] or [()]
    if outcomes and asked_by:
        kinds = [(("outcome IN", outcomes),)]  # one person starts few runs
    wheres: list[Walk] = [(("site =", site),) for site in sites]
    if asked_by or query.job is not None or query.device is not None:
        wheres = [(("site IN", sites),)]
    rest = _narrower(query)
    return ((*where, *rest, *kind) for where, kind in product(wheres, kinds))


def _narrower(query: RunQuery) -> tuple[Condition, ...]:
    wanted = {"device": query.device, "job": query.job, "trigger": query.trigger, "asked_by": query.asked_by}
    return tuple((f"{column} =", value) for column, value in wanted.items() if value is not None)


async def _bounds(query: RunQuery) -> tuple[Condition, ...]:
    """Numbers between which a walk may stay, and the exact times."""
    bounds: list[Condition] = [("device NOT IN", sorted(query.hidden))] if query.hidden else []
    if query.devices:
        bounds.append(("device IN", sorted(query.devices)))
    if query.before is not None:
        bounds.append(("id <", query.before))
    if query.after is not None:
        bounds.append(("id >", query.after))
    if query.since is not None:
        bounds += [(f"{_EXACT} >=", utc(query.since)), ("id >", await last_before(query.since))]
    if query.until is not None:
        bounds += [(f"{_EXACT} <", utc(query.until)), ("id <", await first_after(query.until))]
    return tuple(bounds)


async def _numbers(walks: Collection[Walk], bounds: Sequence[Condition], query: RunQuery) -> list[int]:
    values: list[Any] = []
    order = "ASC" if query.ascending else "DESC"
    parts = []
    for walk in walks:
        where = " AND ".join(_sql(condition, values) for condition in (*walk, *bounds))
        ordered = f"SELECT id FROM run WHERE {where} ORDER BY id {order} LIMIT {query.limit:d}"  # noqa: S608 - our columns, values apart
        parts.append(f"SELECT id FROM ({ordered}) AS walk")  # noqa: S608 - the same
    return [row["id"] for row in await fetch(" UNION ALL ".join(parts), to_columns(values))]


def _sql(condition: Condition, values: list[Any]) -> str:
    """The condition with marks for its values, which join ``values``."""
    column, value = condition
    several = list(value) if column.endswith(" IN") else [value]
    marks = ", ".join(f"${place}" for place in range(len(values) + 1, len(values) + len(several) + 1))
    values += several
    return f"{column} ({marks})" if column.endswith(" IN") else f"{column} {marks}"


async def last_before(since: datetime) -> int:
    """A number up to which no run is as young as that: where a walk may stop or begin."""
    sql = "SELECT id FROM run WHERE created_at < $1 ORDER BY created_at DESC, id DESC LIMIT 1"
    rows = await fetch(sql, [utc(since - _OUT_OF_ORDER)])
    return int(rows[0]["id"]) if rows else 0


async def first_after(until: datetime) -> int:
    """A number from which on no run is as old as that."""
    sql = "SELECT id FROM run WHERE created_at >= $1 ORDER BY created_at, id LIMIT 1"
    rows = await fetch(sql, [utc(until + _OUT_OF_ORDER)])
    return int(rows[0]["id"]) if rows else _NO_RUN
