"""``make gallery``: pictures of everything that Lastgood can say, in data/gallery; ``--serve`` shows it instead."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from bot.clock import SystemClock
from demo.gallery.catalogue import pictures
from demo.gallery.pictures import LOOKS, take
from demo.page import Page
from demo.slack import LocalSlack

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER = Path("data/gallery")


async def run(console: Console, *, serve: bool, only: Sequence[str]) -> None:
    """Draw everything, or the groups whose names hold one of ``only``."""
    entries = await pictures()
    groups = list(dict.fromkeys(str(entry["group"]) for entry in entries))
    wanted = [group for group in groups if not only or any(word.casefold() in group.casefold() for word in only)]

    async def made() -> list[dict[str, Any]]:
        return entries

    async with LocalSlack(clock=SystemClock()) as slack, Page(slack, gallery=made):
        url = f"{slack.url}/gallery"
        if serve:
            console.print(f"{len(entries)} pictures at [bold cyan]{url}[/]. Ctrl-C ends.")
            await asyncio.Event().wait()
        async for done in take(url, wanted, FOLDER):
            console.print(done, style="dim")
    console.print(f"Pictures of {len(entries)} entries, in {len(LOOKS)} looks, are in [bold]{FOLDER}/[/].")


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m demo.gallery", description="Everything that Lastgood can say.")
    parser.add_argument("--serve", action="store_true", help="show it in a browser instead of writing pictures")
    parser.add_argument("only", nargs="*", metavar="GROUP", help="groups whose names hold one of these words")
    arguments = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(run(Console(), serve=arguments.serve, only=arguments.only))


if __name__ == "__main__":
    main()
