"""Rows V1 and V2: a version only when something changed, and exactly what the device sent."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from demo.fleet import Fault
from domain.runs.outcomes import Outcome
from storage.archive.files import file_of
from storage.devices.versions import version_at, versions_of
from tests.features.asking import back_up, runs_of, stored

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town


async def test_v1_ten_equal_runs_are_one_version_whose_last_check_moves(town: Town) -> None:
    switch = await town.add_device("core-sw1", lines=40)
    await town.start()
    await back_up(town, "core-sw1")
    [first] = await versions_of("core-sw1")
    for _ in range(9):
        await back_up(town, "core-sw1")

    [version] = await versions_of("core-sw1")
    runs = await runs_of("core-sw1")
    log = _git(town, "log", "--format=%H", "main").decode().split()
    assert {run.outcome for run in runs} == {Outcome.UP_TO_DATE}
    assert (len(runs), switch.shows) == (10, 10)
    assert log == [version.commit]
    assert (version.number, version.captured_at) == (1, first.captured_at)
    assert version.last_checked_at == runs[0].finished_at
    assert version.last_checked_at > first.last_checked_at


async def test_v1_a_question_for_a_day_gives_the_version_that_was_valid_then(town: Town) -> None:
    switch = await town.add_device("core-sw1", lines=40)
    await town.start()
    for vlan, days in ((71, 0), (72, 4), (73, 0)):
        switch.change(f"add vlan {vlan}")
        await back_up(town, "core-sw1")
        town.clock.advance(timedelta(days=days))
    asked = town.clock.now() - timedelta(days=2)

    await town.command(town.vera, f"/backup show core-sw1 {asked:%Y-%m-%d}")

    shown = town.slack.plain(await town.private(town.vera, "VLAN-72"))
    found = await version_at("core-sw1", asked)
    third, second, first = await versions_of("core-sw1")
    assert "VLAN-73" not in shown
    assert found == second
    assert (first.valid_until, second.valid_until) == (second.captured_at, third.captured_at)
    assert third.valid_until is None


@pytest.mark.parametrize("fault", [None, Fault.CRLF, Fault.NOT_UTF8], ids=["plain", "crlf", "not utf-8"])
async def test_v2_git_text_equals_the_bytes_of_the_device(town: Town, fault: Fault | None) -> None:
    switch = await town.add_device("core-sw1", lines=60)
    switch.change("describe Büro Köln → 倉庫 2F")
    switch.fault = fault
    await town.start()

    await back_up(town, "core-sw1")

    folder, name = file_of("core-sw1")
    in_git = _git(town, "cat-file", "blob", f"main:{folder}/{name}")
    assert hashlib.sha256(in_git).hexdigest() == hashlib.sha256(switch.wire).hexdigest()
    assert await stored(town, "core-sw1") == in_git
    assert b"\r\n" in in_git
    assert "Büro Köln → 倉庫 2F".encode() in in_git
    assert (fault is Fault.NOT_UTF8) == (b"R\xe4umlichkeiten" in in_git)


def _git(town: Town, *words: str) -> bytes:
    """What the real git says of the repository of Plant A."""
    repository = town.folder / "data" / "archive" / "plant-a.git"
    command = ["git", "-c", "safe.directory=*", "-C", str(repository), *words]
    return subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - fixed words
