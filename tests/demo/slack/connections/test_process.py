"""The local Slack started on its own, as tests do that kill the bot."""

from __future__ import annotations

import asyncio
import json
import sys

from slack_sdk.web.async_client import AsyncWebClient


async def test_it_prints_where_it_is_and_stops_on_sigterm() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "demo.slack", "--port", "0"), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    facts = json.loads(await process.stdout.readline())

    web = AsyncWebClient(token=facts["bot_token"], base_url=facts["api_url"])
    who = await web.auth_test()
    posted = await web.chat_postMessage(channel="C0PLANTA", text="hello")
    process.terminate()
    status = await process.wait()

    assert who["user_id"] == "U0LASTGOOD"
    assert posted["ok"]
    assert status == 0
