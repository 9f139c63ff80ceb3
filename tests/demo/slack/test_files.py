"""Uploading files to the local Slack, by the client's own three steps."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from demo.slack.blocks import limits
from tests.demo.slack.calls import refusal

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from demo.slack import Channel, LocalSlack
    from tests.support.clock import MovedClock

DIFF = "--- a\n+++ b\n-hostname alt\n+hostname größer\n"


async def test_a_snippet_is_uploaded_into_a_thread(slack: LocalSlack, web: AsyncWebClient, plant_a: Channel) -> None:
    parent = await web.chat_postMessage(channel=plant_a.id, text="parent")

    answer = await web.files_upload_v2(
        channel=plant_a.id,
        thread_ts=parent["ts"],
        content=DIFF,
        filename="core-sw1.diff",
        title="core-sw1",
        snippet_type="diff",
        alt_txt="What changed",
    )
    await slack.wait_for(lambda: slack.thread(plant_a, parent["ts"]))
    file_id = answer["files"][0]["id"]
    read = await web.files_info(file=file_id)

    file, reply = slack.files[file_id], slack.thread(plant_a, parent["ts"])[0]
    assert file.content == DIFF.encode()
    assert (file.snippet_type, file.title, file.alt_txt) == ("diff", "core-sw1", "What changed")
    assert reply.files == (file_id,)
    assert "shares" not in answer["files"][0]
    assert read["file"]["shares"]["public"][plant_a.id][0]["thread_ts"] == parent["ts"]
    assert read["file"]["size"] == len(DIFF.encode())


@pytest.mark.parametrize(
    ("args", "code"),
    [
        pytest.param({"length": 0}, "invalid_arguments", id="empty"),
        pytest.param({"length": "many"}, "invalid_arguments", id="no number"),
        pytest.param({"filename": ""}, "invalid_arguments", id="no name"),
        pytest.param({"snippet_type": "cisco"}, "unknown_snippet_type", id="snippet type"),
        pytest.param({"snippet_type": "diff", "length": limits.SNIPPET + 1}, "snippet_too_large", id="large snippet"),
        pytest.param({"length": limits.FILE + 1}, "file_upload_size_restricted", id="large file"),
        pytest.param({"alt_txt": "x" * 1001}, "alt_txt_too_large", id="alt text"),
    ],
)
async def test_a_bad_announcement_is_refused(web: AsyncWebClient, args: dict[str, Any], code: str) -> None:
    announced = {"filename": "a.txt", "length": 5, **args}

    assert await refusal(web.api_call("files.getUploadURLExternal", params=announced)) == code


async def test_the_bytes_must_be_as_many_as_announced(slack: LocalSlack, web: AsyncWebClient, plant_a: Channel) -> None:
    announced = await web.files_getUploadURLExternal(filename="a", length=len(DIFF))  # characters, not bytes

    async with aiohttp.ClientSession() as session:
        answer = await session.post(announced["upload_url"], data=DIFF.encode())
    files = [{"id": announced["file_id"]}]
    code = await refusal(web.files_completeUploadExternal(files=files, channel_id=plant_a.id))

    assert answer.status == 400
    assert slack.refused[0].error == "length_mismatch"
    assert code == "file_not_found"
    assert slack.messages(plant_a) == []


async def test_an_upload_address_expires(slack: LocalSlack, web: AsyncWebClient, slack_clock: MovedClock) -> None:
    announced = await web.files_getUploadURLExternal(filename="a", length=1)
    await slack_clock.advance(limits.UPLOAD_URL + timedelta(seconds=1))

    async with aiohttp.ClientSession() as session:
        answer = await session.post(announced["upload_url"], data=b"x")

    assert answer.status == 400
    assert slack.files == {}


async def test_sharing_needs_membership_and_an_existing_thread(
    slack: LocalSlack, web: AsyncWebClient, plant_a: Channel
) -> None:
    outside = slack.add_channel("outside", bot_is_member=False)
    announced = await web.files_getUploadURLExternal(filename="a", length=1)
    async with aiohttp.ClientSession() as session:
        await session.post(announced["upload_url"], data=b"x")
    files = [{"id": announced["file_id"]}]

    codes = [
        await refusal(web.files_completeUploadExternal(files=files, channel_id=outside.id)),
        await refusal(web.files_completeUploadExternal(files=files, channel_id=plant_a.id, thread_ts="1.000001")),
        await refusal(web.files_completeUploadExternal(files=[{"id": "F9"}], channel_id=plant_a.id)),
    ]
    await web.files_completeUploadExternal(files=files, channel_id=plant_a.id)
    again = await refusal(web.files_completeUploadExternal(files=files, channel_id=plant_a.id))

    assert codes == ["not_in_channel", "thread_not_found", "file_not_found"]
    assert again == "file_not_found"


async def test_a_deleted_file_is_gone_and_the_old_upload_is_too(
    slack: LocalSlack, web: AsyncWebClient, plant_a: Channel
) -> None:
    answer = await web.files_upload_v2(channel=plant_a.id, content="x", filename="a.txt")
    file_id = answer["files"][0]["id"]

    await web.files_delete(file=file_id)

    assert await refusal(web.files_info(file=file_id)) == "file_deleted"
    assert await refusal(web.files_info(file="F9")) == "file_not_found"
    assert slack.files[file_id].content == b""
    assert await refusal(web.api_call("files.upload", params={"content": "x"})) == "method_deprecated"


async def test_what_was_uploaded_is_part_of_everything_sent(
    slack: LocalSlack, web: AsyncWebClient, plant_a: Channel
) -> None:
    await web.files_upload_v2(channel=plant_a.id, content="secret-in-file", filename="a.txt")
    await web.chat_postMessage(channel=plant_a.id, text="secret-in-text")

    assert "secret-in-file" in slack.everything_sent()
    assert "secret-in-text" in slack.everything_sent()
    assert slack.bot_token not in slack.everything_sent()
