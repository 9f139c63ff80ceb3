"""Devices whose last good backup is getting old, and whether people were told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.events.overdue import Aging
from storage.database.statements import in_chunks, utc
from storage.tables.core import DeviceRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_COLUMNS = ("name", "site", "last_good_at", "known_since", "overdue_told_at")


async def aging_devices(sites: Iterable[str], *, before: datetime) -> list[Aging]:
    """Devices at ``sites`` without a good backup since ``before``, also those that are no longer declared."""
    found: list[Aging] = []
    for chunk in in_chunks(sorted(set(sites))):
        every = DeviceRow.filter(site__in=chunk)
        never = await every.filter(last_good_at__isnull=True).values_list(*_COLUMNS)
        old = await every.filter(last_good_at__lt=utc(before)).values_list(*_COLUMNS)
        found += [
            Aging(device=name, site=site, good_at=good_at, known_since=known, told_at=told)
            for name, site, good_at, known, told in (*never, *old)
        ]
    return found


async def note_overdue_told(devices: Iterable[str], *, at: datetime) -> None:
    """Remember that people know of the present stretch of these devices."""
    for chunk in in_chunks(dict.fromkeys(devices)):
        await DeviceRow.filter(name__in=chunk).update(overdue_told_at=utc(at))
