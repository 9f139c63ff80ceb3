"""Jobs whose next time lies elsewhere by now: the zone of their site was changed, or what is known of that zone."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from domain.jobs.schedules import next_time
from domain.jobs.spoken import from_store
from storage.database.readable import readable
from storage.database.statements import in_chunks, update, utc
from storage.tables.jobs import JobRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

log = logging.getLogger(__name__)

_COLUMNS = ("id", "site", "schedule", "next_run_at")


async def move_jobs(zones: Mapping[str, tzinfo], *, now: datetime) -> int:
    """Count anew when the jobs of these sites come due, as far as it lies ahead; returns how many moved.

    What came due while nothing ran stays due.
    """
    moved = []
    for sites in in_chunks(sorted(zones)):
        rows = JobRow.filter(site__in=sites, live_name__isnull=False, next_run_at__gt=utc(now)).values_list(*_COLUMNS)
        moved += readable(await rows, lambda row: _moved(row, zones, now))
    changed = [one for one in moved if one]
    await update(JobRow, changed)
    if changed:
        log.info("clocks have changed, jobs come due at other times", extra={"jobs": len(changed)})
    return len(changed)


def _moved(row: tuple[int, str, str, datetime], zones: Mapping[str, tzinfo], now: datetime) -> dict[str, object] | None:
    number, site, schedule, known = row
    coming = next_time(from_store(schedule), zones[site], now)
    return {"id": number, "next_run_at": coming} if coming != known else None
