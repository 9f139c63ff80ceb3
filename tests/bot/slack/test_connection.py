"""The Socket Mode connection on bad days."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp

from bot.slack.connection import SOCKET_SILENCE_TIMEOUT

if TYPE_CHECKING:
    import pytest

    from tests.support.serve_fixtures import Town


async def ready(town: Town) -> int:
    async with aiohttp.ClientSession() as session, session.get(f"{town.serve.front.web.url}/readyz") as answer:
        return answer.status


async def test_a_dead_connection_fails_readiness_and_is_replaced_as_soon_as_slack_is_back(town: Town) -> None:
    await town.start(keeps_time=False)
    connection = town.serve.front.connection
    assert connection is not None
    await town.command(town.anna, "/backup help")
    await town.slack.faults.outage()
    town.clock.advance(SOCKET_SILENCE_TIMEOUT + timedelta(seconds=1))

    await connection.tick()
    while_out = (connection.is_alive, await ready(town))
    town.slack.faults.end_outage()
    await connection.tick()
    await town.slack.connected()

    assert while_out == (False, 503)
    assert (connection.is_alive, await ready(town)) == (True, 200)
    assert (await town.command(town.anna, "/backup help")).acked


async def test_a_socket_that_looks_open_and_is_silent_is_replaced(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    await town.start(keeps_time=False)
    connection = town.serve.front.connection
    assert connection is not None
    await town.command(town.anna, "/backup help")
    monkeypatch.setattr("bot.slack.connection.PONG_TIMEOUT", timedelta(milliseconds=50))
    town.slack.sockets.silence()
    town.clock.advance(SOCKET_SILENCE_TIMEOUT + timedelta(seconds=1))

    await connection.tick()

    assert (await town.command(town.anna, "/backup help")).acked
    assert b"lastgood_slack_reconnects_total 1.0" in town.serve.core.metrics.text()


async def test_a_quiet_workspace_is_no_dead_connection(town: Town) -> None:
    await town.start(keeps_time=False)
    connection = town.serve.front.connection
    assert connection is not None
    town.clock.advance(timedelta(hours=3))

    await connection.tick()

    assert connection.is_alive
    assert b"lastgood_slack_reconnects_total 0.0" in town.serve.core.metrics.text()


async def test_no_command_is_lost_while_slack_asks_for_a_new_connection(town: Town) -> None:
    await town.start(keeps_time=False)

    refreshing = asyncio.create_task(town.slack.sockets.refresh())
    done = [await town.command(town.anna, "/backup help") for _ in range(20)]
    await refreshing

    assert all(one.acked for one in done)


async def test_an_answer_that_was_not_sent_when_the_bot_stopped_comes_once_after_it_started_again(town: Town) -> None:
    await town.start(keeps_time=False)

    done = await town.command(town.anna, "/backup help")
    await town.stop()
    await town.start(keeps_time=False)

    await town.private(town.anna, "keeps the last good configuration")
    await town.serve.settled()
    told = [call for call in town.slack.calls if call.method == "response_url"]
    assert (done.acked, len(told)) == (True, 1)
