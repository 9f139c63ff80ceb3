"""Joining loose objects into packs, by git's own ``repack`` in a process of low priority.

libgit2 would keep a core of ours busy for seconds. It touches no reference, so storing and reading go on meanwhile.
Packs grow geometrically, so that a year of history is not written anew every time.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from storage.archive.errors import ArchiveError
from storage.archive.tools import GIT, git_environment

if TYPE_CHECKING:
    from pathlib import Path

REPACK_TIMEOUT = 3600.0  # seconds

_REPACK = ("repack", "--geometric=2", "-d", "-l", "-q", "--no-write-bitmap-index")


async def repack(path: Path) -> None:
    """Join loose objects into packs; to be called rarely, such as once a night.

    Raises:
        ArchiveError: git is not installed, failed, or took longer than an hour.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *GIT, "-C", str(path), *_REPACK, env=git_environment(), stderr=asyncio.subprocess.PIPE
        )
    except OSError as error:
        raise ArchiveError(f"cannot repack {path.name}: {error}") from error
    await _finish(process, path.name)


async def _finish(process: asyncio.subprocess.Process, name: str) -> None:
    try:
        async with asyncio.timeout(REPACK_TIMEOUT):
            _, said = await process.communicate()
    except BaseException as error:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if isinstance(error, TimeoutError):
            raise ArchiveError(f"repacking {name} took longer than {REPACK_TIMEOUT:g} s") from error
        raise
    if process.returncode:
        raise ArchiveError(f"repacking {name} failed: {said.decode(errors='replace').strip()[:500]}")
