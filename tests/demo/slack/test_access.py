"""Tokens, scopes and membership in the local Slack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack import Identity, LocalSlack
from demo.slack.state.workspace import ALL_SCOPES
from tests.demo.slack.calls import refusal
from tests.support.clock import MovedClock

if TYPE_CHECKING:
    from demo.slack import Channel, Person


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
