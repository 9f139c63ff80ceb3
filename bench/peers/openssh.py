"""The same captures by OpenSSH's ``ssh``, one process for each device: the yardstick."""

from __future__ import annotations

import asyncio
import os
import resource
import stat
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.figures import Cost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.fleet import Target

_TYPED = b"terminal length 0\nterminal width 0\nshow version\nshow running-config\nexit\n"


async def capture_all(targets: Sequence[Target], *, parallel: int, password: str) -> Cost:
    """Capture every device with ``ssh``; the CPU is that of all the ssh processes together."""
    places = asyncio.Semaphore(parallel)
    with tempfile.TemporaryDirectory() as folder:
        asker = _asker(Path(folder))
        environment = os.environ | {"SSH_ASKPASS": str(asker), "SSH_ASKPASS_REQUIRE": "force", "BENCH_ANSWER": password}
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for target in targets:
                group.create_task(_capture(target, places, environment))
        wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, wall)


async def _capture(target: Target, places: asyncio.Semaphore, environment: dict[str, str]) -> None:
    options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "PubkeyAuthentication=no", "LogLevel=ERROR")
    words = ["ssh", "-F", "none", "-tt", "-p", str(target.port), *(word for one in options for word in ("-o", one))]
    async with places:
        process = await asyncio.create_subprocess_exec(
            *words,
            f"{target.username}@127.0.0.1",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment,
        )
        printed, _ = await process.communicate(_TYPED)
    if b"\nend" not in printed:
        raise RuntimeError(f"ssh brought no configuration from {target.name}: {printed[-200:]!r}")


def _asker(folder: Path) -> Path:
    """A program that answers ssh's question for the password, which comes to it by the environment."""
    asker = folder / "answer"
    asker.write_text('#!/bin/sh\nprintf "%s\\n" "$BENCH_ANSWER"\n')
    asker.chmod(stat.S_IRWXU)
    return asker
