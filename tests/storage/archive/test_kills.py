"""kill -9 at any moment: the repository stays sound and holds all that was acknowledged."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from storage.archive.archive import Archive
from tests.storage.archive.storing import batch

ROOT = Path(__file__).parents[3]
KILLS = 20


def run_and_kill(folder: Path, first: int, *, after: int, seconds_later: float) -> dict[int, list[str]]:
    """Let a process store from round ``first`` on and kill it a random while after so many acknowledgements."""
    command = [sys.executable, "-m", "tests.storage.archive.storing", str(folder), str(first)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(after)]
        try:
            process.wait(timeout=seconds_later)
        except subprocess.TimeoutExpired:
            process.kill()
        lines += process.stdout.readlines()
    acknowledged = [line.split() for line in lines if line.endswith("\n")]
    return {int(number): commits for number, *commits in acknowledged}


def check_soundness(repository: Path) -> None:
    """Let git itself look at every object; what a kill left without a reference does no harm."""
    command = ["git", "-C", str(repository), "fsck", "--strict", "--no-dangling"]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own arguments


@pytest.mark.timeout(600)
async def test_killed_at_random_moments_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    moments = random.Random(20_260_302)  # noqa: S311 - no secret
    acknowledged: dict[int, list[str]] = {}
    archive = Archive(tmp_path)

    for _ in range(KILLS):
        first = max(acknowledged, default=0) + 1
        acknowledged |= run_and_kill(
            tmp_path, first, after=moments.randint(1, 3), seconds_later=moments.uniform(0.0, 0.03)
        )
        check_soundness(tmp_path / "plant-a.git")

    await archive.open(["plant-a"])
    found = {one.commit: one for one in await archive.commits_after("plant-a", None)}
    for number, commits in acknowledged.items():
        for expected, commit in zip(batch(number), commits, strict=True):
            assert (found[commit].device, found[commit].number) == (expected.device, number)
            assert await archive.read("plant-a", commit, expected.device) == expected.text
    await archive.close()
    assert len(acknowledged) >= KILLS
