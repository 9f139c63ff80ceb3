"""What the tests of the page share: the browser, the page over a local Slack, and over a whole town."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from bot.slack.manifest import manifest
from demo.page import Page, SlashCommand, slash_commands
from tests.page.browsing import Screen, browser_process, fresh_context
from tests.support.serve_fixtures import town, town_clock, town_slack
from tests.support.slack_fixtures import anna, bolt, on_socket, plant_a, slack, slack_clock, web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import BrowserContext

    from demo.fleet import Device
    from demo.slack import Channel, LocalSlack
    from tests.support.serve_fixtures import Town

__all__ = ["anna", "bolt", "on_socket", "plant_a", "slack", "slack_clock", "town", "town_clock", "town_slack", "web"]

HINTS = (SlashCommand("/backup", "Back up devices", "now DEVICE|SITE · diff DEVICE [RUN] · help [COMMAND]"),)


@pytest.fixture(scope="session")
def browser_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The one browser of this session."""
    yield from browser_process(tmp_path_factory.mktemp("chromium"))


@pytest.fixture
async def window(browser_address: str) -> AsyncIterator[BrowserContext]:
    """A window of its own for each test."""
    async for context in fresh_context(browser_address):
        yield context


@pytest.fixture
async def screen(window: BrowserContext, slack: LocalSlack, plant_a: Channel) -> AsyncIterator[Screen]:
    """The page over a local Slack with Anna in Plant A's channel; not opened yet. No script of it may fail."""
    assert plant_a.id in slack.store.channels
    async with Page(slack, commands=HINTS) as page:
        shown = Screen(await window.new_page(), page.url)
        yield shown
        await shown.page.close()
        assert shown.errors == []


@pytest.fixture
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
