"""What a person sees of runs that are ended early, and of captures that cannot be stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from demo.fleet import Fault
from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from storage.devices.versions import newest_version
from storage.runs.runs import latest_runs_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.serve_fixtures import Town


async def test_a7_cancel_closes_the_session_and_names_who(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    switch.fault = Fault.HANGS_IN_CONFIG
    await town.start()
    await town.command(town.anna, "/backup now core-sw1")
    await town.until(lambda: switch.sessions == 1)
    asked_at = town.clock.now()

    await town.command(town.anna, "/backup cancel core-sw1")

    message = await town.final("core-sw1")
    shown = town.slack.plain(message)
    run = (await latest_runs_of({"core-sw1": "plant-a"}))["core-sw1"]
    assert (run.outcome, run.reason, run.cancelled_by) == (Outcome.FAILED, FailureKind.CANCELLED, town.anna.id)
    assert run.finished_at
    assert (run.finished_at - asked_at).total_seconds() < 10
    assert "Failed" in shown
    assert town.anna.name in shown
    assert switch.sessions == 0


def objects_become_a_file(repository: Path) -> None:
    """No object can be written, whoever asks."""
    (repository / "objects").rename(repository / "objects-away")
    (repository / "objects").write_bytes(b"")


def branch_is_locked(repository: Path) -> None:
    """Objects can be written, the branch cannot be moved."""
    (repository / "refs" / "heads" / "main.lock").write_bytes(b"")


@pytest.mark.parametrize("break_it", [objects_become_a_file, branch_is_locked])
async def test_v6_capture_that_cannot_be_stored_is_a_failed_run_with_its_reason(town: Town, break_it: object) -> None:
    assert callable(break_it)
    switch = await town.add_device("core-sw1")
    await town.start()
    await town.command(town.anna, "/backup now core-sw1")
    first = await town.final("core-sw1")
    switch.change("add vlan 77")
    break_it(town.serve.core.settings.archive / "plant-a.git")

    await town.command(town.anna, "/backup now core-sw1")

    shown = town.slack.plain(await town.final("core-sw1", after=first))
    run = (await latest_runs_of({"core-sw1": "plant-a"}))["core-sw1"]
    version = await newest_version("core-sw1")
    assert (run.outcome, run.reason) == (Outcome.FAILED, FailureKind.ARCHIVE)
    assert version
    assert version.number == 1
    assert "Failed" in shown
    assert (
        "The configuration was captured but could not be stored. Check the disk and the rights of the archive folder."
        in shown
    )
