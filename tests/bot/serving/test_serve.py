"""The whole way: typed in Slack, carried out over SSH, told in Slack."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.slack.identity import Identity, warn_of_missing_scopes
from domain.errors import SettingsError

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


@pytest.mark.parametrize("code", ["team_access_not_granted", "a_code_of_next_year", "internal_error"])
@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
async def test_the_bot_starts_although_slack_refuses_it_for_a_moment(town: Town, method: str, code: str) -> None:
    town.slack.faults.error(method, code, times=1)

    start = asyncio.create_task(town.start(keeps_time=False))
    while not town.is_running:  # noqa: ASYNC110 - it starts by itself
        await asyncio.sleep(0.01)
    assert town.serve.front.connection is not None
    await town.serve.front.connection.tick()
    await start

    assert (await town.command(town.anna, "/backup help")).acked


@pytest.mark.parametrize(
    ("method", "named"), [("auth.test", "SLACK_BOT_TOKEN"), ("apps.connections.open", "SLACK_APP_TOKEN")]
)
@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked"])
async def test_a_token_that_slack_rejects_ends_the_start_and_is_named(
    town: Town, method: str, named: str, code: str
) -> None:
    town.slack.faults.error(method, code, times=None)

    with pytest.raises(SettingsError, match=f"{named}: Slack rejects it .{code}."):
        await town.start(keeps_time=False)


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
