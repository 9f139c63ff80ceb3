"""How often the jobs of sites come due, as far as digests have to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.digests.expected import Planned
from domain.jobs.schedules import from_store
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
        found += [
            Planned(
                site=site,
                device=device,
                schedule=from_store(schedule),
                created_at=created_at,
                paused_at=paused_at,
                paused_until=paused_until,
            )
            for site, device, schedule, created_at, paused_at, paused_until in await rows
        ]
    return found
