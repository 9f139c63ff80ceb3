"""Posting, editing and reading messages of the local Slack through the real client."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack import Identity, LocalSlack, Mention, Message, limits, mentions, pings, plain
from demo.slack.workspace import ALL_SCOPES
from tests.clock import MovedClock
from tests.demo.slack_calls import actions, button, refusal, rich, section, text

if TYPE_CHECKING:
    from demo.slack import Channel, Person

pytestmark = pytest.mark.usefixtures("slack_clock")


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


async def test_membership_decides_where_the_bot_may_post(slack: LocalSlack, web: AsyncWebClient, anna: Person) -> None:
    public = slack.add_channel("public", members=[anna], bot_is_member=False)
    private = slack.add_channel("private", members=[anna], private=True, bot_is_member=False)
    archived = slack.add_channel("old", members=[anna], archived=True)

    codes = [await refusal(web.chat_postMessage(channel=one.id, text="x")) for one in (public, private, archived)]
    await web.conversations_join(channel=public.id)
    await web.chat_postMessage(channel=public.id, text="in now")

    assert codes == ["not_in_channel", "channel_not_found", "is_archived"]
    assert [one.text for one in slack.messages(public)] == ["in now"]


async def test_posting_to_a_person_opens_the_conversation(slack: LocalSlack, web: AsyncWebClient, anna: Person) -> None:
    gone = slack.add_person("gone", deleted=True)
    robot = slack.add_person("robot", is_bot=True)

    answer = await web.chat_postMessage(channel=anna.id, text="hello")
    codes = [await refusal(web.chat_postMessage(channel=one, text="x")) for one in (gone.id, robot.id, "U0NOBODY")]

    assert answer["channel"] == slack.dm(anna).id
    assert [one.text for one in slack.messages(slack.dm(anna))] == ["hello"]
    assert codes == ["user_disabled", "cannot_dm_bot", "channel_not_found"]


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


@pytest.mark.parametrize(
    ("token", "code"),
    [
        pytest.param("xoxb-wrong", "invalid_auth", id="wrong"),
        pytest.param("", "not_authed", id="none"),
        pytest.param("xapp-1-A0LASTGOOD-local-app-token", "not_allowed_token_type", id="the app's"),
    ],
)
async def test_tokens_are_checked(slack: LocalSlack, plant_a: Channel, token: str, code: str) -> None:
    client = AsyncWebClient(token=token, base_url=slack.api_url)

    assert await refusal(client.chat_postMessage(channel=plant_a.id, text="x")) == code


async def test_an_unknown_method_and_a_broken_body_are_refused(slack: LocalSlack, web: AsyncWebClient) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": "application/json"}

    code = await refusal(web.api_call("chat.shout"))
    async with aiohttp.ClientSession(headers=headers) as session:
        broken = await (await session.post(f"{slack.api_url}chat.postMessage", data="{oops")).json()
        no_object = await (await session.post(f"{slack.api_url}chat.postMessage", data="[]")).json()

    assert code == "unknown_method"
    assert (broken["error"], no_object["error"]) == ("invalid_json", "json_not_object")


@pytest.mark.parametrize(
    ("missing", "method", "args"),
    [
        ("chat:write", "chat.postMessage", {"channel": "C0PLANTA", "text": "x"}),
        ("users:read", "users.info", {"user": "U02ANNA"}),
        ("channels:read", "conversations.info", {"channel": "C0PLANTA"}),
        ("channels:history", "conversations.history", {"channel": "C0PLANTA"}),
        ("usergroups:read", "usergroups.list", {}),
        ("files:write", "files.getUploadURLExternal", {"filename": "x", "length": 1}),
        ("im:write", "conversations.open", {"users": "U02ANNA"}),
        ("channels:join", "conversations.join", {"channel": "C0PLANTA"}),
        ("team:read", "team.info", {}),
    ],
    ids=lambda value: value if isinstance(value, str) and ":" in value else "",
)
async def test_a_method_needs_its_scope(missing: str, method: str, args: dict[str, Any]) -> None:
    identity = Identity(scopes=ALL_SCOPES - {missing})
    async with LocalSlack(clock=MovedClock(), identity=identity) as slack:
        anna = slack.add_person("anna", id="U02ANNA")
        slack.add_channel("plant-a", id="C0PLANTA", members=[anna])
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)

        with pytest.raises(SlackApiError) as caught:
            await client.api_call(method, params=args)
        who = await client.auth_test()

    assert caught.value.response["error"] == "missing_scope"
    assert caught.value.response["needed"] == missing
    assert missing not in caught.value.response["provided"].split(",")
    assert missing not in who.headers["x-oauth-scopes"].split(",")
    assert "commands" in who.headers["x-oauth-scopes"].split(",")


async def test_chat_write_public_lets_the_bot_post_where_it_is_not() -> None:
    identity = Identity(scopes=ALL_SCOPES | {"chat:write.public"})
    async with LocalSlack(clock=MovedClock(), identity=identity) as slack:
        channel = slack.add_channel("public", bot_is_member=False)
        await AsyncWebClient(token=slack.bot_token, base_url=slack.api_url).chat_postMessage(
            channel=channel.id, text="x"
        )

        assert len(slack.messages(channel)) == 1


async def test_tokens_stop_working_when_the_app_is_removed(slack: LocalSlack, web: AsyncWebClient) -> None:
    slack.happenings.uninstalled()

    assert await refusal(web.auth_test()) == "account_inactive"


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


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("hello", []),
        ("&lt;!channel&gt; @channel", []),
        ("<!channel> `<!here|here>`", [Mention("broadcast", "channel"), Mention("broadcast", "here")]),
        ("<@U1> <@U2|ben>", [Mention("user", "U1"), Mention("user", "U2")]),
        ("<!subteam^S1|@night>", [Mention("usergroup", "S1")]),
        ("<https://example.com|x> <#C1|plant> <!date^1^{date}|x>", []),
    ],
)
def test_mentions_says_whom_a_text_would_notify(words: str, found: list[Mention]) -> None:
    assert list(mentions(words)) == found


def test_pings_looks_into_text_and_blocks_but_not_into_plain_text() -> None:
    blocks = (
        {"type": "header", "text": text("<!channel>")},
        section("by <@U1>", fields=[text("<!here>")]),
        {"type": "markdown", "text": "<!subteam^S1>"},
        rich({"type": "broadcast", "range": "everyone"}, {"type": "user", "user_id": "U2"}),
        rich({"type": "text", "text": "<!channel>"}),
    )

    found = pings(Message("C1", "1.0", "U0", "for <@U3>", blocks=blocks))

    assert [one.target for one in found] == ["U3", "U1", "S1", "everyone", "U2"]


async def test_plain_writes_a_message_as_a_person_reads_it(slack: LocalSlack, anna: Person, plant_a: Channel) -> None:
    blocks = [
        {"type": "header", "text": text("Backup of core-sw1")},
        section("*Modified* by <@U02ANNA> in <#C0PLANTA> &amp; <!date^1^{date}|today>"),
        {
            "type": "table",
            "rows": [[{"type": "raw_text", "text": one} for one in row] for row in (["a", "long"], ["b", "c"])],
        },
        actions(button("Run again")),
    ]
    message = slack.workspace.post(plant_a, "fallback", blocks=tuple(blocks))

    assert slack.plain(message).splitlines() == [
        "Backup of core-sw1",
        "*Modified* by @anna in #plant-a & today",
        "a  long",
        "b  c",
        "[Run again]",
    ]
    assert plain(replace(message, blocks=(), text="only &lt;text&gt;")) == "only <text>"
    assert anna.id in slack.names()


async def test_waiting_wakes_on_a_change(slack: LocalSlack, web: AsyncWebClient, plant_a: Channel) -> None:
    with slack.changes() as seen:
        waiting = asyncio.ensure_future(slack.wait_for(lambda: len(slack.messages(plant_a)) == 1))
        await web.chat_postMessage(channel=plant_a.id, text="x")
        await waiting

        assert ("message", plant_a.id) in [(one.kind, one.where) for one in seen]

    with pytest.raises(TimeoutError):
        await slack.wait_for(lambda: False, timeout=0.01)
