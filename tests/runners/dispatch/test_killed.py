"""``serve``'s side killed with SIGKILL at many moments: true outcomes, a sound archive, both agree."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from domain.runs.queries import RunQuery
from storage.devices.versions import versions_of
from storage.runs.history import runs_page
from tests.runners.dispatch_child import COUNT, INVENTORY
from tests.runners.workshop import workshop

if TYPE_CHECKING:
    from pathlib import Path

    from tests.runners.workshop import Workshop


@pytest.mark.parametrize("line", [2, 3, 9, 20, 50, 101], ids=lambda line: f"after step {line}")
async def test_a7_kill_at_any_moment_leaves_every_run_its_true_outcome_once(tmp_path: Path, line: int) -> None:
    await _run_and_kill(tmp_path, "Vlan1", after=1_000)
    await _run_and_kill(tmp_path, "Vlan2", after=line)

    async with workshop(tmp_path, INVENTORY, close_timeout=timedelta(0)) as shop:
        await shop.connect()
        for capture in shop.captures():
            await shop.say(shop.failed(capture.run, FailureKind.SILENT))
        while waiting := [
            capture.run for capture in shop.captures() if not (await shop.look_up(capture.run)).outcome.is_final
        ]:
            for run in waiting:
                await shop.say(shop.failed(run, FailureKind.SILENT))
        runs = await runs_page(RunQuery(sites=frozenset({"plant-a"}), limit=1_000))
        newest = {run.device: run for run in reversed(runs)}
        await _assert_versions_match(shop)

    git = subprocess.run(  # noqa: S603, ASYNC221 - git's own opinion of the repository
        ["git", "-C", str(tmp_path / "archive" / "plant-a.git"), "fsck", "--full", "--strict"],  # noqa: S607
        check=False,
        capture_output=True,
    )
    assert git.returncode == 0, git.stderr
    assert len(newest) == COUNT
    assert {run.outcome for run in runs} <= {Outcome.UP_TO_DATE, Outcome.MODIFIED, Outcome.FAILED}
    assert {run.reason for run in runs} <= {None, FailureKind.INTERRUPTED, FailureKind.SILENT}
    assert len({one.id for one in shop.announced if one.outcome.is_final}) == sum(
        one.outcome.is_final for one in shop.announced
    )


async def _run_and_kill(folder: Path, text: str, *, after: int) -> None:
    """Let the child come to its line ``after``, then kill it; or let it end, if it says less."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.runners.dispatch_child", str(folder), text, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout
    for _ in range(after):
        if not await child.stdout.readline():
            break
    else:
        child.kill()
    await child.communicate()


async def _assert_versions_match(shop: Workshop) -> None:
    """What the database calls a version is what git has, made by the run that says so."""
    commits = {found.commit: found for found in await shop.archive.commits_after("plant-a", None)}
    known = [version for device in INVENTORY.devices for version in await versions_of(device, limit=100)]

    assert {version.commit for version in known} == set(commits)
    for version in known:
        run = await shop.look_up(version.run)
        assert (run.device, run.version) == (version.device, version.number)
        assert run.outcome is (Outcome.UP_TO_DATE if version.number == 1 else Outcome.MODIFIED)
