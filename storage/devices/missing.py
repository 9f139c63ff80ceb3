"""Versions whose texts are missing from the archive: what is known of their devices goes back to what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.functions import Count
from tortoise.transactions import in_transaction

from storage.database.statements import fetch, in_chunks, utc
from storage.devices.moves import settle
from storage.devices.versions import to_version
from storage.tables.core import VersionRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from domain.configs.versions import Version

MAX_VERSIONS_OF_A_DEVICE = 10_000  # that are looked at when the newest is missing
MAX_NAMED_DEVICES = 1_000  # devices without any text that are counted one by one

_ANY = 2**62


async def note_missing(versions: Iterable[Version], at: datetime) -> None:
    """The texts of these are missing; their devices stand as they did with the newest version that is there."""
    await _note(versions, utc(at))


async def note_found(versions: Iterable[Version]) -> None:
    """The texts of these are there again."""
    await _note(versions, None)


async def checked_next(before: int | None, *, limit: int) -> list[tuple[int, Version]]:
    """The next versions to look at with their row numbers, newest first; ``before`` is where the last ones ended."""
    rows = VersionRow.filter(id__lt=_ANY if before is None else before).order_by("-id").limit(limit)
    return [(row.id, to_version(row)) for row in await rows]


async def versions_at(device: str, site: str) -> list[Version]:
    """Every version of ``device`` at ``site``, newest first."""
    rows = VersionRow.filter(device=device, site=site).order_by("-number").limit(MAX_VERSIONS_OF_A_DEVICE)
    return [to_version(row) for row in await rows]


async def missing_counts() -> dict[str, int]:
    """How many texts are missing, by site."""
    rows = VersionRow.filter(missing_since__isnull=False).annotate(found=Count("id")).group_by("site")
    return {row["site"]: row["found"] for row in await rows.values("site", "found")}


async def devices_without_newest() -> list[str]:
    """Devices whose newest text is missing, and that have not been backed up since; not more than a thousand."""
    return [row["device"] for row in await fetch(_WITHOUT_NEWEST, [MAX_NAMED_DEVICES])]


async def _note(versions: Iterable[Version], at: datetime | None) -> None:
    async with in_transaction():
        for chunk in in_chunks(versions):
            by_number: dict[int, list[str]] = {}
            for one in chunk:
                by_number.setdefault(one.number, []).append(one.device)
            for number, devices in by_number.items():
                rows = VersionRow.filter(device__in=devices, number=number)
                await rows.update(missing_since=at)
        await settle()


_WITHOUT_NEWEST = """
SELECT DISTINCT v.device FROM version AS v JOIN device AS d ON d.name = v.device AND d.site = v.site
WHERE v.missing_since IS NOT NULL AND v.number > COALESCE(d.version, 0)
ORDER BY v.device LIMIT $1
"""
