"""An archive of two sites, as the tests of what others do to it find it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.archive.archive import Archive
from tests.storage.archive.repositories import SITE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    """An open archive with two sites."""
    opened = Archive(tmp_path / "archive", durable=False)
    await opened.open([SITE, "plant-b"])
    yield opened
    await opened.close()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The repository of plant A."""
    return tmp_path / "archive" / "plant-a.git"
