"""A process that stores versions until it is killed, and says of each batch that it has been stored."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from storage.archive.archive import Archive, NewVersion


def batch(number: int) -> list[NewVersion]:
    """The versions of round ``number``, with texts that tell which they are."""
    return [
        NewVersion(
            device=f"sw{device}",
            site="plant-a",
            text=f"round {number} of sw{device}\n".encode() * 200,
            number=number,
            run=number * 100 + device,
            captured_at=datetime(2026, 3, 2, tzinfo=UTC),
            digest=f"d{number}",
            reason="manual",
        )
        for device in range(5)
    ]


async def store_for_ever(folder: Path, first: int) -> None:
    """Store round after round, each acknowledged by a line with its number and its commits."""
    archive = Archive(folder)
    await archive.open(["plant-a"])
    number = first
    while True:
        commits = await archive.store("plant-a", batch(number))
        print(number, *commits, flush=True)  # noqa: T201 - the acknowledgement
        number += 1


if __name__ == "__main__":
    asyncio.run(store_for_ever(Path(sys.argv[1]), int(sys.argv[2])))
