"""Who is who in the local Slack, as the Web API tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.demo.slack.calls import refusal

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from demo.slack import Channel, LocalSlack, Person


async def test_the_bot_learns_who_it_is(slack: LocalSlack, web: AsyncWebClient) -> None:
    who, team = await web.auth_test(), await web.team_info()

    assert (who["user_id"], who["bot_id"], who["team_id"]) == ("U0LASTGOOD", "B0LASTGOOD", "T0LOCAL")
    assert team["team"]["id"] == slack.identity.team


async def test_flags_tell_guests_bots_strangers_and_the_deactivated_apart(
    slack: LocalSlack, web: AsyncWebClient, anna: Person
) -> None:
    guest = slack.add_person("guest", is_restricted=True, tz="Asia/Tokyo")
    single = slack.add_person("single", is_ultra_restricted=True)
    robot = slack.add_person("robot", is_bot=True)
    gone = slack.add_person("gone", deleted=True)
    stranger = slack.add_person("stranger", stranger=True)

    told = {
        one.name: (await web.users_info(user=one.id))["user"] for one in (anna, guest, single, robot, gone, stranger)
    }

    assert (told["anna"]["is_restricted"], told["anna"]["tz"]) == (False, "Europe/Berlin")
    assert told["anna"]["profile"]["email"] == "anna@example.com"
    assert (told["guest"]["is_restricted"], told["guest"]["tz_offset"]) == (True, 9 * 3600)
    assert (told["single"]["is_restricted"], told["single"]["is_ultra_restricted"]) == (True, True)
    assert told["robot"]["is_bot"]
    assert told["gone"]["deleted"]
    assert (told["stranger"]["team_id"], told["stranger"]["is_stranger"]) == ("T0OTHER", True)
    assert "email" not in told["stranger"]["profile"]
    assert await refusal(web.users_info(user="U0NOBODY")) == "user_not_found"


async def test_lists_come_by_pages(slack: LocalSlack, web: AsyncWebClient) -> None:
    for number in range(5):
        slack.add_person(f"p{number}")
    slack.add_person("stranger", stranger=True)

    first = await web.users_list(limit=4)
    rest = await web.users_list(limit=4, cursor=first["response_metadata"]["next_cursor"])

    assert len(first["members"]) == 4
    assert [one["name"] for one in rest["members"]] == ["p3", "p4"]
    assert rest["response_metadata"]["next_cursor"] == ""
    assert await refusal(web.users_list(cursor="made up")) == "invalid_cursor"


async def test_user_groups_and_their_members(slack: LocalSlack, web: AsyncWebClient, anna: Person) -> None:
    slack.add_group("night", id="S03TEAM", members=[anna])

    groups = await web.usergroups_list()
    members = await web.usergroups_users_list(usergroup="S03TEAM")

    assert [(one["id"], one["handle"]) for one in groups["usergroups"]] == [("S03TEAM", "night")]
    assert "users" not in groups["usergroups"][0]
    assert members["users"] == [anna.id]
    assert await refusal(web.usergroups_users_list(usergroup="S9")) == "no_such_subteam"


async def test_the_bot_sees_public_channels_and_those_it_is_in(
    slack: LocalSlack, web: AsyncWebClient, anna: Person, plant_a: Channel
) -> None:
    slack.add_channel("outside", members=[anna], bot_is_member=False)
    slack.add_channel("inside", members=[anna], private=True)
    slack.add_channel("secret", members=[anna], private=True, bot_is_member=False)
    slack.add_channel("shared", members=[anna], ext_shared=True)
    slack.add_channel("old", members=[anna], archived=True)
    types = "public_channel,private_channel"

    seen = await web.conversations_list(types=types, exclude_archived=True)
    hers = await web.users_conversations(user=anna.id, types=types)
    own = await web.users_conversations(types=types, exclude_archived=True)
    shared = await web.conversations_info(channel="C0SHARED")
    members = await web.conversations_members(channel=plant_a.id)

    assert {one["name"] for one in seen["channels"]} == {"plant-a", "outside", "inside", "shared"}
    assert {one["name"] for one in hers["channels"]} == {"plant-a", "outside", "inside", "shared", "old"}
    assert {one["name"] for one in own["channels"]} == {"plant-a", "inside", "shared"}
    assert shared["channel"]["is_ext_shared"]
    assert members["members"] == [anna.id, "U0LASTGOOD"]
    assert await refusal(web.conversations_info(channel="C0SECRET")) == "channel_not_found"
    assert await refusal(web.conversations_members(channel="C0SECRET")) == "channel_not_found"
    assert await refusal(web.conversations_history(channel="C0OUTSIDE")) == "not_in_channel"
    assert await refusal(web.conversations_list(types="rooms")) == "invalid_types"


async def test_a_conversation_with_a_person_is_opened_once(
    slack: LocalSlack, web: AsyncWebClient, anna: Person
) -> None:
    gone = slack.add_person("gone", deleted=True)

    first = await web.conversations_open(users=anna.id)
    second = await web.conversations_open(users=[anna.id])
    told = await web.conversations_info(channel=first["channel"]["id"])

    assert first["channel"]["id"] == second["channel"]["id"] == slack.dm(anna).id
    assert second["already_open"]
    assert told["channel"]["user"] == anna.id
    assert await refusal(web.conversations_open(users=gone.id)) == "user_disabled"
    assert await refusal(web.conversations_open(users="U0NOBODY")) == "user_not_found"


@pytest.mark.parametrize(("private", "code"), [(True, "channel_not_found"), (False, None)])
async def test_the_bot_joins_public_channels_only(
    slack: LocalSlack, web: AsyncWebClient, code: str | None, *, private: bool
) -> None:
    channel = slack.add_channel("new", private=private, bot_is_member=False)

    found = await refusal(web.conversations_join(channel=channel.id)) if code else None
    if code is None:
        await web.conversations_join(channel=channel.id)

    assert found == code
    assert ("U0LASTGOOD" in slack.channel(channel).members) is not private
