"""Rate limits of the local Slack, by its clock."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack import LocalSlack
from tests.demo.slack.calls import refusal
from tests.support.clock import MovedClock

if TYPE_CHECKING:
    from demo.slack import Channel


async def test_a_channel_takes_a_short_burst_and_then_one_message_a_second(
    slack: LocalSlack, web: AsyncWebClient, plant_a: Channel, slack_clock: MovedClock
) -> None:
    other = slack.add_channel("plant-b")
    for _ in range(5):
        await web.chat_postMessage(channel=plant_a.id, text="x")

    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel=plant_a.id, text="x")
    await web.chat_postMessage(channel=other.id, text="another channel is free")
    await slack_clock.advance(timedelta(seconds=1))
    await web.chat_postMessage(channel=plant_a.id, text="x")
    again = await refusal(web.chat_postMessage(channel=plant_a.id, text="x"))

    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    assert again == "ratelimited"
    assert len(slack.messages(plant_a)) == 6


async def test_a_person_and_the_conversation_with_them_share_one_limit(slack: LocalSlack, web: AsyncWebClient) -> None:
    anna = slack.add_person("anna")
    for _ in range(5):
        await web.chat_postMessage(channel=anna.id, text="x")

    assert await refusal(web.chat_postMessage(channel=slack.dm(anna).id, text="x")) == "ratelimited"


async def test_a_method_of_tier_two_takes_twenty_calls_a_minute(web: AsyncWebClient, slack_clock: MovedClock) -> None:
    for _ in range(20):
        await web.users_list()

    with pytest.raises(SlackApiError) as caught:
        await web.users_list()
    await web.auth_test()
    await slack_clock.advance(timedelta(seconds=int(caught.value.response.headers["Retry-After"])))
    await web.users_list()

    assert caught.value.response.headers["Retry-After"] == "3"


async def test_hammering_on_does_not_make_the_wait_shorter(
    web: AsyncWebClient, plant_a: Channel, slack_clock: MovedClock
) -> None:
    for _ in range(5):
        await web.chat_postMessage(channel=plant_a.id, text="x")
    for _ in range(3):
        await refusal(web.chat_postMessage(channel=plant_a.id, text="x"))
        await slack_clock.advance(timedelta(milliseconds=300))

    assert await refusal(web.chat_postMessage(channel=plant_a.id, text="x")) == "ratelimited"
    await slack_clock.advance(timedelta(milliseconds=100))
    await web.chat_postMessage(channel=plant_a.id, text="x")


async def test_limits_can_be_switched_off() -> None:
    async with LocalSlack(clock=MovedClock(), rate_limits=False) as slack:
        channel = slack.add_channel("plant-a")
        web = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        for _ in range(30):
            await web.chat_postMessage(channel=channel.id, text="x")

        assert len(slack.messages(channel)) == 30
