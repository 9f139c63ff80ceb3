"""Response URLs of the local Slack: their uses, their life, what they can do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp

from demo.slack.blocks import limits
from tests.demo.slack.calls import actions, button, section

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from demo.slack import Channel, LocalSlack, Person
    from tests.support.clock import MovedClock


async def _pressed_url(slack: LocalSlack, web: AsyncWebClient, anna: Person, plant_a: Channel) -> str:
    await web.chat_postMessage(channel=plant_a.id, text="x", blocks=[actions(button("go"))])
    done = await slack.press(anna, slack.messages(plant_a)[-1], "go")  # nobody is connected: the payload is enough
    url: str = done.payload["response_url"]
    return url


async def test_a_response_url_takes_five_posts(
    slack: LocalSlack, web: AsyncWebClient, anna: Person, plant_a: Channel, slack_clock: MovedClock
) -> None:
    url = await _pressed_url(slack, web, anna, plant_a)
    answers = []

    async with aiohttp.ClientSession() as session:
        for n in range(6):
            answers.append(await session.post(url, json={"text": str(n)}))
            await slack_clock.advance(timedelta(seconds=1))
        last = await answers[5].json()

    assert [one.status for one in answers] == [200] * 5 + [404]
    assert last["error"] == "used_url"
    assert len(slack.messages(plant_a, seen_by=anna)) == 6
    assert len(slack.messages(plant_a)) == 1


async def test_a_response_url_expires(
    slack: LocalSlack, web: AsyncWebClient, anna: Person, plant_a: Channel, slack_clock: MovedClock
) -> None:
    url = await _pressed_url(slack, web, anna, plant_a)
    await slack_clock.advance(limits.RESPONSE_URL + timedelta(seconds=1))

    async with aiohttp.ClientSession() as session:
        answer = await session.post(url, json={"text": "late"})
        told = await answer.json()

    assert (answer.status, told["error"]) == (404, "expired_url")


async def test_a_response_url_posts_in_the_channel_replaces_and_deletes(
    slack: LocalSlack, web: AsyncWebClient, anna: Person, plant_a: Channel
) -> None:
    url = await _pressed_url(slack, web, anna, plant_a)

    async with aiohttp.ClientSession() as session:
        await session.post(url, json={"text": "for all", "response_type": "in_channel"})
        await session.post(url, json={"text": "new", "blocks": [section("new")], "replace_original": True})
        bad = await session.post(url, json={"text": "x", "blocks": [{"type": "nope"}]})
        replaced = slack.messages(plant_a)
        await session.post(url, json={"delete_original": True})

    assert [one.text for one in replaced] == ["new", "for all"]
    assert bad.status == 400
    assert slack.refused[-1].error == "invalid_blocks"
    assert [one.text for one in slack.messages(plant_a)] == ["for all"]
