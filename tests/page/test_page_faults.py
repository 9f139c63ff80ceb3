"""Every fault button pressed, and the bot seen to recover."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest_asyncio
from playwright.async_api import expect

from demo.page.mishaps import FLEET, SLACK
from domain.runs.outcomes import Outcome
from tests.page.browsing import TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from playwright.async_api import Locator

    from demo.slack import Call, Traffic
    from tests.page.browsing import Screen
    from tests.support.serve_fixtures import Town

COMMAND = "/backup now core-sw1"


class Hand:
    """Presses fault buttons and runs backups on the page."""

    def __init__(self, town: Town, screen: Screen) -> None:
        self.town = town
        self.screen = screen

    async def press(self, name: str) -> None:
        """Press a fault button."""
        await self.screen.page.locator(f"[data-fault={name}]").click()

    async def back_up(self, outcome: Outcome) -> Locator:
        """Run a backup and wait until its message, the only new one, shows ``outcome``."""
        runs = self.screen.page.locator("#messages article:not(.ephemeral)")
        before = await runs.count()
        await self.screen.type(COMMAND)
        await expect(runs.nth(before)).to_contain_text(outcome.chip)
        await expect(runs).to_have_count(before + 1)
        return runs.nth(before)


@pytest_asyncio.fixture(loop_scope="session")
async def hand(town: Town, town_screen: Screen) -> Hand:
    """The page with its faults open, over a bot with one device that has been backed up once."""
    await town.add_device("core-sw1")
    await town.start()
    await town_screen.open()
    here = Hand(town, town_screen)
    await here.back_up(Outcome.UP_TO_DATE)
    await town_screen.page.get_by_role("button", name="Faults").first.click()
    return here


def struck(hand: Hand, status: int) -> list[Call]:
    """The calls that ended with this HTTP status; 0 is a cut connection."""
    return [call for call in hand.town.slack.refused if call.status == status]


async def type_and_end(hand: Hand, strikes: int, status: int) -> None:
    """Run a backup while ``strikes`` calls go wrong, letting time jump over each of the bot's pauses."""
    done = hand.screen.message(Outcome.UP_TO_DATE.chip)
    before, struck_before = await done.count(), len(struck(hand, status))
    await hand.screen.type(COMMAND)
    for times in range(1, strikes + 1):
        wanted = struck_before + times
        await hand.town.until(lambda: len(struck(hand, status)) >= wanted)  # noqa: B023 - awaited in this round
        hand.town.clock.advance(timedelta(seconds=90))
    await expect(done).to_have_count(before + 1)


async def rate_limit(hand: Hand) -> None:
    await expect(hand.screen.page.locator("#side")).to_contain_text("rate limit: 3 left")
    await type_and_end(hand, strikes=3, status=429)


async def outage(hand: Hand) -> None:
    await expect(hand.screen.page.locator("#side")).to_contain_text("outage")
    await hand.screen.type(COMMAND)
    await expect(hand.screen.message("Lastgood could not be reached")).to_be_visible()
    hand.town.clock.advance(timedelta(seconds=60))
    await hand.town.slack.connected(timeout=TIMEOUT)
    await hand.back_up(Outcome.UP_TO_DATE)


async def lost_response(hand: Hand) -> None:
    await type_and_end(hand, strikes=1, status=0)
    hand.town.clock.advance(timedelta(minutes=2))
    await hand.back_up(Outcome.UP_TO_DATE)


async def duplicate(hand: Hand) -> None:
    before = len(commands_sent(hand))
    await hand.back_up(Outcome.UP_TO_DATE)
    assert len(commands_sent(hand)) == before + 2


def commands_sent(hand: Hand) -> list[Traffic]:
    """The envelopes with a slash command."""
    return [one for one in hand.town.slack.traffic if one.kind == "slash_commands"]


async def refresh(hand: Hand) -> None:
    await hand.town.until(lambda: hand.town.slack.sockets.opened == 2)  # the first one is the bot's start
    await hand.back_up(Outcome.UP_TO_DATE)


async def clear(hand: Hand) -> None:
    before = len(struck(hand, 429))
    await hand.press("rate_limit")
    await hand.press("clear")
    await expect(hand.screen.page.locator("#side")).to_contain_text("No fault is waiting")
    await hand.back_up(Outcome.UP_TO_DATE)
    assert len(struck(hand, 429)) == before


OF_SLACK: dict[str, Callable[[Hand], Awaitable[None]]] = {
    "refresh": refresh,
    "duplicate": duplicate,
    "clear": clear,
    "rate_limit": rate_limit,
    "lost_response": lost_response,
    "outage": outage,
}


async def test_the_bot_recovers_from_every_fault_of_slack_one_after_the_other(hand: Hand) -> None:
    assert set(OF_SLACK) == {one.name for one in SLACK}

    for button, recovers in OF_SLACK.items():
        await hand.press(button)
        await recovers(hand)


async def change(hand: Hand) -> None:
    message = await hand.back_up(Outcome.MODIFIED)
    await message.get_by_role("button", name="View thread").click()
    await expect(hand.screen.page.locator("#thread .added").first).to_be_visible()


async def down(hand: Hand) -> None:
    await expect(hand.screen.page.locator("#side")).to_contain_text("Now: off")
    await hand.back_up(Outcome.FAILED)
    await hand.press("up")
    await hand.back_up(Outcome.UP_TO_DATE)


async def slow(hand: Hand) -> None:
    await hand.screen.type(COMMAND)
    await expect(hand.screen.message(Outcome.IN_PROGRESS.chip)).to_be_visible()
    await hand.press("well")
    await expect(hand.screen.page.locator("#side")).to_contain_text("Now: on")
    await expect(hand.screen.message(Outcome.IN_PROGRESS.chip)).to_have_count(0)


async def host_key(hand: Hand) -> None:
    await hand.back_up(Outcome.FAILED)
    await hand.screen.act_as("Olga")  # accepting a key takes an admin
    await hand.screen.message(Outcome.FAILED.chip).last.locator("button", has_text="Accept new key").click()
    await hand.screen.page.locator("article.ephemeral button", has_text="Accept new key").click()
    await hand.screen.page.locator("dialog.question button.solid").click()
    await expect(hand.screen.page.locator("article.ephemeral").last).to_contain_text("key")
    await hand.back_up(Outcome.UP_TO_DATE)


async def well(hand: Hand) -> None:
    await hand.back_up(Outcome.UP_TO_DATE)


OF_FLEET: dict[str, Callable[[Hand], Awaitable[None]]] = {
    "change": change,
    "down": down,
    "up": well,
    "slow": slow,
    "well": well,
    "host_key": host_key,
}


async def test_the_bot_tells_of_every_fault_of_a_device_and_recovers(hand: Hand) -> None:
    assert set(OF_FLEET) == {one.name for one in FLEET}

    for button, recovers in OF_FLEET.items():
        await hand.press(button)
        await recovers(hand)


async def test_a_device_that_is_added_can_be_backed_up_at_once(hand: Hand) -> None:
    await hand.screen.page.get_by_label("Add a device").fill("core-sw9")
    await hand.screen.page.get_by_role("button", name="Add", exact=True).click()
    await expect(hand.screen.page.locator(".said")).to_contain_text("core-sw9 is in the rack")

    await hand.screen.type("/backup now core-sw9")

    await expect(hand.screen.message("core-sw9").filter(has_text=Outcome.UP_TO_DATE.chip)).to_be_visible()
