"""Posting, editing and reading messages of the local Slack through the real client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from tests.demo.slack.calls import refusal, section

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from demo.slack import Channel, LocalSlack, Person


async def test_a_posted_message_is_in_the_channel_with_text_blocks_and_metadata(
    slack: LocalSlack, web: AsyncWebClient, plant_a: Channel
) -> None:
    metadata = {"event_type": "run", "event_payload": {"id": 7}}

    answer = await web.chat_postMessage(channel="C0PLANTA", text="hello", blocks=[section("*hi*")], metadata=metadata)
    read = await web.conversations_history(channel="C0PLANTA", include_all_metadata=True)
    without = await web.conversations_history(channel="C0PLANTA")

    message = slack.messages(plant_a)[0]
    assert message.ts == answer["ts"]
    assert message.metadata == metadata
    assert read["messages"][0]["metadata"] == metadata
    assert "metadata" not in without["messages"][0]
    assert read["messages"][0]["blocks"][0]["block_id"]


async def test_json_and_form_bodies_mean_the_same(slack: LocalSlack, plant_a: Channel) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    form = {"channel": plant_a.id, "text": "form", "blocks": '[{"type": "divider"}]'}
    body = {"channel": plant_a.id, "text": "json", "blocks": [{"type": "divider"}]}

    async with aiohttp.ClientSession(headers=headers) as session:
        await session.post(f"{slack.api_url}chat.postMessage", data=form)
        await session.post(f"{slack.api_url}chat.postMessage", json=body)
        await session.post(f"{slack.api_url}chat.postMessage", data={**form, "text": "by body", "token": "wrong"})

    assert [(one.text, len(one.blocks)) for one in slack.messages(plant_a)] == [
        ("form", 1),
        ("json", 1),
        ("by body", 1),
    ]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        pytest.param({"text": ""}, "no_text", id="nothing said"),
        pytest.param({"text": "   "}, "no_text", id="blank"),
        pytest.param({"blocks": []}, "no_text", id="no blocks"),
        pytest.param({"text": "x", "blocks": [{"type": "nope"}]}, "invalid_blocks", id="unknown block"),
        pytest.param({"text": "x", "blocks": "oops"}, "invalid_blocks_format", id="blocks not JSON"),
        pytest.param({"text": "x", "thread_ts": "1.000001"}, "thread_not_found", id="no such thread"),
        pytest.param({"text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_schema", id="half metadata"),
        pytest.param({"text": "x", "channel": "C0NOWHERE"}, "channel_not_found", id="no such channel"),
        pytest.param({"text": "x", "channel": "plant-a"}, "channel_not_found", id="a name instead of an id"),
        pytest.param({"text": "x", "channel": "#plant-a"}, "channel_not_found", id="a name with a hash"),
        pytest.param({"text": "x", "channel": ""}, "invalid_arguments", id="no channel"),
        pytest.param({"text": 5}, "invalid_arguments", id="text is a number"),
        pytest.param({"text": "x", "blocks": [section("x" * 3000)] * 5}, "msg_blocks_too_long", id="blocks too long"),
        pytest.param({"text": "x", "attachments": {"a": 1}}, "invalid_attachments", id="attachments no list"),
    ],
)
async def test_a_bad_post_is_refused_and_leaves_nothing(
    slack: LocalSlack, web: AsyncWebClient, plant_a: Channel, args: dict[str, Any], code: str
) -> None:
    code_found = await refusal(web.api_call("chat.postMessage", json={"channel": plant_a.id, **args}))

    assert code_found == code
    assert slack.messages(plant_a) == []
    assert slack.refused[0].error == code
    assert slack.refused[0].rules


async def test_the_answer_to_bad_blocks_names_the_rule(
    slack: LocalSlack, web: AsyncWebClient, plant_a: Channel
) -> None:
    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel=plant_a.id, text="x", blocks=[section("x" * 3001)])

    told = caught.value.response["response_metadata"]["messages"][0]
    assert told == "[ERROR] must be less than 3001 characters (is 3001) [json-pointer:/blocks/0/text/text]"
    assert "3001" in slack.refused[0].rules[0]


async def test_a_text_over_forty_thousand_characters_is_cut_with_a_warning(
    slack: LocalSlack, web: AsyncWebClient, plant_a: Channel
) -> None:
    answer = await web.chat_postMessage(channel=plant_a.id, text="x" * 40_001)

    assert len(slack.messages(plant_a)[0].text) == 40_000
    assert answer["warning"] == "message_truncated"


async def test_an_edit_changes_what_it_names_and_keeps_the_rest(
    slack: LocalSlack, web: AsyncWebClient, plant_a: Channel
) -> None:
    metadata = {"event_type": "run", "event_payload": {"id": 7}}
    posted = await web.chat_postMessage(channel=plant_a.id, text="a", blocks=[section("a")], metadata=metadata)
    before = slack.messages(plant_a)[0]

    await web.chat_update(channel=plant_a.id, ts=posted["ts"], text="b")

    after = slack.message(before)
    assert before.text == "a"
    assert after is not None
    assert (after.text, after.blocks, after.metadata, after.edits) == ("b", before.blocks, metadata, 1)


async def test_an_edit_is_refused_when_too_long_not_ones_own_gone_or_ephemeral(
    slack: LocalSlack, web: AsyncWebClient, anna: Person, plant_a: Channel
) -> None:
    own = await web.chat_postMessage(channel=plant_a.id, text="a")
    hers = await slack.say(anna, plant_a, "mine")
    hidden = await web.chat_postEphemeral(channel=plant_a.id, user=anna.id, text="psst")

    def edit(ts: str, words: str = "x") -> Any:  # noqa: ANN401 - the client's own awaitable
        return web.chat_update(channel=plant_a.id, ts=ts, text=words)

    codes = [
        await refusal(edit(own["ts"], "x" * 4001)),
        await refusal(edit(hers.ts)),
        await refusal(edit("1.000001")),
        await refusal(edit(hidden["message_ts"])),
        await refusal(web.chat_update(channel=plant_a.id, ts=own["ts"], text="x", blocks=[{"type": "nope"}])),
        await refusal(web.chat_delete(channel=plant_a.id, ts=hers.ts)),
    ]

    assert codes == [
        *("msg_too_long", "cant_update_message", "message_not_found", "message_not_found"),
        *("invalid_blocks", "cant_delete_message"),
    ]


async def test_replies_go_below_a_parent_only(slack: LocalSlack, web: AsyncWebClient, plant_a: Channel) -> None:
    parent = await web.chat_postMessage(channel=plant_a.id, text="parent")
    reply = await web.chat_postMessage(channel=plant_a.id, text="reply", thread_ts=parent["ts"])

    code = await refusal(web.chat_postMessage(channel=plant_a.id, text="x", thread_ts=reply["ts"]))
    read = await web.conversations_replies(channel=plant_a.id, ts=parent["ts"])
    history = await web.conversations_history(channel=plant_a.id)

    assert code == "cannot_reply_to_message"
    assert [one["text"] for one in read["messages"]] == ["parent", "reply"]
    assert [(one["text"], one["reply_count"]) for one in history["messages"]] == [("parent", 1)]
    assert [one.text for one in slack.thread(plant_a, parent["ts"])] == ["reply"]


async def test_deleting_a_parent_leaves_a_tombstone_and_a_reply_nothing(
    slack: LocalSlack, web: AsyncWebClient, plant_a: Channel
) -> None:
    parent = await web.chat_postMessage(channel=plant_a.id, text="parent")
    reply = await web.chat_postMessage(channel=plant_a.id, text="reply", thread_ts=parent["ts"])

    await web.chat_delete(channel=plant_a.id, ts=parent["ts"])
    stone = slack.messages(plant_a)[0]
    await web.chat_delete(channel=plant_a.id, ts=reply["ts"])

    assert stone.tombstone
    assert slack.messages(plant_a) == [stone]


async def test_an_ephemeral_is_seen_by_its_person_only_and_never_read_back(
    slack: LocalSlack, web: AsyncWebClient, anna: Person, plant_a: Channel
) -> None:
    ben = slack.add_person("ben")

    await web.chat_postEphemeral(channel=plant_a.id, user=anna.id, text="psst")
    outside = await refusal(web.chat_postEphemeral(channel=plant_a.id, user=ben.id, text="psst"))
    read = await web.conversations_history(channel=plant_a.id)

    assert [one.text for one in slack.messages(plant_a, seen_by=anna)] == ["psst"]
    assert slack.messages(plant_a, seen_by=ben) == []
    assert outside == "user_not_in_channel"
    assert read["messages"] == []


async def test_a_permalink_leads_to_the_message(web: AsyncWebClient, plant_a: Channel) -> None:
    posted = await web.chat_postMessage(channel=plant_a.id, text="x")

    link = await web.chat_getPermalink(channel=plant_a.id, message_ts=posted["ts"])

    assert link["permalink"].endswith(f"/archives/C0PLANTA/p{posted['ts'].replace('.', '')}")
