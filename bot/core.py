"""What serve is without Slack: settings, database, archive. The command line uses it alone."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.background import Background
from bot.metrics import Metrics
from storage.access.grants import all_grants
from storage.archive.archive import Archive
from storage.database.lease import sole_user
from storage.database.opening import database
from storage.devices.devices import sealed_devices, sync_devices
from storage.jobs.moved import move_jobs
from storage.subscriptions.digests import sync_digests
from storage.subscriptions.routes import sync_routes
from storage.subscriptions.zones import move_digests

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings.loading import Settings
    from domain.access.access import Access
    from domain.clock import Clock
    from domain.inventory.declared import Inventory
    from storage.database.lease import Lease


@dataclass(frozen=True, kw_only=True)
class Core:
    """What is declared, and where it is kept."""

    settings: Settings
    clock: Clock
    inventory: Inventory
    access: Access
    archive: Archive
    lease: Lease  # to be the one process that runs things on this database
    metrics: Metrics = field(default_factory=Metrics)
    background: Background = field(default_factory=Background)


@asynccontextmanager
async def core_of(settings: Settings, *, clock: Clock, metrics: Metrics | None = None) -> AsyncIterator[Core]:
    """Open database and archive for this process alone, and write down what is declared.

    Raises:
        StorageError: the database cannot be used, or another process runs things on it.
        ArchiveError: the archive cannot be used, or another process has it.
    """
    inventory = settings.to_inventory()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(database(settings.database))
        lease = await stack.enter_async_context(sole_user(settings.database))
        archive = Archive(settings.archive)
        await archive.open(inventory.sites)
        stack.push_async_callback(archive.close)
        await sync_devices(inventory, now=clock.now())
        await sync_routes([route for site in inventory.sites.values() for route in site.routes])
        await sync_digests(settings.digests, now=clock.now())
        await move_digests(now=clock.now())
        await move_jobs({site.key: site.timezone for site in inventory.sites.values()}, now=clock.now())
        access = settings.access(inventory)
        access.book.load(await all_grants(), sealed=await sealed_devices())
        core = Core(
            settings=settings,
            clock=clock,
            inventory=inventory,
            access=access,
            archive=archive,
            lease=lease,
            metrics=metrics or Metrics(),
        )
        stack.push_async_callback(core.background.close)
        yield core
