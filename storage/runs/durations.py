"""How long backups of a device usually take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.runs.outcomes import Outcome
from storage.runs.rows import to_run
from storage.tables.core import RunRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

_LOOKED_AT = 9  # good runs of each outcome


async def usual_durations(devices: Iterable[str]) -> dict[str, timedelta]:
    """The median of the last good runs of each device; devices without any are left out."""
    found: dict[str, timedelta] = {}
    for device in dict.fromkeys(devices):  # a few steps into an index each
        spans = []
        for outcome in (Outcome.UP_TO_DATE, Outcome.MODIFIED):
            rows = await RunRow.filter(device=device, outcome=outcome).order_by("-id").limit(_LOOKED_AT)
            spans += [run.duration for run in map(to_run, rows) if run.duration]
        if spans:
            found[device] = sorted(spans)[len(spans) // 2]
    return found
