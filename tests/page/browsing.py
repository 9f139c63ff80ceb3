"""A browser for the page's tests: Debian's Chromium, started once, and a fresh profile for each test."""

from __future__ import annotations

import shutil
import subprocess
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.async_api import async_playwright, expect

from tests.support.database_fixtures import skip_or_fail

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run", "--remote-debugging-port=0"),
)
TIMEOUT = 120.0  # seconds until the browser must be there; a last resort
_LOOK = 120_000  # milliseconds that a test waits for something on the page; a last resort
expect.set_options(timeout=_LOOK)


def browser_process(profile: Path) -> Iterator[str]:
    """Start Chromium with an empty profile and yield its address for commands."""
    if not CHROMIUM.exists():
        skip_or_fail(f"no browser: {CHROMIUM} is missing (Debian's package chromium)")
    command = (str(CHROMIUM), *_FLAGS, f"--user-data-dir={profile}", "about:blank")
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - fixed arguments
    try:
        yield f"http://127.0.0.1:{_port(profile / 'DevToolsActivePort', process)}"
    finally:
        process.terminate()
        process.wait(timeout=TIMEOUT)
        shutil.rmtree(profile, ignore_errors=True)


def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    """The port that Chromium writes into a file once it listens; nothing else tells of it."""
    until = time.monotonic() + TIMEOUT
    while time.monotonic() < until and process.poll() is None:
        if file.exists() and (lines := file.read_text().split()):
            return int(lines[0])
        time.sleep(0.02)
    raise RuntimeError(f"the browser did not start: exit status {process.poll()}")


class Screen:
    """One person's browser window at the page, and everything that went wrong or went out in it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.set_default_timeout(_LOOK)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        page.on("request", lambda request: self.requests.append(request.url))

    async def open(self, *, person: str = "", channel: str = "") -> None:
        """Open the page and wait until a conversation is shown."""
        await self.page.goto(f"{self.url}#as={person}&in={channel}")
        await self.page.locator("#head h1").wait_for()

    async def act_as(self, name: str) -> None:
        """Sit down as somebody else."""
        await self.page.get_by_label("Act as").select_option(label=name)
        await self.page.wait_for_function(
            "name => document.querySelector('#act-as').selectedOptions[0].text === name", arg=name
        )

    async def type(self, text: str) -> None:
        """Type into the message box and send."""
        await self.page.locator("#composer-field").fill(text)
        await self.page.locator("#composer-field").press("Enter")

    def message(self, text: str) -> Any:  # noqa: ANN401 - Playwright's locator
        """The messages of the conversation that hold ``text``."""
        return self.page.locator("#messages article").filter(has_text=text)


@asynccontextmanager
async def running_browser(address: str) -> AsyncIterator[Browser]:
    """The browser at ``address``, with what steers it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(address)
        yield browser
        await browser.close()
