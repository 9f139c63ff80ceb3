"""An open database of each kind, and the values that its tests put in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.database import database
from tests.database_fixtures import BOTH, empty_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture(params=BOTH)
async def address(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an empty database, of each kind in turn."""
    async with empty_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
async def storage(address: str) -> AsyncIterator[str]:
    """An open, empty database, of each kind in turn."""
    async with database(address):
        yield address
