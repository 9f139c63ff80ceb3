"""The local Slack and a real Bolt app, over Socket Mode and over signed HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from demo.slack import NoSuchElement, OptionsFailed
from demo.slack.blocks import limits
from tests.demo.slack.calls import button, modal, text_input

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond, AsyncSay
    from slack_sdk.web.async_client import AsyncWebClient

    from demo.slack import Channel, LocalSlack, Person
    from tests.demo.slack.calls import Body
    from tests.support.clock import MovedClock


@pytest.mark.usefixtures("connected")
async def test_a_command_carries_its_text_as_typed_and_shows_the_answer_to_its_person_only(
    slack: LocalSlack, bolt: AsyncApp, anna: Person, plant_a: Channel
) -> None:
    heard: list[str] = []

    @bolt.command("/backup")
    async def answer(ack: AsyncAck, command: Body) -> None:
        heard.append(command["text"])
        await ack("Starting")

    ben = slack.add_person("ben")

    done = await slack.command(anna, plant_a, "/backup now “core-sw1”  --x")

    assert heard == ["now “core-sw1”  --x"]
    assert done.acked
    assert done.error is None
    assert done.ack_ms is not None
    assert [one.text for one in slack.messages(plant_a, seen_by=anna)] == ["Starting"]
    assert slack.messages(plant_a, seen_by=ben) == []


@pytest.mark.usefixtures("connected")
async def test_a_button_press_brings_the_message_and_can_replace_it(
    slack: LocalSlack, bolt: AsyncApp, anna: Person, plant_a: Channel
) -> None:
    @bolt.action("again")
    async def pressed(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        value = body["actions"][0]["value"]
        await respond(text=f"{body['message']['text']}, then {value}", replace_original=True)

    blocks = [{"type": "actions", "elements": [button("again", value="run 7")]}]
    await bolt.client.chat_postMessage(channel=plant_a.id, text="first", blocks=blocks)
    message = slack.messages(plant_a)[0]

    done = await slack.press(anna, message, "again")
    await slack.wait_for(lambda: slack.messages(plant_a)[0].edits)

    assert done.acked
    assert slack.messages(plant_a)[0].text == "first, then run 7"


@pytest.mark.usefixtures("connected")
async def test_a_modal_is_opened_filled_refused_and_submitted(
    slack: LocalSlack, bolt: AsyncApp, anna: Person, plant_a: Channel
) -> None:
    entered: list[str] = []

    @bolt.command("/backup")
    async def opens(ack: AsyncAck, client: AsyncWebClient, command: Body) -> None:
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=modal(text_input("host"), callback_id="add"))

    @bolt.view("add")
    async def submitted(ack: AsyncAck, view: Body) -> None:
        value = view["state"]["values"]["host"]["text"]["value"]
        if value == "bad":
            await ack(response_action="errors", errors={"host": "No such host."})
            return
        entered.append(value)
        await ack()

    await slack.command(anna, plant_a, "/backup add")
    view = await slack.wait_for(lambda: slack.views(anna)[-1] if slack.views(anna) else None)
    assert view is not None

    empty = await slack.submit(anna, view)
    refused = await slack.submit(anna, view, {"host": "bad"})
    still_open = len(slack.views(anna))
    good = await slack.submit(anna, view, {"text": "10.1.0.1"})

    assert empty.error == "incomplete"
    assert refused.field_errors == {"host": "No such host."}
    assert still_open == 1
    assert good.error is None
    assert slack.views(anna) == []
    assert entered == ["10.1.0.1"]


@pytest.mark.usefixtures("connected")
async def test_typing_into_a_picker_asks_the_bot_and_the_choice_comes_back(
    slack: LocalSlack, bolt: AsyncApp, anna: Person, plant_a: Channel
) -> None:
    chosen: list[str] = []

    @bolt.options("device")
    async def offer(ack: AsyncAck, payload: Body) -> None:
        count = 101 if payload["value"] == "many" else 2
        names = [f"{payload['value']}-sw{n}" for n in range(count)]
        await ack(options=[{"text": {"type": "plain_text", "text": one}, "value": one} for one in names])

    @bolt.action("device")
    async def choose(ack: AsyncAck, action: Body) -> None:
        chosen.append(action["selected_option"]["value"])
        await ack()

    picker = {"type": "external_select", "action_id": "device", "min_query_length": 1}
    await bolt.client.chat_postMessage(
        channel=plant_a.id, text="which?", blocks=[{"type": "actions", "elements": [picker]}]
    )
    message = slack.messages(plant_a)[0]

    nothing = await slack.options(anna, message, "device", "")
    shown = await slack.options(anna, message, "device", "core")
    await slack.select(anna, message, "device", "core-sw1")

    assert nothing == []
    assert [one["value"] for one in shown] == ["core-sw0", "core-sw1"]
    assert chosen == ["core-sw1"]
    with pytest.raises(OptionsFailed, match="no more than 100"):
        await slack.options(anna, message, "device", "many")
    with pytest.raises(NoSuchElement):
        await slack.select(anna, message, "device", "elsewhere")


@pytest.mark.usefixtures("connected")
async def test_a_mention_in_a_thread_reaches_the_bot_and_is_answered_there(
    slack: LocalSlack, bolt: AsyncApp, anna: Person, plant_a: Channel
) -> None:
    @bolt.event("app_mention")
    async def mentioned(event: Body, say: AsyncSay) -> None:
        await say(text=f"heard {event['text']}", thread_ts=event["thread_ts"])

    parent = await slack.say(anna, plant_a, "anybody?")

    await slack.mention(anna, plant_a, "help", thread_ts=parent.ts)
    await slack.wait_for(lambda: len(slack.thread(plant_a, parent.ts)) == 2)

    assert slack.thread(plant_a, parent.ts)[1].text == f"heard <@{slack.identity.bot_user}> help"


@pytest.mark.usefixtures("connected")
async def test_opening_home_lets_the_bot_publish_it(slack: LocalSlack, bolt: AsyncApp, anna: Person) -> None:
    @bolt.event("app_home_opened")
    async def opened(event: Body, client: AsyncWebClient) -> None:
        header = {"type": "header", "text": {"type": "plain_text", "text": "Your devices"}}
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [header]})

    await slack.open_home(anna)
    home = await slack.wait_for(lambda: slack.home(anna))

    assert home is not None
    assert slack.plain(home) == "Your devices"


@pytest.mark.usefixtures("connected")
async def test_a_command_that_is_not_acked_within_three_seconds_times_out(
    slack: LocalSlack, bolt: AsyncApp, anna: Person, plant_a: Channel, slack_clock: MovedClock
) -> None:
    waiting, release = asyncio.Event(), asyncio.Event()

    @bolt.command("/backup")
    async def slow(ack: AsyncAck) -> None:
        waiting.set()
        await release.wait()
        await ack()

    typed = asyncio.ensure_future(slack.command(anna, plant_a, "/backup help"))
    await waiting.wait()
    await slack_clock.advance(limits.ACK)
    done = await typed
    release.set()

    assert not done.acked
    assert done.error == "operation_timeout"
