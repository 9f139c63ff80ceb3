"""The host keys of the machines through which devices are reached. Devices of one site share them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.database.statements import in_chunks, run_for_each, to_columns
from storage.tables.core import JumpHostRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.runs.steps import JumpKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class JumpHostState:
    """What is known of one jump host."""

    host_key: str | None = None  # pinned
    offered_host_key: str | None = None  # shown and refused


async def jump_host_states(places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], JumpHostState]:
    """What is known of each of ``places``, pairs of site and address; unknown ones are left out."""
    wanted = set(places)
    found: dict[tuple[str, str], JumpHostState] = {}
    for chunk in in_chunks({address for _, address in wanted}):
        for row in await JumpHostRow.filter(address__in=chunk):
            found[row.site, row.address] = JumpHostState(host_key=row.host_key, offered_host_key=row.offered_host_key)
    return {place: state for place, state in found.items() if place in wanted}


async def pin_jump_host_key(site: str, address: str, key: str) -> None:
    """Make ``key`` the one that this jump host must show from now on; an offer that was refused is settled by it."""
    await JumpHostRow.filter(site=site, address=address).update(host_key=key, offered_host_key=None)


async def move_jump_hosts(seen: Sequence[tuple[str, JumpKeys]]) -> None:
    """Write what ended runs of each site saw, within the caller's transaction. For this room only."""
    rows = dict.fromkeys((site, one.address, one.host_key, one.offered_host_key) for site, one in seen)
    ordered = sorted(rows, key=lambda row: row[:2])  # the same order in every transaction: none waits in a circle
    await run_for_each(_MOVE, [to_columns(row) for row in ordered])


# A good log-in with the pinned key makes an offer that was refused before void.
_MOVE = """
INSERT INTO jump_host AS j (site, address, host_key, offered_host_key) VALUES ($1, $2, $3, $4)
ON CONFLICT (site, address) DO UPDATE SET
    host_key = COALESCE(j.host_key, excluded.host_key),
    offered_host_key = CASE WHEN excluded.offered_host_key IS NOT NULL THEN excluded.offered_host_key
                            WHEN excluded.host_key = COALESCE(j.host_key, excluded.host_key) THEN NULL
                            ELSE j.offered_host_key END
"""
