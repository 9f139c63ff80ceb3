"""Two plants over a real, empty database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.database.opening import database
from storage.devices import devices
from tests.commands.plants import Plant, build_plant, make_device, make_inventory
from tests.support.database_fixtures import migrate_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path


@pytest.fixture
async def make_plant(tmp_path: Path) -> AsyncIterator[Callable[..., Plant]]:
    """Builds a Plant around an inventory; the database is empty."""
    await migrate_file(tmp_path / "test.db")
    async with database(f"sqlite:///{tmp_path}/test.db"):
        yield build_plant


@pytest.fixture
async def plant(make_plant: Callable[..., Plant]) -> Plant:
    """Plant A with four devices, Plant B with two."""
    inventory = make_inventory(
        make_device("core-sw1"),
        make_device("core-sw2"),
        make_device("edge-rt1", platform="juniper_junos"),
        make_device("Büro Switch"),
        make_device("hidden-fw1", "plant-b", "fortinet_fortios"),
        make_device("hidden-fw2", "plant-b", "fortinet_fortios"),
    )
    await devices.sync_devices(inventory)
    return make_plant(inventory)
