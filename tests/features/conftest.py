"""A town for each feature: time is hurried along, and at the end nothing secret may have left it."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from storage.runs.runs import unfinished_runs
from tests.features.sweep import Seeds, leaks
from tests.support.serve_fixtures import town as bare_town
from tests.support.serve_fixtures import town_clock, town_slack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.support.serve_fixtures import Town

__all__ = ["bare_town", "town_clock", "town_slack"]

CHANNEL_GAP = timedelta(seconds=1)  # Slack takes one message a second in each channel


@pytest.fixture
def temp_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files of this test and its agents, short enough for a socket's path."""
    folder = Path(tempfile.mkdtemp(prefix="town-"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def seeds() -> Seeds:
    """What must be found nowhere outside the archive; a test adds its own."""
    return Seeds()


@pytest.fixture
async def town(
    bare_town: Town,
    seeds: Seeds,
    temp_folder: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> AsyncIterator[Town]:
    """Plant A, whose clock goes on a second with each message, so that no test waits for Slack's pace."""
    caplog.set_level(logging.INFO)
    hurry = asyncio.create_task(_hurry(bare_town))
    yield bare_town
    hurry.cancel()
    with suppress(asyncio.CancelledError):
        await hurry
    written = "".join(capfd.readouterr())
    held = leaks(bare_town, seeds, temp_folder, caplog.records, written)
    await _give_up_runs(bare_town)
    await bare_town.stop()
    written = "".join(capfd.readouterr())
    assert held + leaks(bare_town, seeds, temp_folder, caplog.records, written) == []


async def _give_up_runs(town: Town) -> None:
    """Cancel what still hangs in a device: stopping would wait for it."""
    if town.is_running:
        for run in await unfinished_runs():
            await town.serve.engine.dispatcher.cancel(run, by=town.olga.id)


async def _hurry(town: Town) -> None:
    with town.slack.changes() as changes:
        while True:
            await town.slack.next_change()
            if any(change.kind == "message" for change in changes):
                town.clock.advance(CHANNEL_GAP)
            changes.clear()
