"""The process that draws: started when a picture is wanted, ended when nobody has wanted one for a while."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from domain.errors import LastgoodError

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Mapping
    from pathlib import Path

log = logging.getLogger(__name__)

DRAWING_TIMEOUT: Final = timedelta(seconds=60)  # with the start of the process
DRAWING_IDLE_TIMEOUT: Final = timedelta(minutes=2)  # it has some 80 MB, and its start takes a second
MAX_PICTURE_BYTES: Final = 5_000_000  # of a picture
_ITS_OWN: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "PYTHONPATH")  # no secret is its business


class CannotDraw(LastgoodError):
    """The picture could not be drawn; what it would have shown is said in words."""

    advice = "The graph could not be drawn."


class DrawingProcess:
    """Draws one picture at a time, out of the way of everything else that ``serve`` does."""

    def __init__(self, folder: Path, *, idle: timedelta = DRAWING_IDLE_TIMEOUT) -> None:
        """Keep the list of fonts, which takes seconds to make, in ``folder``; end after ``idle``."""
        self._folder = folder
        self._idle = idle
        self._process: Process | None = None
        self._one_at_a_time = asyncio.Lock()
        self._rest: asyncio.TimerHandle | None = None

    @property
    def process(self) -> int | None:
        """The number of its process; None: there is none."""
        return self._process.pid if self._process else None

    async def draw(self, graph: Mapping[str, object]) -> bytes:
        """The picture of ``graph`` (``notifications.graphs.graphs.Graph.as_json``), as PNG.

        Raises:
            CannotDraw: it took too long, or the process broke; the next picture gets a new one.
        """
        async with self._one_at_a_time:
            self._stay_awake()
            try:
                async with asyncio.timeout(DRAWING_TIMEOUT.total_seconds()):
                    picture = await self._drawn(json.dumps(graph).encode())
            except (TimeoutError, OSError, ValueError, asyncio.IncompleteReadError) as error:
                await self._end()
                log.warning("picture not drawn", extra={"error": repr(error)})
                raise CannotDraw(f"picture not drawn: {error!r}") from error
            except asyncio.CancelledError:  # half a picture is in the pipe
                await self._end()
                raise
            self._rest = asyncio.get_running_loop().call_later(self._idle.total_seconds(), self._retire)
            return picture

    async def close(self) -> None:
        """End its process."""
        self._stay_awake()
        await self._end()

    async def _drawn(self, line: bytes) -> bytes:
        process = self._process = self._process or await self._started()
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipes")
        process.stdin.write(line + b"\n")
        await process.stdin.drain()
        length = int(await process.stdout.readline() or b"-1")
        if not 0 < length <= MAX_PICTURE_BYTES:
            raise ValueError(f"a picture of {length} bytes")
        return await process.stdout.readexactly(length)

    async def _started(self) -> Process:
        environment = {name: os.environ[name] for name in _ITS_OWN if name in os.environ}
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "notifications.graphs.drawing"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**environment, "MPLCONFIGDIR": str(self._folder), "OMP_NUM_THREADS": "1"},
        )

    def _stay_awake(self) -> None:
        if self._rest:
            self._rest.cancel()
            self._rest = None

    def _retire(self) -> None:
        """Let it end by itself: nobody draws now, or the timer would have been cancelled."""
        process, self._process, self._rest = self._process, None, None
        if process and process.stdin:
            process.stdin.close()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()
