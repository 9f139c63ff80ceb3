"""What is known of devices beside their declaration: newest version, last good backup, host keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tortoise.transactions import in_transaction

from domain.configs.versions import DeviceState
from domain.subscriptions.subscriptions import SubscriptionScope
from storage.database.statements import fetch, in_chunks, run_for_each, to_columns
from storage.devices.moves import seal_pasts, settle
from storage.messages.outbox import hold_restricted
from storage.tables.core import DeviceRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from domain.inventory.declared import Inventory
    from domain.runs.steps import StoredVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceMove:
    """What the end of a run, or a version found again, tells of a device. For this room only."""

    device: str
    site: str
    run: int | None = None
    good_at: datetime | None = None
    stored: StoredVersion | None = None
    host_key: str | None = None
    offered_host_key: str | None = None


async def sync_devices(inventory: Inventory, *, now: datetime | None = None) -> None:
    """Write down what is declared: new devices, those that now belong to another site, and which are restricted.

    Devices that are no longer declared keep what is known of them, and remain restricted if they were. ``now`` is kept
    as the time since when a new one is known at its site; None: nobody takes note of it. Of a device that belongs to
    another site than before only that is known from now on which this site has of it: its past stays where it was, and
    with owners alone if it was restricted there. Subscriptions follow it, and messages that still wait are sent only to
    those for whom a newly restricted device in them is there.
    """
    async with in_transaction():
        restricted = {one.name for one in inventory.devices.values() if one.only is not None}
        newly = restricted - await sealed_devices()
        await seal_pasts({one.name: one.site for one in inventory.devices.values()})
        await run_for_each(
            _DECLARE,
            [to_columns((one.name, one.site, one.only is not None, now)) for one in inventory.devices.values()],
        )
        await settle()
        await fetch(_FOLLOW, [SubscriptionScope.DEVICE.value])
        await hold_restricted(newly)


async def known_since(devices: Iterable[str]) -> dict[str, datetime | None]:
    """When each of ``devices`` was first declared; None: before anybody took note of that."""
    found: dict[str, datetime | None] = {}
    for chunk in in_chunks(dict.fromkeys(devices)):
        found |= {row.name: row.known_since for row in await DeviceRow.filter(name__in=chunk)}
    return found


async def sealed_devices() -> frozenset[str]:
    """Names of the devices that were restricted when they were last declared."""
    return frozenset([row.name for row in await DeviceRow.filter(sealed=True).only("name")])


async def device_state(device: str) -> DeviceState | None:
    """What is known of ``device``; None: it was never declared and never ran."""
    return (await device_states([device])).get(device)


async def device_states(devices: Iterable[str]) -> dict[str, DeviceState]:
    """What is known of each of ``devices``; unknown ones are left out."""
    found: dict[str, DeviceState] = {}
    for chunk in in_chunks(dict.fromkeys(devices)):
        found |= {row.name: _to_state(row) for row in await DeviceRow.filter(name__in=chunk)}
    return found


async def last_goods(devices: Iterable[str]) -> dict[str, datetime | None]:
    """The last good backup of each of ``devices`` at its site; None: never, also where nothing is known of it."""
    found: dict[str, datetime | None] = {}
    for chunk in in_chunks(dict.fromkeys(devices)):
        rows = DeviceRow.filter(name__in=chunk, last_good_at__isnull=False)
        good = dict(await rows.values_list("name", "last_good_at"))
        found |= {name: good.get(name) for name in chunk}
    return found


async def pin_host_key(device: str, key: str) -> None:
    """Make ``key`` the one that ``device`` must show from now on; an offer that was refused is settled by it."""
    await DeviceRow.filter(name=device).update(host_key=key, offered_host_key=None)


async def move_devices(moves: Sequence[DeviceMove]) -> None:
    """Write what ended runs tell, within the caller's transaction. For this room only.

    One statement for each, so that two ends can never overwrite each other's part. Nothing moves backwards.
    """
    await run_for_each(_MOVE, [to_columns(_move_columns(move).values()) for move in moves])


def _move_columns(move: DeviceMove) -> dict[str, Any]:
    stored = move.stored
    return {
        "name": move.device,
        "site": move.site,
        "version": stored.number if stored else None,
        "digest": stored.digest if stored else None,
        "size": stored.size if stored else None,
        "last_good_at": move.good_at or (stored.captured_at if stored else None),
        "last_run": move.run,
        "host_key": move.host_key,
        "offered_host_key": move.offered_host_key,
    }


def _to_state(row: DeviceRow) -> DeviceState:
    return DeviceState(
        device=row.name,
        site=row.site,
        version=row.version,
        digest=row.digest,
        size=row.size,
        last_good_at=row.last_good_at,
        last_run=row.last_run,
        host_key=row.host_key,
        offered_host_key=row.offered_host_key,
        known_since=row.known_since,
    )


_DECLARE = """
INSERT INTO device AS d (name, site, sealed, known_since) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO UPDATE SET
    site = excluded.site,
    sealed = excluded.sealed,
    known_since = CASE WHEN d.site = excluded.site THEN d.known_since
                       ELSE COALESCE(excluded.known_since, d.known_since) END,
    overdue_told_at = CASE WHEN d.site = excluded.site THEN d.overdue_told_at END,
    offered_host_key = CASE WHEN d.site = excluded.site THEN d.offered_host_key END
WHERE d.site <> excluded.site OR d.sealed <> excluded.sealed
"""

_FOLLOW = """
UPDATE subscription SET site = (SELECT d.site FROM device AS d WHERE d.name = subscription.target)
WHERE scope = $1
  AND EXISTS (SELECT 1 FROM device AS d WHERE d.name = subscription.target AND d.site <> subscription.site)
RETURNING id
"""

# A good log-in with the pinned key makes an offer that was refused before void. A run of a site to which the device
# belongs no longer tells nothing of it.
_MOVE = """
INSERT INTO device AS d (name, site, version, digest, size, last_good_at, last_run, host_key, offered_host_key, sealed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, FALSE)
ON CONFLICT (name) DO UPDATE SET
    version = CASE WHEN excluded.version > COALESCE(d.version, 0) THEN excluded.version ELSE d.version END,
    digest = CASE WHEN excluded.version > COALESCE(d.version, 0) THEN excluded.digest ELSE d.digest END,
    size = CASE WHEN excluded.version > COALESCE(d.version, 0) THEN excluded.size ELSE d.size END,
    last_good_at = CASE WHEN d.last_good_at IS NULL OR excluded.last_good_at > d.last_good_at
                        THEN excluded.last_good_at ELSE d.last_good_at END,
    last_run = CASE WHEN excluded.last_run > COALESCE(d.last_run, 0) THEN excluded.last_run ELSE d.last_run END,
    host_key = COALESCE(d.host_key, excluded.host_key),
    offered_host_key = CASE WHEN excluded.offered_host_key IS NOT NULL THEN excluded.offered_host_key
                            WHEN excluded.host_key = COALESCE(d.host_key, excluded.host_key) THEN NULL
                            ELSE d.offered_host_key END
WHERE d.site = excluded.site
"""
