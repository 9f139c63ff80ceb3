"""A process that runs things on a database until it is killed."""

from __future__ import annotations

import asyncio
import sys

from storage.database.lease import sole_user
from storage.database.opening import database


async def hold(url: str) -> None:
    """Say ``held`` once it is ours."""
    async with database(url), sole_user(url):
        print("held", flush=True)  # noqa: T201 - the acknowledgement
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(hold(sys.argv[1]))
