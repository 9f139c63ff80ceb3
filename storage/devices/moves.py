"""What becomes of the past of a device that belongs to another site than before. Within the caller's transaction."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from storage.database.statements import fetch, in_chunks, run_for_each
from storage.tables.core import DeviceRow

if TYPE_CHECKING:
    from collections.abc import Mapping


async def settle() -> None:
    """Let what is known of each device be what its present site has of it."""
    await fetch(_SETTLE, [])
    await fetch(_FORGET_TROUBLE, [])


async def seal_pasts(declared: Mapping[str, str]) -> None:
    """Before devices are declared anew (site by name): what restricted ones leave at their sites stays with owners.

    Who may see it is decided by name, for lists and counts too. So it gets a name of its own, which no device can be
    declared under, and which is hidden like that of any restricted device that is no longer declared.
    """
    for chunk in in_chunks(declared):
        rows = await DeviceRow.filter(name__in=chunk, sealed=True).values_list("name", "site")
        for name, site in rows:
            if declared[name] != site:
                await _seal(name, site)


async def _seal(name: str, site: str) -> None:
    past = await _past_name(name, site)
    for table in ("run", "version", "event", "job"):
        sql = f"UPDATE {table} SET device = $1 WHERE device = $2 AND COALESCE(site, site) = $3"  # noqa: S608 - our own words
        await run_for_each(sql, [(past, name, site)])
    await run_for_each("DELETE FROM trouble WHERE device = $1", [(name,)])
    await DeviceRow.create(name=past, site=site, sealed=True)


async def _past_name(name: str, site: str) -> str:
    """The first of ``vault-fw1 (plant-a)``, ``vault-fw1 (plant-a 2)``, ... that is free."""
    for number in count(1):
        past = f"{name} ({site})" if number == 1 else f"{name} ({site} {number})"
        if not await DeviceRow.filter(name=past).exists():
            break
    return past


# What is known of a device is what its present site has: no state of a former site stands beside it, and none of a text
# that is missing. The newest version was last found valid by the newest good run. Asked of all devices, so that a
# database of an older Lastgood is mended. COALESCE keeps the walks in the index of devices.
_OURS = "v.device = device.name AND COALESCE(v.site, v.site) = device.site"
_OWN_VERSION = f"FROM version AS v WHERE {_OURS} AND v.missing_since IS NULL ORDER BY v.number DESC LIMIT 1"
_OWN_RUN = (
    "r.device = device.name AND COALESCE(r.site, r.site) = device.site AND r.outcome NOT IN ('pending', 'in_progress')"
)
_SETTLE = f"""
UPDATE device SET
    version = (SELECT v.number {_OWN_VERSION}),
    digest = (SELECT v.digest {_OWN_VERSION}),
    size = (SELECT v.size {_OWN_VERSION}),
    last_good_at = (SELECT v.last_checked_at {_OWN_VERSION}),
    last_run = (SELECT MAX(r.id) FROM run AS r WHERE {_OWN_RUN})
WHERE EXISTS (SELECT 1 FROM version AS v
              WHERE v.device = device.name AND v.number = device.version
                AND (v.site <> device.site OR v.missing_since IS NOT NULL))
   OR EXISTS (SELECT 1 FROM run AS r WHERE r.id = device.last_run AND r.site <> device.site)
   OR EXISTS (SELECT 1 FROM version AS v
              WHERE {_OURS} AND v.missing_since IS NULL AND v.number > COALESCE(device.version, 0))
"""  # noqa: S608 - our own words

# Whether a device is good or bad again is events at the site where it went bad, and nowhere else.
_FORGET_TROUBLE = """
DELETE FROM trouble WHERE EXISTS (
    SELECT 1 FROM device AS d JOIN run AS r ON r.id = trouble.run
    WHERE d.name = trouble.device AND r.site <> d.site
)
"""
