"""What the whole bot does when Slack refuses it, fails, or is asked too much."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.requests.person_limits import TOO_MANY_REQUESTS, PersonLimit
from bot.slack.connection import SOCKET_SILENCE_TIMEOUT
from storage.messages import outbox

if TYPE_CHECKING:
    from demo.slack import Message
    from tests.support.serve_fixtures import Town

BODIES = ["html", "plain", "cut"]


async def is_accepted(town: Town) -> tuple[bool, bool]:
    """Whether Slack accepts the app: by ``/readyz``, and by the figure."""
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{town.serve.front.web.url}/readyz") as ready:
            parts = (await ready.json())["parts"]
        async with session.get(f"{town.serve.front.web.url}/metrics") as figures:
            text = await figures.text()
    return parts["slack accepts us"], "lastgood_slack_accepts 1.0" in text


def told(town: Town) -> list[Message]:
    """What the owner was told of it."""
    found = town.slack.messages(town.slack.dm(town.olga))
    return [one for one in found if "Slack refused Lastgood" in one.text]


async def refused(town: Town, code: str, times: int) -> None:
    """Wait until Slack has refused that often, letting time jump over the pauses between."""
    for count in range(1, times + 1):
        await town.until(lambda: len([one for one in town.slack.refused if one.error == code]) >= count or None)  # noqa: B023 - awaited in this round
        await town.serve.engine.deliverer.settled()
        town.clock.advance(timedelta(minutes=5))


async def test_a_revoked_token_loses_nothing_and_the_next_token_delivers_after_a_restart(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()
    await town.command(town.anna, "/backup now core-sw1")
    first = await town.final("core-sw1")
    town.slack.issue_bot_token("xoxb-the-next-one")

    await town.command(town.anna, "/backup now core-sw1")
    await refused(town, "token_revoked", times=6)
    while_refused = await is_accepted(town)
    waiting = await outbox.waiting()
    await town.stop()
    town.clock.advance(timedelta(hours=2))
    town.environ["SLACK_BOT_TOKEN"] = town.slack.bot_token
    await town.start()

    await town.final("core-sw1", after=first)
    await town.until(lambda: told(town) or None)
    await town.serve.settled()
    assert while_refused == (False, False)
    assert waiting >= 2
    assert await is_accepted(town) == (True, True)
    assert len(told(town)) == 1
    assert "`token_revoked`" in town.slack.plain(told(town)[0])


async def test_a_no_that_nobody_caused_by_sending_is_noticed_and_seen_to_pass(town: Town) -> None:
    await town.start()
    town.slack.faults.refuse_app("team_access_not_granted")
    town.clock.advance(timedelta(minutes=6))
    town.serve.engine.deliverer.wake()

    await refused(town, "team_access_not_granted", times=3)
    before = await is_accepted(town)
    town.slack.faults.clear()
    town.clock.advance(timedelta(minutes=6))

    await town.until(lambda: told(town) or None)
    await town.serve.settled()
    assert (before, await is_accepted(town)) == ((False, False), (True, True))


@pytest.mark.parametrize("body", BODIES)
async def test_a_5xx_of_any_form_does_not_end_the_start(town: Town, body: str) -> None:
    for method in ("auth.test", "apps.connections.open"):
        town.slack.faults.server_error(method, body=body)
    start = asyncio.create_task(town.start(keeps_time=False))
    while not town.is_running:  # noqa: ASYNC110 - it starts by itself
        await asyncio.sleep(0.01)
    connection = town.serve.front.connection
    assert connection is not None
    before = connection.is_alive

    await connection.tick()

    await start
    assert (before, connection.is_alive) == (False, True)
    assert (await town.command(town.anna, "/backup help")).acked


@pytest.mark.parametrize("body", BODIES)
async def test_a_5xx_of_any_form_is_answered_as_trouble_and_delays_a_new_connection(town: Town, body: str) -> None:
    await town.start(keeps_time=False)
    connection = town.serve.front.connection
    assert connection is not None
    fault = town.slack.faults.server_error("users.info", body=body, times=None)

    await town.command(town.anna, "/backup help")
    await town.private(town.anna, "Slack did not confirm who you are")
    town.slack.faults.pending.remove(fault)
    town.slack.faults.server_error("apps.connections.open", body=body)
    await town.slack.sockets.close_all()
    town.clock.advance(SOCKET_SILENCE_TIMEOUT + timedelta(seconds=1))
    await connection.tick()
    await connection.tick()

    await town.slack.connected()
    await town.command(town.anna, "/backup help")
    await town.private(town.anna, "keeps the last good configuration")


async def test_a_mention_in_a_group_direct_message_is_answered_and_other_words_there_are_not(town: Town) -> None:
    await town.start()
    few = town.slack.add_group_dm("few", members=[town.anna, town.vera])

    await town.slack.say(town.vera, few, "help, who knows this device?")
    await town.slack.mention(town.anna, few, "help")

    answer = await town.private(town.anna, "keeps the last good configuration", few)
    await town.serve.settled()
    assert answer.ephemeral_for == town.anna.id
    assert [one for one in town.slack.messages(few, seen_by=town.vera) if one.bot_id] == []


@pytest.mark.parametrize("private", [False, True])
async def test_the_bot_knows_at_once_that_it_was_removed_from_a_channel(town: Town, *, private: bool) -> None:
    crew = town.slack.add_channel("crew", members=[town.anna], private=private)
    await town.start()
    channels = town.serve.slack.channels
    before = await channels.has_us(crew.id)

    town.slack.happenings.left(town.slack.identity.bot_user, crew.id)
    await town.slack.settled()

    assert (before, await channels.has_us(crew.id)) == (True, False)


async def test_who_asks_too_much_is_told_once_and_nobody_else_notices(town: Town) -> None:
    await town.start()
    limits = town.serve.front.handler.limits
    limits.requests = PersonLimit(town.clock, most=4, window=timedelta(minutes=2))

    for _ in range(10):
        await town.command(town.stan, "/backup help")
    await town.command(town.anna, "/backup help")

    await town.private(town.anna, "keeps the last good configuration")
    await town.private(town.stan, TOO_MANY_REQUESTS)
    await town.serve.settled()
    to_stan = [one for one in town.slack.messages(town.plant_a, seen_by=town.stan) if one.ephemeral_for == town.stan.id]
    assert len(to_stan) == 4
    town.clock.advance(timedelta(minutes=2))
    await town.command(town.stan, "/backup help")
    await town.until(
        lambda: (
            len([one for one in town.slack.messages(town.plant_a, seen_by=town.stan) if one.ephemeral_for]) == 5 or None
        )
    )
