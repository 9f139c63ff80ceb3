"""How often the jobs of sites come due, as far as digests have to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.digests.expected import Planned
from domain.jobs.spoken import from_store
from storage.database.readable import readable
from storage.database.statements import in_chunks
from storage.tables.jobs import JobRow

if TYPE_CHECKING:
    from collections.abc import Iterable

_COLUMNS = ("site", "device", "schedule", "created_at", "paused_at", "paused_until")


async def planned_jobs(sites: Iterable[str]) -> list[Planned]:
    """The jobs at ``sites`` that are switched on and not deleted."""
    found: list[Planned] = []
    for chunk in in_chunks(sorted(set(sites))):
        rows = JobRow.filter(site__in=chunk, live_name__isnull=False, enabled=True).values_list(*_COLUMNS)
        found += readable(await rows, _planned)
    return found


def _planned(row: tuple[Any, ...]) -> Planned:
    named = dict(zip(_COLUMNS, row, strict=True))
    return Planned(**named | {"schedule": from_store(named["schedule"])})
