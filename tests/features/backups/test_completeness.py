"""Row A8: half a configuration is never stored as a good one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from demo.fleet import Fault
from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from storage.devices.versions import versions_of
from tests.features.asking import back_up, last_run, stored

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        pytest.param(Fault.TRUNCATED, FailureKind.INCOMPLETE, "is incomplete, so it was not stored", id="no end mark"),
        pytest.param(Fault.SHRUNK, FailureKind.SUSPECT, "far smaller than the last one", id="big shrink"),
    ],
)
async def test_a8_incomplete_capture_fails_and_the_stored_version_is_unchanged(
    town: Town, fault: Fault, kind: FailureKind, words: str
) -> None:
    switch = await town.add_device("core-sw1", retries=0)
    await town.start()
    await back_up(town, "core-sw1")
    good = switch.wire
    switch.change("add vlan 77")
    switch.fault = fault

    message = await back_up(town, "core-sw1")

    run = await last_run("core-sw1")
    [version] = await versions_of("core-sw1")
    assert (run.outcome, run.reason) == (Outcome.FAILED, kind)
    assert "🔴 Failed" in town.slack.plain(message)
    assert words in town.slack.plain(message)
    assert version.number == 1
    assert await stored(town, "core-sw1") == good
    assert switch.wire != good


async def test_a8_after_a_suspect_capture_the_next_good_one_is_compared_with_the_last_good_one(town: Town) -> None:
    switch = await town.add_device("core-sw1", retries=0)
    await town.start()
    await back_up(town, "core-sw1")
    switch.fail_next(Fault.SHRUNK)
    await back_up(town, "core-sw1")

    message = await back_up(town, "core-sw1")

    assert "🟢 Up to Date" in town.slack.plain(message)
    assert len(await versions_of("core-sw1")) == 1
