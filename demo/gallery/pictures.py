"""Pictures of the whole gallery: light, dark, and as narrow as a phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote

from playwright.async_api import async_playwright

from demo.gallery.entries import slug

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from playwright.async_api import Browser, Page

CHROMIUM: Final = "/usr/bin/chromium"  # Debian's; nothing is downloaded


@dataclass(frozen=True, slots=True)
class Look:
    """How the pages are looked at."""

    name: str
    width: int  # CSS pixels
    height: int
    scheme: Literal["light", "dark"]


LOOKS: Final = (Look("light", 1180, 900, "light"), Look("dark", 1180, 900, "dark"), Look("narrow", 390, 844, "light"))


async def take(url: str, groups: Sequence[str], folder: Path) -> AsyncIterator[str]:
    """Write pictures into ``folder``: ``light/runs-that-failed.png`` and ``light/runs-that-failed/refused.png``.

    Args:
        url: where the gallery is served.
        groups: the headings to look under.
        folder: made if it is missing; pictures of the same name are replaced.

    Yields:
        What was looked at, group by group.
    """
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for look in LOOKS:
            page = await _page(browser, look)
            for group in groups:
                await _take_group(page, f"{url}#{quote(group)}", group, folder / look.name)
                yield f"{look.name}: {group}"
        await browser.close()


async def _page(browser: Browser, look: Look) -> Page:
    size = {"width": look.width, "height": look.height}
    context = await browser.new_context(viewport=size, color_scheme=look.scheme, locale="en-GB")  # type: ignore[arg-type]  # its own TypedDict
    return await context.new_page()


async def _take_group(page: Page, url: str, group: str, folder: Path) -> None:
    await page.goto(url)
    await page.locator(f'#entries[data-group="{group}"]').wait_for()
    folder.mkdir(parents=True, exist_ok=True)
    await page.locator("#entries").screenshot(path=folder / f"{slug(group)}.png", animations="disabled")
    for entry in await page.locator(".entry").all():
        name = str(await entry.get_attribute("id"))
        await entry.screenshot(path=folder / f"{name}.png", animations="disabled")
