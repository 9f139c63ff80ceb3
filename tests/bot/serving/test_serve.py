"""The whole way: typed in Slack, carried out over SSH, told in Slack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.slack.identity import Identity, warn_of_missing_scopes

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_command_backs_a_device_up_over_either_transport(town: Town, mode: str) -> None:
    await town.add_device("core-sw1")
    await town.start(mode)

    done = await town.command(town.anna, "/backup now core-sw1")

    assert done.acked
    message = await town.final("core-sw1")
    assert "Up to Date" in town.slack.plain(message)
    assert town.slack.refused == []


async def test_the_bot_starts_although_slack_is_away_for_a_moment(town: Town) -> None:
    town.slack.faults.server_error("auth.test", times=1)

    await town.start()

    assert (await town.command(town.anna, "/backup help")).acked


async def test_scopes_that_are_missing_are_named_at_the_start(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    granted = town.slack.identity.scopes - {"files:write"}

    warn_of_missing_scopes(Identity(team="T1", bot_user="U1", bot_id="B1", scopes=granted))

    assert "files:write (send long diffs as files)" in str(caplog.records[-1].__dict__["missing"])


async def test_nightly_work_leaves_everything_as_it_was(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    await town.command(town.anna, "/backup now core-sw1")
    await town.final("core-sw1")

    await town.serve.timetable.repack()
    await town.serve.timetable.clean_up()

    await town.command(town.anna, "/backup show core-sw1")
    await town.private(town.anna, "hostname core-sw1")


async def test_a_run_asked_for_before_a_restart_is_told_once_after_it(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()
    first = await town.command(town.anna, "/backup now core-sw1")

    await town.stop()
    await town.start()

    assert first.acked
    await town.final("core-sw1")
    await town.serve.settled()
    posts = [call for call in town.slack.calls if call.method == "chat.postMessage"]
    assert len(posts) == 1
