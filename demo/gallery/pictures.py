"""Pictures of the whole gallery: light, dark, and as narrow as a phone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote

from playwright.async_api import async_playwright

from demo.gallery.entries import slug

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from playwright.async_api import Browser, FloatRect, Page

CHROMIUM: Final = "/usr/bin/chromium"  # Debian's; nothing is downloaded
SHEET: Final = 1_600  # CSS pixels: what can still be read at a glance
_EDGE: Final = 8  # CSS pixels around what is cut out


@dataclass(frozen=True, slots=True)
class Look:
    """How the pages are looked at."""

    name: str
    width: int  # CSS pixels
    height: int
    scheme: Literal["light", "dark"]


LOOKS: Final = (Look("light", 1180, 900, "light"), Look("dark", 1180, 900, "dark"), Look("narrow", 390, 844, "light"))


async def take(url: str, groups: Sequence[str], folder: Path) -> AsyncIterator[str]:
    """Write pictures into ``folder``: ``light/runs-that-failed-1.png`` and so on, several entries on each.

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
                await _take_group(page, url, group, folder / look.name)
                yield f"{look.name}: {group}"
        await browser.close()


async def _page(browser: Browser, look: Look) -> Page:
    size = {"width": look.width, "height": look.height}
    context = await browser.new_context(viewport=size, color_scheme=look.scheme, locale="en-GB")  # type: ignore[arg-type]  # its own TypedDict
    return await context.new_page()


async def _take_group(page: Page, url: str, group: str, folder: Path) -> None:
    await page.goto(f"{url}#{quote(group)}")
    await page.locator(f'#entries[data-group="{group}"]').wait_for()
    await asyncio.to_thread(_make_room, folder, slug(group))
    boxes = [box for one in await page.locator(".exhibit").all() if (box := await one.bounding_box())]
    for number, sheet in enumerate(_sheets(boxes), start=1):
        path = folder / f"{slug(group)}-{number}.png"
        await page.screenshot(path=path, clip=_around(sheet), full_page=True, animations="disabled")


def _make_room(folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{name}-[0-9]*.png"):
        old.unlink()


def _sheets(boxes: Sequence[FloatRect]) -> list[list[FloatRect]]:
    """The boxes of the entries, parted so that a sheet is no longer than ``SHEET`` unless one entry is."""
    sheets: list[list[FloatRect]] = []
    for box in boxes:
        if sheets and box["y"] + box["height"] - sheets[-1][0]["y"] <= SHEET:
            sheets[-1].append(box)
        else:
            sheets.append([box])
    return sheets


def _around(sheet: Sequence[FloatRect]) -> FloatRect:
    first, last = sheet[0], sheet[-1]
    left = max(first["x"] - _EDGE, 0)
    height = last["y"] + last["height"] - first["y"]
    return {"x": left, "y": first["y"] - _EDGE, "width": first["width"] + 2 * _EDGE, "height": height + 2 * _EDGE}
