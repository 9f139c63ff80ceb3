"""The gallery in a real browser: every entry is drawn, fits a phone, and runs nothing that somebody wrote."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import pytest_asyncio

from demo.gallery import pictures
from demo.page import Page
from tests.page.browsing import Screen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import BrowserContext

    from demo.slack import LocalSlack

PHONE = {"width": 390, "height": 844}
TOO_WIDE = """() => [...document.querySelectorAll(".exhibit")].filter((one) => {
  const right = one.getBoundingClientRect().right;
  return right > innerWidth + 1 || [...one.querySelectorAll("*")].some((inner) => {
    if (inner.closest(".table-frame, pre, .carousel, .for-readers")) return false;
    return inner.getBoundingClientRect().right > innerWidth + 1;
  });
}).map((one) => one.id)"""


@pytest.fixture(scope="module")
def shown() -> list[dict[str, Any]]:
    """Everything that the gallery shows."""
    return asyncio.run(pictures())


@pytest_asyncio.fixture(loop_scope="session")
async def gallery(window: BrowserContext, slack: LocalSlack, shown: list[dict[str, Any]]) -> AsyncIterator[Screen]:
    """A window at the gallery; no script of it may fail, and nothing is asked of another host."""

    async def made() -> list[dict[str, Any]]:
        return shown

    async with Page(slack, gallery=made) as page:
        screen = Screen(await window.new_page(), f"{page.url}gallery")
        yield screen
        await screen.page.close()
        assert screen.errors == []
        assert [one for one in screen.requests if not one.startswith(slack.url)] == []


async def open_group(screen: Screen, group: str) -> None:
    await screen.page.goto(f"{screen.url}#{quote(group)}")
    await screen.page.locator(f'#entries[data-group="{group}"]').wait_for()


def groups_of(shown: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(str(entry["group"]) for entry in shown))


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_entry_is_drawn(gallery: Screen, shown: list[dict[str, Any]], scheme: Any) -> None:  # noqa: ANN401 - Playwright's literal
    await gallery.page.emulate_media(color_scheme=scheme)
    drawn: list[str] = []

    for group in groups_of(shown):
        await open_group(gallery, group)
        drawn += await gallery.page.eval_on_selector_all(".exhibit", "all => all.map((one) => one.id)")
        assert await gallery.page.locator(".unknown").count() == 0, group
        empty = "all => all.filter((one) => !one.querySelector('.block')).map((one) => one.id)"
        assert await gallery.page.eval_on_selector_all(".exhibit", empty) == []

    assert drawn == [entry["name"] for entry in shown]


async def test_nothing_is_wider_than_a_phone(gallery: Screen, shown: list[dict[str, Any]]) -> None:
    await gallery.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # Playwright's own TypedDict
    too_wide: list[str] = []

    for group in groups_of(shown):
        await open_group(gallery, group)
        too_wide += await gallery.page.evaluate(TOO_WIDE)
        assert await gallery.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], group

    assert too_wide == []


async def test_hostile_texts_are_text(gallery: Screen, shown: list[dict[str, Any]]) -> None:
    for group in (one for one in groups_of(shown) if one.startswith("Hostile")):
        await open_group(gallery, group)

        made = await gallery.page.locator(
            ".exhibit .frame :is(script, iframe, object, embed), .frame img:not([src='/page/mark.svg'])"
        ).count()
        marks = gallery.page.locator(".exhibit .frame .mention").filter(has_not_text="#")  # channels are settings
        mentions = await marks.count()
        assert (made, mentions) == (0, 0), group

    assert await gallery.page.evaluate("window.hostile === undefined")


async def test_a_picker_offers_what_the_bot_offers(gallery: Screen) -> None:
    await open_group(gallery, "Pickers")

    await gallery.page.locator(".exhibit button.select").first.click()

    await gallery.page.get_by_role("option", name="core-sw1").first.wait_for()


async def test_a_dangerous_button_shows_what_it_asks(gallery: Screen) -> None:
    await open_group(gallery, "Host keys")

    asked = gallery.page.locator(".asks").first
    await asked.wait_for()

    assert "Accept the new host key?" in await asked.inner_text()
