"""A dispatcher that a test kills: ``python -m tests.runners.dispatch_child FOLDER TEXT``.

Backs ``plant-a`` up with agents that answer at once, and prints a line after each step that a kill may hit.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from storage.archive.archive import Archive
from tests.runners.workshop import CONFIG, make_device, make_inventory, make_site, workshop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.archive.archive import NewVersion

COUNT = 50
INVENTORY = make_inventory(
    [make_device(f"sw{number}") for number in range(COUNT)], sites=[make_site("plant-a", concurrency=10)]
)


class TellingArchive(Archive):
    """Says before and after each store that it does."""

    async def store(self, site: str, versions: Sequence[NewVersion]) -> list[str]:
        """Store, and say so."""
        print("storing", flush=True)  # noqa: T201 - what the test waits for
        commits = await super().store(site, versions)
        print("stored", flush=True)  # noqa: T201 - what the test waits for
        return commits


async def back_up_all(folder: Path, text: bytes) -> None:
    """One run of each device, each bringing ``text`` with the device's name in it."""
    archive = TellingArchive(folder / "archive")
    async with workshop(folder, INVENTORY, archive=archive, close_timeout=timedelta(0)) as shop:
        print("ready", flush=True)  # noqa: T201 - what the test waits for
        await shop.connect()
        await shop.start_site()
        answered = 0
        while answered < COUNT:
            await shop.settle()
            for capture in shop.captures()[answered : answered + 3]:
                answered += 1
                await shop.begin(capture.run)
                await shop.say(shop.captured(capture.run, text.replace(b"core-sw1", capture.device.encode())))
                print("answered", flush=True)  # noqa: T201 - what the test waits for


if __name__ == "__main__":
    asyncio.run(back_up_all(Path(sys.argv[1]), CONFIG.replace(b"Vlan1", sys.argv[2].encode())))
