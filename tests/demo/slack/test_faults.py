"""Every fault on demand: what the client sees, and whether the call took effect."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError, SlackClientError

from demo.slack.blocks import limits
from tests.demo.slack.calls import actions, button, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from slack_bolt.adapter.socket_mode.websockets import AsyncSocketModeHandler
    from slack_bolt.async_app import AsyncAck, AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    from demo.slack import Channel, LocalSlack, Person
    from tests.support.clock import MovedClock


async def test_429_comes_with_retry_after_and_without_effect(
    slack: LocalSlack, web: AsyncWebClient, plant_a: Channel
) -> None:
    slack.faults.rate_limit("chat.postMessage", times=2, retry_after=30)

    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel=plant_a.id, text="x")
    second = await refusal(web.chat_postMessage(channel=plant_a.id, text="x"))
    await web.chat_postMessage(channel=plant_a.id, text="third")

    assert caught.value.response.headers["Retry-After"] == "30"
    assert second == "ratelimited"
    assert [one.text for one in slack.messages(plant_a)] == ["third"]


@pytest.mark.parametrize(("after_effect", "posted"), [(False, 0), (True, 1)], ids=["before", "after"])
@pytest.mark.parametrize("status", [500, 503, 504])
async def test_5xx_before_or_after_the_effect(
    slack: LocalSlack, web: AsyncWebClient, plant_a: Channel, status: int, posted: int, *, after_effect: bool
) -> None:
    slack.faults.server_error("chat.postMessage", status=status, after_effect=after_effect)

    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel=plant_a.id, text="x")

    assert caught.value.response.status_code == status
    assert len(slack.messages(plant_a)) == posted
    assert slack.calls[-1].status == status


@pytest.mark.parametrize(("after_effect", "posted"), [(False, 0), (True, 1)], ids=["before", "after"])
async def test_a_dropped_connection_before_or_after_the_effect(
    slack: LocalSlack, web: AsyncWebClient, plant_a: Channel, posted: int, *, after_effect: bool
) -> None:
    slack.faults.drop("chat.postMessage", after_effect=after_effect)

    with pytest.raises(aiohttp.ClientError):
        await web.chat_postMessage(channel=plant_a.id, text="x")

    assert len(slack.messages(plant_a)) == posted
    assert slack.calls[-1].status == 0


async def test_a_slow_answer_waits_for_the_clock(
    slack: LocalSlack, web: AsyncWebClient, plant_a: Channel, slack_clock: MovedClock
) -> None:
    slack.faults.slow("chat.*", timedelta(seconds=20))

    posting = asyncio.ensure_future(web.chat_postMessage(channel=plant_a.id, text="x"))
    await slack.wait_for(lambda: slack.messages(plant_a))
    early = posting.done()
    await slack_clock.advance(timedelta(seconds=20))
    answer = await posting

    assert not early
    assert answer["ok"]


@pytest.mark.parametrize("code", ["is_archived", "not_in_channel", "invalid_blocks", "fatal_error"])
async def test_any_error_code(slack: LocalSlack, web: AsyncWebClient, plant_a: Channel, code: str) -> None:
    slack.faults.error("chat.postMessage", code)

    assert await refusal(web.chat_postMessage(channel=plant_a.id, text="x")) == code
    assert slack.messages(plant_a) == []


async def test_a_fault_can_skip_calls_and_choose_by_argument(
    slack: LocalSlack, web: AsyncWebClient, plant_a: Channel
) -> None:
    fault = slack.faults.error(
        "chat.postMessage", "fatal_error", skip=1, times=None, where=lambda args: "x" in args["text"]
    )
    words = ["a", "x1", "b", "x2", "x3"]

    codes: list[str | None] = []
    for word in words:
        try:
            await web.chat_postMessage(channel=plant_a.id, text=word)
            codes.append(None)
        except SlackApiError as error:
            codes.append(error.response["error"])

    assert codes == [None, None, None, "fatal_error", "fatal_error"]
    assert fault.happened == 2
    slack.faults.clear()
    assert slack.faults.striking("chat.postMessage", {"text": "x"}) is None


@pytest.mark.parametrize("step", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
async def test_each_step_of_an_upload_can_fail(
    slack: LocalSlack, web: AsyncWebClient, plant_a: Channel, step: str
) -> None:
    slack.faults.server_error(step, status=504)

    with pytest.raises(SlackClientError):
        await web.files_upload_v2(channel=plant_a.id, content="x", filename="a.txt")

    assert slack.messages(plant_a) == []


@pytest.mark.parametrize(
    ("make", "status"),
    [
        pytest.param(lambda faults: faults.server_error("response_url"), 503, id="5xx"),
        pytest.param(lambda faults: faults.rate_limit("response_url"), 429, id="429"),
    ],
)
async def test_a_response_url_can_fail(
    slack: LocalSlack,
    web: AsyncWebClient,
    anna: Person,
    plant_a: Channel,
    make: Any,  # noqa: ANN401 - a row of the table
    status: int,
) -> None:
    await web.chat_postMessage(channel=plant_a.id, text="x", blocks=[actions(button("go"))])
    done = await slack.press(anna, slack.messages(plant_a)[0], "go")
    make(slack.faults)

    async with aiohttp.ClientSession() as session:
        answer = await session.post(done.payload["response_url"], json={"text": "y"})

    assert answer.status == status
    assert len(slack.messages(plant_a, seen_by=anna)) == 1


async def test_an_outage_cuts_calls_and_sockets_and_ends_by_the_clock(
    slack: LocalSlack,
    web: AsyncWebClient,
    plant_a: Channel,
    slack_clock: MovedClock,
    on_socket: AsyncSocketModeHandler,
) -> None:
    await slack.faults.outage(timedelta(minutes=5))
    with pytest.raises(aiohttp.ClientError):
        await web.chat_postMessage(channel=plant_a.id, text="x")
    await slack.wait_for(lambda: slack.sockets.connected == 0)

    await slack_clock.advance(timedelta(minutes=5))
    await web.chat_postMessage(channel=plant_a.id, text="back")
    await slack.connected()

    assert [one.text for one in slack.messages(plant_a)] == ["back"]
    assert slack.sockets.opened >= 2
    assert on_socket.client.auto_reconnect_enabled


@pytest.mark.usefixtures("on_socket")
@pytest.mark.parametrize("kind", ["slash_commands", "interactive"])
async def test_an_envelope_can_come_twice(
    slack: LocalSlack, bolt: AsyncApp, web: AsyncWebClient, anna: Person, plant_a: Channel, kind: str
) -> None:
    heard: list[str] = []

    async def hear(ack: AsyncAck, body: dict[str, Any]) -> None:
        heard.append(body["trigger_id"])
        await ack()

    bolt.command("/backup")(hear)
    bolt.action("go")(hear)
    slack.faults.duplicate(kind)
    await web.chat_postMessage(channel=plant_a.id, text="x", blocks=[actions(button("go"))])

    await slack.command(anna, plant_a, "/backup help")
    await slack.press(anna, slack.messages(plant_a)[0], "go")
    await slack.settled()

    envelopes = [one.envelope_id for one in slack.traffic if one.kind == kind]
    acks = [one.envelope_id for one in slack.traffic if one.kind == "ack"]
    assert len(heard) == 3
    assert len(set(heard)) == 2
    assert len(envelopes) == 2
    assert len(set(envelopes)) == 1
    assert acks.count(envelopes[0]) == 2


@pytest.mark.usefixtures("on_socket")
async def test_an_event_can_come_twice_with_the_same_event_id(
    slack: LocalSlack, bolt: AsyncApp, anna: Person, plant_a: Channel
) -> None:
    heard: list[tuple[str, list[str] | None]] = []

    @bolt.event("app_mention")
    async def hear(body: dict[str, Any], request: Any) -> None:  # noqa: ANN401 - Bolt's request
        heard.append((body["event_id"], request.headers.get("x-slack-retry-num")))

    slack.faults.duplicate("events_api")
    await slack.mention(anna, plant_a, "help")
    await slack.settled()

    assert len({event_id for event_id, _ in heard}) == 1
    assert sorted(str(retry) for _, retry in heard) == ["['0']", "['1']"]


@pytest.mark.usefixtures("on_http")
async def test_an_event_that_nobody_acks_is_delivered_again_three_times(
    slack: LocalSlack, anna: Person, plant_a: Channel, slack_clock: MovedClock
) -> None:
    with slack.changes() as seen:

        def announced() -> int:
            return sum(one.kind == "redelivery" for one in seen)

        await slack.mention(anna, plant_a, "help")  # no listener: Bolt answers 404
        for number, pause in enumerate(limits.REDELIVERY, start=1):
            await slack.wait_for(partial(_equals, announced, number))
            await slack_clock.advance(pause)
        await slack.settled()

    assert _events(slack) == 4
    assert len({one.body["event_id"] for one in slack.traffic if one.kind == "events_api"}) == 1


def _equals(count: Callable[[], int], number: int) -> bool:
    return count() == number


def _events(slack: LocalSlack) -> int:
    return sum(one.kind == "events_api" for one in slack.traffic)
