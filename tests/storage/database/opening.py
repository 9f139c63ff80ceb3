"""A process that opens a database, and adds runs until it is killed when it is told to."""

from __future__ import annotations

import asyncio
import sys

from storage.database.opening import database
from storage.runs import runs
from tests.storage.values import new_run


async def open_and_add(url: str, *, for_ever: bool) -> None:
    """Say ``open``, then the number of each run that has been written down."""
    async with database(url):
        print("open", flush=True)  # noqa: T201 - the acknowledgement
        while for_ever:
            [run] = await runs.add_runs([new_run()])
            print(run.id, flush=True)  # noqa: T201 - the acknowledgement


if __name__ == "__main__":
    asyncio.run(open_and_add(sys.argv[1], for_ever=sys.argv[2] == "add"))
