"""Socket Mode of the local Slack, with the real client and with bare WebSockets."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack.blocks import limits
from tests.demo.slack.calls import refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_bolt.adapter.socket_mode.websockets import AsyncSocketModeHandler
    from slack_bolt.async_app import AsyncAck, AsyncApp

    from demo.slack import Channel, LocalSlack, Person
    from tests.support.clock import MovedClock

Frame = dict[str, Any]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def bare(slack: LocalSlack, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
    """A connection that has not read its hello yet."""
    web = AsyncWebClient(base_url=slack.api_url)
    answer = await web.apps_connections_open(app_token=slack.app_token)
    return await session.ws_connect(answer["url"], autoping=False)


async def test_hello_comes_first_and_counts_the_connections(slack: LocalSlack, session: aiohttp.ClientSession) -> None:
    one, two = await bare(slack, session), await bare(slack, session)

    frames = [await one.receive_json(), await two.receive_json()]

    assert [(frame["type"], frame["num_connections"]) for frame in frames] == [("hello", 1), ("hello", 2)]
    assert frames[0]["connection_info"]["app_id"] == "A0LASTGOOD"


async def test_an_address_needs_the_app_token_and_is_good_for_one_connection(
    slack: LocalSlack, web: AsyncWebClient, session: aiohttp.ClientSession, slack_clock: MovedClock
) -> None:
    app = AsyncWebClient(base_url=slack.api_url)
    url = (await app.apps_connections_open(app_token=slack.app_token))["url"]
    late = (await app.apps_connections_open(app_token=slack.app_token))["url"]

    await session.ws_connect(url)
    wrong = await refusal(web.api_call("apps.connections.open"))
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await session.ws_connect(url)
    await slack_clock.advance(limits.TICKET * 2)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await session.ws_connect(late)

    assert wrong == "not_allowed_token_type"


async def test_an_eleventh_connection_is_sent_away(
    slack: LocalSlack, session: aiohttp.ClientSession, slack_clock: MovedClock
) -> None:
    ten = [await bare(slack, session) for _ in range(10)]
    for one in ten:
        await one.receive_json()

    await slack_clock.advance(timedelta(minutes=1))  # one more address a minute
    eleventh = await bare(slack, session)
    frame = await eleventh.receive_json()

    assert frame["reason"] == "too_many_websockets"
    assert (await eleventh.receive()).type is aiohttp.WSMsgType.CLOSE
    assert slack.sockets.connected == 10


async def test_each_envelope_goes_to_one_connection_and_any_may_ack_it(
    slack: LocalSlack, session: aiohttp.ClientSession, anna: Person, plant_a: Channel
) -> None:
    sockets = [await bare(slack, session), await bare(slack, session)]
    for one in sockets:
        await one.receive_json()

    typed = [asyncio.ensure_future(slack.command(anna, plant_a, f"/backup {n}")) for n in range(2)]
    frames = [await one.receive_json() for one in sockets]
    for frame, other in zip(frames, reversed(sockets), strict=True):
        await other.send_json({"envelope_id": frame["envelope_id"], "payload": {"text": frame["payload"]["text"]}})
    done = await asyncio.gather(*typed)

    assert {frame["payload"]["text"] for frame in frames} == {"0", "1"}
    assert all(frame["accepts_response_payload"] for frame in frames)
    assert all(one.acked for one in done)
    assert {one.text for one in slack.messages(plant_a, seen_by=anna)} == {"0", "1"}


async def test_without_a_connection_a_command_fails_at_once(slack: LocalSlack, anna: Person, plant_a: Channel) -> None:
    done = await slack.command(anna, plant_a, "/backup help")

    assert (done.acked, done.error, done.rules) == (False, "dispatch_failed", ("no_connection",))


async def test_an_unknown_command_never_reaches_the_bot(slack: LocalSlack, anna: Person, plant_a: Channel) -> None:
    done = await slack.command(anna, plant_a, "/restore all")

    assert done.error == "unknown_command"
    assert not slack.traffic


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({"blocks": [{"type": "nope"}]}, "invalid_blocks"),
        ({"text": "x", "response_type": "shout"}, "invalid_payload"),
        ({"words": "x"}, "invalid_payload"),
    ],
)
async def test_an_unusable_ack_is_an_error_for_the_person(
    slack: LocalSlack,
    session: aiohttp.ClientSession,
    anna: Person,
    plant_a: Channel,
    payload: Frame,
    error: str,
) -> None:
    socket = await bare(slack, session)
    await socket.receive_json()

    typed = asyncio.ensure_future(slack.command(anna, plant_a, "/backup help"))
    frame = await socket.receive_json()
    await socket.send_json({"envelope_id": frame["envelope_id"], "payload": payload})
    done = await typed

    assert done.acked
    assert done.error == error
    assert done.rules
    assert slack.messages(plant_a, seen_by=anna) == []


async def test_pings_are_answered_and_sent(
    slack: LocalSlack, session: aiohttp.ClientSession, slack_clock: MovedClock
) -> None:
    socket = await bare(slack, session)
    await socket.receive_json()

    await socket.ping(b"are you there")
    pong = await socket.receive()
    await slack_clock.advance(limits.PING)
    ping = await socket.receive()

    assert (pong.type, bytes(pong.data)) == (aiohttp.WSMsgType.PONG, b"are you there")
    assert ping.type is aiohttp.WSMsgType.PING


async def test_a_warning_comes_ten_seconds_before_a_refresh(
    slack: LocalSlack, session: aiohttp.ClientSession, slack_clock: MovedClock
) -> None:
    socket = await bare(slack, session)
    await socket.receive_json()

    refreshing = asyncio.ensure_future(slack.sockets.refresh(warning=True))
    warning = await socket.receive_json()
    await slack_clock.advance(limits.REFRESH_WARNING)
    await refreshing
    frames = [await socket.receive() for _ in range(2)]
    await slack_clock.advance(limits.REFRESH_WARNING)
    last = [frame async for frame in _until_close(socket)]

    kinds = [frame.type for frame in frames]
    assert warning["reason"] == "warning"
    assert aiohttp.WSMsgType.TEXT in kinds
    assert last[-1] is aiohttp.WSMsgType.CLOSE


async def _until_close(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[aiohttp.WSMsgType]:
    while True:
        frame = await socket.receive()
        yield frame.type
        if frame.type is aiohttp.WSMsgType.CLOSE:
            return


async def test_no_command_is_lost_through_a_refresh(
    slack: LocalSlack, bolt: AsyncApp, anna: Person, plant_a: Channel, on_socket: AsyncSocketModeHandler
) -> None:
    heard: list[str] = []

    @bolt.command("/backup")
    async def hear(ack: AsyncAck, command: Frame) -> None:
        heard.append(command["text"])
        await ack()

    before = on_socket.client.current_session
    typed = [asyncio.ensure_future(slack.command(anna, plant_a, f"/backup {n}")) for n in range(5)]
    await slack.sockets.refresh()
    typed += [asyncio.ensure_future(slack.command(anna, plant_a, f"/backup {n}")) for n in range(5, 10)]
    done = await asyncio.gather(*typed)
    await slack.connected()

    assert all(one.acked for one in done)
    assert sorted(heard, key=int) == [str(n) for n in range(10)]
    assert on_socket.client.current_session is not before


async def test_a_silent_socket_stays_open_and_dead(
    slack: LocalSlack, session: aiohttp.ClientSession, anna: Person, plant_a: Channel, slack_clock: MovedClock
) -> None:
    socket = await bare(slack, session)
    await socket.receive_json()
    slack.sockets.silence()

    typed = asyncio.ensure_future(slack.command(anna, plant_a, "/backup help"))
    await socket.ping()
    await slack.wait_for(lambda: any(one.kind == "slash_commands" for one in slack.traffic))
    await slack_clock.advance(limits.ACK)
    done = await typed

    assert done.error == "operation_timeout"
    assert not socket.closed
    with pytest.raises(TimeoutError):
        await socket.receive(timeout=0.05)


async def test_a_disabled_link_is_announced_and_closed(slack: LocalSlack, session: aiohttp.ClientSession) -> None:
    socket = await bare(slack, session)
    await socket.receive_json()

    await slack.sockets.disable_link()

    assert (await socket.receive_json())["reason"] == "link_disabled"
    assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_an_event_without_ack_comes_again_after_three_seconds(
    slack: LocalSlack, session: aiohttp.ClientSession, anna: Person, plant_a: Channel, slack_clock: MovedClock
) -> None:
    socket = await bare(slack, session)
    await socket.receive_json()

    await slack.mention(anna, plant_a, "help")
    first = await socket.receive_json()
    await slack_clock.advance(limits.ACK)
    second = await socket.receive_json()
    await socket.send_json({"envelope_id": second["envelope_id"]})
    await slack.settled()

    assert (first["retry_attempt"], second["retry_attempt"]) == (0, 1)
    assert second["retry_reason"] == "timeout"
    assert first["payload"]["event_id"] == second["payload"]["event_id"]
    assert first["envelope_id"] != second["envelope_id"]
