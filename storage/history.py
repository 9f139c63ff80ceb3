"""Lists of runs, newest first: pages by key over a history of millions."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from storage.batches import fetch, utc
from storage.models import RunRow
from storage.run_rows import to_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import Any

    from domain.runs import Run, RunQuery


async def runs_page(query: RunQuery) -> list[Run]:
    """The runs that ``query`` asks for, newest first; the next page begins ``before`` the last of them.

    Each combination of site and outcome is asked on its own and the answers are merged: every one of these
    questions walks an index in order and stops at the limit, where a single question would sort whole histories.
    """
    sites = query.sites if query.site is None else query.sites & {query.site}
    oldest = await _first_since(query.since) if query.since else None
    found: list[RunRow] = []
    for narrowed in _questions(query, sorted(sites)):
        rows = RunRow.filter(**narrowed, **_bounds(query, oldest))
        found += await rows.order_by("-id").limit(query.limit)
    found.sort(key=lambda row: row.id, reverse=True)
    return [to_run(row) for row in found[: query.limit]]


def _questions(query: RunQuery, sites: list[str]) -> Iterator[dict[str, Any]]:
    outcomes = [{"outcome": outcome} for outcome in sorted(query.outcomes)] or [{}]
    wheres: list[dict[str, Any]] = [{"site": site} for site in sites]
    if query.device is not None:
        wheres = [{"device": query.device, "site__in": sites}] if sites else []
    return (where | outcome for where, outcome in product(wheres, outcomes))


def _bounds(query: RunQuery, oldest: int | None) -> dict[str, Any]:
    bounds: dict[str, Any] = {}
    if query.before is not None:
        bounds["id__lt"] = query.before
    if query.since is not None:
        bounds |= {"created_at__gte": utc(query.since), "id__gte": oldest or 0}
    return bounds


async def _first_since(since: datetime) -> int | None:
    """The lowest number that a run since then has: where the walk may stop."""
    # The plus keeps databases from walking all runs by number, the oldest first, until one is young enough.
    [row] = await fetch("SELECT MIN(+id) AS id FROM run WHERE created_at >= $1", [utc(since)])
    first: int | None = row["id"]
    return first
