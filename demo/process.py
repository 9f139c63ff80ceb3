"""The real ``lastgood serve`` as a process of its own, and its log."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LOG_END = 4_000  # characters that are shown when something went wrong


class BotProcess:
    """Runs for as long as the block lasts; ``restart`` makes it read its settings anew."""

    def __init__(self, folder: Path, secrets: Mapping[str, str]) -> None:
        self._folder = folder
        self._secrets = secrets
        self._process: asyncio.subprocess.Process | None = None

    @property
    def config(self) -> Path:
        """Its app.yaml."""
        return self._folder / "app.yaml"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start it; its log grows at the end."""
        with (self._folder / "serve.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "serve", "--config", str(self.config)),
                env=os.environ | dict(self._secrets),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def stop(self) -> None:
        """Stop it as SIGTERM does, and wait until it is gone."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.terminate()
        await self._process.wait()
        self._process = None

    async def restart(self) -> None:
        """Stop it and start it again."""
        await self.stop()
        await self.start()

    def log_end(self) -> str:
        """The last lines that it wrote."""
        return (self._folder / "serve.log").read_text(encoding="utf-8", errors="replace")[-_LOG_END:]
