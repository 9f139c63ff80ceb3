"""How everything at some sites stands now: each device's last run and last good backup, and what is going on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.runs.health import health_of
from domain.runs.outcomes import UNFINISHED, Outcome
from storage.database.statements import fetch, in_chunks, to_columns

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from domain.inventory.declared import Device, Inventory
    from domain.runs.health import Health

MAX_SITES_A_STATEMENT = 100  # sites of one statement


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStanding:
    """How a device stands."""

    device: str
    site: str
    last_good_at: datetime | None = None  # None: never
    known_since: datetime | None = None  # when it was first declared; None: before anybody took note of that
    run: int | None = None  # the newest that has ended; None: there is none
    outcome: Outcome | None = None  # of that run


async def standings(sites: Iterable[str]) -> dict[str, DeviceStanding]:
    """How the devices of ``sites`` stand, by name, those among them that are no longer declared."""
    found: dict[str, DeviceStanding] = {}
    for chunk in in_chunks(sorted(set(sites)), MAX_SITES_A_STATEMENT):
        for row in await fetch(_STANDINGS.format(sites=_marks(len(chunk))), chunk):
            found[row["device"]] = DeviceStanding(
                **row | {"outcome": Outcome(row["outcome"]) if row["outcome"] else None}
            )
    return found


async def health_of_each(devices: Iterable[Device], inventory: Inventory, *, now: datetime) -> dict[str, Health]:
    """How each of the declared ``devices`` stands, by name; one of which nothing is known was never backed up."""
    wanted = list(devices)
    known = await standings({device.site for device in wanted})
    return {
        device.name: health_of(
            good_at=one.last_good_at if one else None,
            outcome=one.outcome if one else None,
            before=now - inventory.overdue_after(device),
        )
        for device, one in ((device, known.get(device.name)) for device in wanted)
    }


async def unfinished_counts(sites: Iterable[str], *, hidden: frozenset[str] = frozenset()) -> dict[Outcome, int]:
    """How many runs at ``sites`` wait and how many are in progress, those of ``hidden`` devices left out."""
    counts = dict.fromkeys(sorted(UNFINISHED), 0)
    for chunk in in_chunks(sorted(set(sites)), MAX_SITES_A_STATEMENT):
        rows = await fetch(_UNFINISHED.format(sites=_marks(len(chunk))), to_columns(chunk))
        for row in rows:
            if row["device"] not in hidden:
                counts[Outcome(row["outcome"])] += row["runs"]
    return counts


def _marks(count: int) -> str:
    return ", ".join(f"${place}" for place in range(1, count + 1))


_STANDINGS = """
SELECT d.name AS device, d.site, d.last_good_at, d.known_since, r.id AS run, r.outcome
FROM device AS d LEFT JOIN run AS r ON r.id = d.last_run
WHERE d.site IN ({sites})
"""

_UNFINISHED = """
SELECT device, outcome, COUNT(*) AS runs FROM run
WHERE site IN ({sites}) AND outcome IN ('pending', 'in_progress')
GROUP BY device, outcome
"""
