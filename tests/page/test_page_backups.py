"""The real bot used through the page: backups, differences, refusals, the Home tab."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from playwright.async_api import expect

from domain.runs.outcomes import Outcome

if TYPE_CHECKING:
    from tests.page.browsing import Screen
    from tests.support.serve_fixtures import Town

COMMAND = "/backup now core-sw1"


async def test_a_backup_is_run_from_the_composer_and_its_message_followed_to_the_end(
    town: Town, town_screen: Screen
) -> None:
    device = await town.add_device("core-sw1", delay=timedelta(milliseconds=300))
    await town.start()
    await town_screen.open()

    await town_screen.type(COMMAND)

    run = town_screen.page.locator("#messages article:not(.ephemeral)")
    await expect(run).to_contain_text(Outcome.IN_PROGRESS.chip)
    await expect(run.locator("button", has_text="Cancel")).to_be_visible()
    device.delay = timedelta(0)
    await expect(run).to_contain_text(Outcome.UP_TO_DATE.chip)
    await expect(run).to_contain_text("(edited)")
    await expect(run.locator("button", has_text="Cancel")).to_have_count(0)
    await expect(run).to_have_count(1)


async def test_a_button_runs_it_again_and_the_thread_shows_the_difference_in_colour(
    town: Town, town_screen: Screen
) -> None:
    device = await town.add_device("core-sw1")
    await town.start()
    await town_screen.open()
    await town_screen.type(COMMAND)
    await expect(town_screen.message(Outcome.UP_TO_DATE.chip)).to_be_visible()
    device.change("add vlan 20")

    await town_screen.page.locator("button", has_text="Run again").click()
    await town_screen.message(Outcome.MODIFIED.chip).get_by_role("button", name="View thread").click()

    added = town_screen.page.locator("#thread .diff .added")
    await expect(added.first).to_have_text("+vlan 20")
    colours = await added.first.evaluate(
        "node => [getComputedStyle(node).color, getComputedStyle(node.parentNode).color]"
    )
    assert colours[0] != colours[1]


async def test_what_is_answered_privately_is_marked_and_gone_on_reload(town: Town, town_screen: Screen) -> None:
    await town.add_device("core-sw1")
    await town.start()
    await town_screen.open()

    await town_screen.type("/backup help")

    private = town_screen.page.locator("article.ephemeral")
    await expect(private).to_contain_text("Only visible to you")
    await town_screen.page.reload()
    await town_screen.page.locator("#head h1").wait_for()
    await expect(private).to_have_count(0)


async def test_a_guest_is_refused_and_others_hear_nothing_of_it(town: Town, town_screen: Screen) -> None:
    await town.add_device("core-sw1")
    await town.start()
    await town_screen.open()
    await town_screen.act_as("Gus")

    await town_screen.type(COMMAND)

    await expect(town_screen.page.locator("article.ephemeral")).to_contain_text("guest")
    await town_screen.act_as("Anna")
    await expect(town_screen.page.locator("article")).to_have_count(0)
    assert town.slack.messages(town.plant_a) == []


async def test_the_home_tab_shows_each_person_their_own_sites(town: Town, town_screen: Screen) -> None:
    await town.add_device("core-sw1")
    await town.start()
    await town_screen.open()
    home = town_screen.page.locator("#home")

    await town_screen.page.get_by_role("button", name="Lastgood").click()
    await expect(home).to_contain_text("Plant A")

    await town_screen.act_as("Stan")
    await town_screen.page.get_by_role("button", name="Lastgood").click()
    await expect(home).not_to_contain_text("Plant A")
    await expect(home.locator(".block").first).to_be_visible()


async def test_the_picker_of_a_command_is_filled_by_the_bot_as_one_types(town: Town, town_screen: Screen) -> None:
    for name in ("core-sw1", "access-sw1"):
        await town.add_device(name)
    await town.start()
    await town_screen.open()
    await town_screen.type("/backup now")

    await town_screen.page.locator("article.ephemeral button.select").click()
    await town_screen.page.get_by_role("combobox", name="Search").fill("acc")
    await expect(town_screen.page.locator(".menu .menu-text")).to_have_text(["access-sw1"])
    await town_screen.page.keyboard.press("Enter")

    await expect(town_screen.message(Outcome.UP_TO_DATE.chip)).to_contain_text("access-sw1")
