"""What people are not told at once, because they muted it or it is their night."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.database.statements import fetch, run_for_each, to_columns
from storage.events.events import events_by_id
from storage.tables.events import DeferredRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from domain.events.audiences import Event, Wait

MAX_DEFERRED_READ = 5_000  # events of one person and reason


async def defer(person: str, events: Iterable[int], *, event_group: int, wait: Wait, now: datetime) -> None:
    """Keep these events from ``person`` for now. Those that are deferred already stay as they are."""
    await run_for_each(_DEFER, [to_columns((person, one, event_group, wait, now)) for one in events])


async def deferred_in(event_group: int) -> dict[str, frozenset[int]]:
    """Which events of a group are deferred, by person."""
    found: dict[str, set[int]] = {}
    for row in await DeferredRow.filter(event_group=event_group):
        found.setdefault(row.person, set()).add(row.event)
    return {person: frozenset(events) for person, events in found.items()}


async def deferred_for(person: str, wait: Wait) -> list[Event]:
    """What is deferred for ``person`` for this reason, in the order in which it came, bounded."""
    rows = await DeferredRow.filter(wait=wait, person=person).order_by("event").limit(MAX_DEFERRED_READ)
    return await events_by_id(row.event for row in rows)


async def persons_deferred(wait: Wait) -> list[str]:
    """For whom something is deferred for this reason."""
    rows = await fetch("SELECT DISTINCT person FROM deferred_event WHERE wait = $1 ORDER BY person", to_columns([wait]))
    return [row["person"] for row in rows]


async def let_go(person: str, wait: Wait, *, until: int) -> None:
    """Defer none of the events up to this one any more: ``person`` has been told of them."""
    await DeferredRow.filter(wait=wait, person=person, event__lte=until).delete()


_DEFER = """
INSERT INTO deferred_event (person, event, event_group, wait, deferred_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (person, event) DO NOTHING
"""
