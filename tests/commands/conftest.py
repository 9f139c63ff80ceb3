"""Two plants over a real, empty database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.database.opening import database
from storage.devices import devices
from tests.commands.plants import Plant, build_plant, two_plants
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
    inventory = two_plants()
    await devices.sync_devices(inventory)
    return make_plant(inventory)
