"""Fixtures around the local Slack; import those that are needed into a room's conftest.py.

from tests.support.slack_fixtures import anna, plant_a, slack, slack_clock, web  # noqa: F401

``bolt`` with ``on_socket`` or ``on_http`` is a real Bolt app beside it; ``connected`` runs a test over both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web as http
from slack_bolt.adapter.socket_mode.websockets import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack import LocalSlack
from tests.support.clock import MovedClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from demo.slack import Channel, Person


@pytest.fixture
def slack_clock() -> MovedClock:
    """The local Slack's clock: it stands still until the test moves it."""
    return MovedClock()


@pytest.fixture
async def slack(slack_clock: MovedClock) -> AsyncIterator[LocalSlack]:
    """A local Slack with Anna in the channel of Plant A, where the bot is a member."""
    async with LocalSlack(clock=slack_clock) as local:
        yield local


@pytest.fixture
def anna(slack: LocalSlack) -> Person:
    """A member of the workspace."""
    return slack.add_person("anna", id="U02ANNA", real_name="Anna Berg")


@pytest.fixture
def plant_a(slack: LocalSlack, anna: Person) -> Channel:
    """A public channel with Anna and the bot in it."""
    return slack.add_channel("plant-a", id="C0PLANTA", members=[anna])


@pytest.fixture
def web(slack: LocalSlack) -> AsyncWebClient:
    """The real client, without retries, with the bot's token."""
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
def bolt(slack: LocalSlack, web: AsyncWebClient) -> AsyncApp:
    """A real Bolt app, not yet connected; tests put their listeners on it."""
    return AsyncApp(client=web, signing_secret=slack.signing_secret, request_verification_enabled=True)


@pytest.fixture
async def on_socket(slack: LocalSlack, bolt: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    """The app connected over Socket Mode, as the product connects."""
    client = AsyncWebClient(base_url=slack.api_url)
    handler = AsyncSocketModeHandler(bolt, slack.app_token, web_client=client, ping_interval=0.2)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt's own
    await slack.connected()
    yield handler
    await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt's own


@pytest.fixture
async def on_http(slack: LocalSlack, bolt: AsyncApp) -> AsyncIterator[None]:
    """The app behind its own signed request URL."""
    runner = http.AppRunner(bolt.server(path="/slack/events").web_app, access_log=None)
    await runner.setup()
    await http.TCPSite(runner, "127.0.0.1", 0).start()
    await slack.use_request_url(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    yield
    await runner.cleanup()


@pytest.fixture(params=["on_socket", "on_http"])
def connected(request: pytest.FixtureRequest) -> str:
    """The app connected over each transport in turn."""
    name: str = request.param
    request.getfixturevalue(name)
    return name
