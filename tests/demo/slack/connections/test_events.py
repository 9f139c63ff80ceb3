"""Events and the signed HTTP side of the local Slack."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web as http
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack import Identity, LocalSlack
from demo.slack.state.workspace import ALL_EVENTS, ALL_SCOPES
from demo.slack.transport.signed_http import NotVerified
from tests.support.clock import MovedClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_bolt.async_app import AsyncAck, AsyncApp

    from demo.slack import Channel, Person

Seen = list[tuple[dict[str, str], bytes]]


class Receiver:
    """A request URL that keeps what it is sent and answers as told."""

    def __init__(self) -> None:
        self.seen: Seen = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.echoes = True
        self.url = ""

    async def handle(self, request: http.Request) -> http.Response:
        """Keep a request; answer the challenge, or as told."""
        body = await request.read()
        self.seen.append((dict(request.headers), body))
        if b"url_verification" in body and self.echoes:
            return http.json_response({"challenge": json.loads(body)["challenge"]})
        return http.Response(status=self.status, headers=self.headers)

    def events(self) -> list[dict[str, Any]]:
        """The events that came, in order."""
        return [found for _, body in self.seen if (found := _json(body)).get("type") == "event_callback"]


def _json(body: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(body)
    except ValueError:
        return {}
    return found


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = http.Application()
    app.router.add_post("/slack", made.handle)
    runner = http.AppRunner(app, access_log=None)
    await runner.setup()
    await http.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack"
    yield made
    await runner.cleanup()


async def test_a_request_url_must_answer_the_challenge(slack: LocalSlack, receiver: Receiver) -> None:
    receiver.echoes = False

    with pytest.raises(NotVerified):
        await slack.use_request_url(receiver.url)
    with pytest.raises(NotVerified, match="cannot be reached"):
        await slack.use_request_url("http://127.0.0.1:1/slack")
    receiver.echoes = True
    await slack.use_request_url(receiver.url)


@pytest.mark.usefixtures("on_http")
async def test_bolt_answers_the_ssl_check(slack: LocalSlack) -> None:
    assert await slack.ssl_check() == 200


async def test_requests_are_signed_and_commands_come_as_a_form(
    slack: LocalSlack, receiver: Receiver, anna: Person, plant_a: Channel
) -> None:
    await slack.use_request_url(receiver.url)

    done = await slack.command(anna, plant_a, "/backup now \u2019x\u2019 & <y>")

    headers, body = receiver.seen[-1]
    base = b"v0:" + headers["X-Slack-Request-Timestamp"].encode() + b":" + body
    expected = hmac.new(slack.signing_secret.encode(), base, hashlib.sha256).hexdigest()
    assert headers["X-Slack-Signature"] == f"v0={expected}"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(body.decode())["text"] == ["now \u2019x\u2019 & <y>"]
    assert done.acked


@pytest.mark.parametrize("status", [401, 404, 500])
async def test_a_refusal_over_http_is_seen_by_the_person(
    slack: LocalSlack, receiver: Receiver, anna: Person, plant_a: Channel, status: int
) -> None:
    await slack.use_request_url(receiver.url)
    receiver.status = status

    done = await slack.command(anna, plant_a, "/backup help")

    assert (done.error, done.rules) == ("dispatch_failed", (f"http_{status}",))


async def test_no_retry_stops_redelivery(slack: LocalSlack, receiver: Receiver, anna: Person, plant_a: Channel) -> None:
    await slack.use_request_url(receiver.url)
    receiver.status, receiver.headers = 500, {"X-Slack-No-Retry": "1"}

    await slack.mention(anna, plant_a, "help")
    await slack.settled()

    assert len(receiver.events()) == 1


async def test_redeliveries_say_which_and_why(
    slack: LocalSlack, receiver: Receiver, anna: Person, plant_a: Channel
) -> None:
    await slack.use_request_url(receiver.url)
    receiver.status = 500

    await slack.mention(anna, plant_a, "help")
    await slack.wait_for(lambda: len(receiver.events()) == 2)

    headers, _ = receiver.seen[-1]
    assert headers["X-Slack-Retry-Num"] == "1"
    assert headers["X-Slack-Retry-Reason"] == "http_error"


@pytest.mark.parametrize("kind", ["global", "message"])
@pytest.mark.usefixtures("connected")
async def test_shortcuts_reach_the_bot(
    slack: LocalSlack, bolt: AsyncApp, anna: Person, plant_a: Channel, kind: str
) -> None:
    heard: list[dict[str, Any]] = []

    @bolt.shortcut("show_diff")
    async def used(ack: AsyncAck, shortcut: dict[str, Any]) -> None:
        heard.append(shortcut)
        await ack()

    message = await slack.say(anna, plant_a, "core-sw1 is down") if kind == "message" else None

    done = await slack.shortcut(anna, "show_diff", message)

    assert done.acked
    assert heard[0]["type"] == ("message_action" if message else "shortcut")
    assert ("message" in heard[0]) is bool(message)


async def test_each_happening_sends_its_event(
    slack: LocalSlack, receiver: Receiver, anna: Person, plant_a: Channel
) -> None:
    await slack.use_request_url(receiver.url)
    ben = slack.add_person("ben")
    group = slack.add_group("night", members=[anna])
    tell = slack.happenings

    await slack.mention(anna, plant_a, "help")
    await slack.say(anna, slack.dm(anna), "hello bot")
    await slack.open_home(anna)
    tell.joined(ben.id, plant_a.id)
    tell.left(ben.id, plant_a.id)
    tell.shared(plant_a.id, "T0OTHER")
    tell.group_changed(group, [ben.id])
    tell.person_changed(replace(anna, is_restricted=True))
    tell.archived(plant_a.id, anna.id)
    tell.unarchived(plant_a.id, anna.id)
    tell.uninstalled()
    await slack.settled()

    found = {one["event"]["type"]: one for one in receiver.events()}
    assert set(found) == {
        *("app_mention", "message", "app_home_opened", "member_joined_channel", "member_left_channel"),
        *("channel_shared", "subteam_members_changed", "user_change", "channel_archive", "channel_unarchive"),
        "tokens_revoked",
        "app_uninstalled",
    }
    changed = found["subteam_members_changed"]["event"]
    assert (changed["added_users"], changed["removed_users"]) == ([ben.id], [anna.id])
    assert found["user_change"]["event"]["user"]["is_restricted"]
    assert found["channel_archive"]["is_ext_shared_channel"]
    assert found["message"]["event"]["channel_type"] == "im"
    assert len({one["event_id"] for one in receiver.events()}) == len(receiver.events())
    assert all(one["authorizations"][0]["is_bot"] for one in receiver.events())


async def test_events_need_their_scope_a_subscription_and_membership(receiver: Receiver) -> None:
    identity = Identity(
        scopes=ALL_SCOPES - {"app_mentions:read"}, events=(ALL_EVENTS - {"app_home_opened"}) | {"message.channels"}
    )
    async with LocalSlack(clock=MovedClock(), identity=identity) as slack:
        anna = slack.add_person("anna")
        inside = slack.add_channel("inside", members=[anna])
        outside = slack.add_channel("outside", members=[anna], bot_is_member=False)
        await slack.use_request_url(receiver.url)

        await slack.mention(anna, inside, "no scope for app_mention, but message.channels")
        await slack.mention(anna, outside, "the bot is not here")
        await slack.open_home(anna)
        await slack.settled()

    assert [one["event"]["type"] for one in receiver.events()] == ["message"]
    assert receiver.events()[0]["event"]["channel"] == inside.id


async def test_mentions_in_a_command_become_ids_where_the_app_asks_for_it(receiver: Receiver) -> None:
    async with LocalSlack(clock=MovedClock(), identity=Identity(escape_commands=True)) as slack:
        anna = slack.add_person("anna")
        channel = slack.add_channel("plant-a", members=[anna])
        await slack.use_request_url(receiver.url)

        await slack.command(anna, channel, "/backup tell @anna in #plant-a or @nobody")

    text = parse_qs(receiver.seen[-1][1].decode())["text"][0]
    assert text == "tell <@U0ANNA|anna> in <#C0PLANTA|plant-a> or @nobody"


async def test_without_the_commands_scope_there_is_no_command() -> None:
    async with LocalSlack(clock=MovedClock(), identity=Identity(scopes=ALL_SCOPES - {"commands"})) as slack:
        anna = slack.add_person("anna")
        channel = slack.add_channel("plant-a", members=[anna])

        done = await slack.command(anna, channel, "/backup help")
        who = await AsyncWebClient(token=slack.bot_token, base_url=slack.api_url).auth_test()

    assert done.error == "app_missing_action_url"
    assert "commands" not in who.headers["x-oauth-scopes"]
