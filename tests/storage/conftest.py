"""An open database of each kind, and the values that its tests put in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.database.opening import database
from tests.support.database_fixtures import BOTH, empty_database, migrated_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture(params=BOTH)
async def address(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an empty database, of each kind in turn."""
    async with empty_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture(params=BOTH)
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """An open database with nothing in its tables, of each kind in turn."""
    async with migrated_database(request.param, tmp_path) as url, database(url):
        yield url
