"""What the tests of the page share: the browser, the page over a local Slack, and over a whole town."""

from __future__ import annotations

import functools
import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
import yaml

from bot.slack.manifest import manifest
from demo.page import Page, SlashCommand, slash_commands
from tests.page.browsing import Screen, browser_process, running_browser
from tests.support import serve_fixtures, slack_fixtures
from tests.support.slack_fixtures import anna, bolt, plant_a, slack_clock, web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Browser, BrowserContext

    from demo.fleet import Device
    from demo.slack import Channel, LocalSlack
    from tests.support.serve_fixtures import Town

__all__ = ["anna", "bolt", "plant_a", "slack_clock", "web"]

HINTS = (SlashCommand("/backup", "Back up devices", "now DEVICE|SITE · diff DEVICE [RUN] · help [COMMAND]"),)
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of the page in one event loop: what steers the browser is started in it once and for all."""
    for item in items:
        if HERE in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def in_one_loop(fixture: Any) -> Any:  # noqa: ANN401 - pytest's own types
    """The same fixture, new for each test, in the loop of the page's tests."""
    made = inspect.unwrap(fixture)

    @functools.wraps(made)
    async def shared(**needed: Any) -> AsyncIterator[Any]:  # noqa: ANN401 - whatever it needs
        async for value in made(**needed):
            yield value

    return pytest_asyncio.fixture(shared, loop_scope="session")


slack = in_one_loop(slack_fixtures.slack)
on_socket = in_one_loop(slack_fixtures.on_socket)
town_slack = in_one_loop(serve_fixtures.town_slack)
town = in_one_loop(serve_fixtures.town)


@pytest.fixture
def town_clock() -> serve_fixtures.JumpingClock:
    """The time of ``serve`` and of the local Slack."""
    return serve_fixtures.JumpingClock()


@pytest.fixture(scope="session")
def browser_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The one browser of this session."""
    yield from browser_process(tmp_path_factory.mktemp("chromium"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(browser_address: str) -> AsyncIterator[Browser]:
    """The browser, with what steers it."""
    async with running_browser(browser_address) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A window of its own for each test, with nothing remembered."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def screen(window: BrowserContext, slack: LocalSlack, plant_a: Channel) -> AsyncIterator[Screen]:
    """The page over a local Slack with Anna in Plant A's channel; not opened yet. No script of it may fail."""
    assert plant_a.id in slack.store.channels
    async with Page(slack, commands=HINTS) as page:
        shown = Screen(await window.new_page(), page.url)
        yield shown
        await shown.page.close()
        assert shown.errors == []


@pytest_asyncio.fixture(loop_scope="session")
async def town_screen(window: BrowserContext, town: Town) -> AsyncIterator[Screen]:
    """The page over a whole town; the bot is not started, the page not opened yet."""

    async def declare(device: Device) -> None:
        town.declare(device.name, device, site="plant-a", platform=device.platform)
        await town.stop()
        await town.start()

    commands = slash_commands(yaml.safe_load(manifest(town.write_settings())))
    people = (town.anna, town.olga, town.vera, town.stan)
    gus = town.slack.add_person("gus", is_restricted=True)
    town.slack.happenings.joined(gus.id, town.plant_a.id)
    async with Page(town.slack, fleet=town.fleet, people=(*people, gus), commands=commands, declare=declare) as page:
        shown = Screen(await window.new_page(), page.url)
        yield shown
        await shown.page.close()
        assert shown.errors == []
