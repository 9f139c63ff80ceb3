"""The watchdog over backups: on its own clock, whatever digests there are and whatever schedules do."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from domain.events.alerts import DevicesOverdue
from domain.events.overdue import Overdue
from storage.devices.overdue import aging_devices, note_overdue_told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from domain.clock import Clock
    from domain.events.alerts import Alert
    from domain.events.overdue import Aging
    from domain.inventory.declared import Inventory

log = logging.getLogger(__name__)

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


class OverdueWatch:
    """Finds devices without a good backup for too long and has each told of once, until it is good again."""

    def __init__(self, inventory: Inventory, *, clock: Clock, tell: Callable[[Alert], Awaitable[None]]) -> None:
        self._inventory = inventory
        self._clock = clock
        self._tell = tell

    async def tick(self) -> None:
        """Look at every declared device; one site that cannot be told of does not stop the others."""
        fresh: dict[str, list[Aging]] = {}
        for one in await self._overdue():
            fresh.setdefault(one.site, []).append(one)
        for site, devices in fresh.items():
            try:
                await self._tell(DevicesOverdue(site=site, devices=tuple(_told(devices))))
            except Exception:  # an edge: it is tried again at the next tick
                log.exception("overdue devices could not be told of", extra={"site": site, "devices": len(devices)})
                continue
            await note_overdue_told([one.device for one in devices], at=self._clock.now())
            log.info("overdue devices told of", extra={"site": site, "devices": len(devices)})

    async def _overdue(self) -> list[Aging]:
        now, declared = self._clock.now(), self._inventory.devices
        limits = {name: self._inventory.overdue_after(device) for name, device in declared.items()}
        if not limits:
            return []
        aging = await aging_devices(self._inventory.sites, before=now - min(limits.values()))
        return [
            one for one in aging if one.device in limits and not one.is_told and one.is_overdue(now, limits[one.device])
        ]


def _told(devices: Iterable[Aging]) -> list[Overdue]:
    """The longest overdue first, those that were never backed up before all."""
    ordered = sorted(devices, key=lambda one: (one.good_at is not None, one.since or _BEFORE_ALL, one.device))
    return [Overdue(device=one.device, good_at=one.good_at, since=one.since) for one in ordered]
