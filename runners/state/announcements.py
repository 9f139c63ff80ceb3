"""Telling the rest of ``serve`` which runs changed, after the database has it and out of everybody's way."""

from __future__ import annotations

import asyncio
import logging
from itertools import islice
from typing import TYPE_CHECKING

from storage.runs import runs as run_store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from domain.runs.run import Run

    Announce = Callable[[Sequence[Run]], Awaitable[None]]

log = logging.getLogger(__name__)

MAX_ANNOUNCED_AT_ONCE = 200  # runs that are announced in one go


class Announcements:
    """What has changed and has not been told yet: of each run only its latest state.

    Telling may fail without harm: a final run stays unannounced in the database until it has been told, and
    ``catch_up`` tells it again.
    """

    def __init__(self, announce: Announce) -> None:
        self._announce = announce
        self._changed: dict[int, Run] = {}
        self._wake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._has_missed = False

    def put(self, runs: Iterable[Run]) -> None:
        """Tell this soon. A run that was final stays final."""
        for run in runs:
            known = self._changed.get(run.id)
            if known is None or not known.outcome.is_final:
                self._changed[run.id] = run
        if self._changed:
            self._quiet.clear()
            self._wake.set()

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._changed:
                await self._tell(self._take())
            self._quiet.set()

    async def settled(self) -> None:
        """Wait until everything has been told."""
        await self._quiet.wait()

    async def catch_up(self, *, always: bool = False) -> None:
        """Tell final runs again whose telling failed; ``always``: also those of a former life."""
        if not (self._has_missed or always):
            return
        self._has_missed = False
        self.put(await run_store.unannounced_runs(limit=1000))

    def _take(self) -> list[Run]:
        runs = [self._changed[run] for run in list(islice(self._changed, MAX_ANNOUNCED_AT_ONCE))]
        for run in runs:
            del self._changed[run.id]
        return runs

    async def _tell(self, runs: Sequence[Run]) -> None:
        try:
            await self._announce(runs)
        except Exception:  # an edge: whatever goes wrong in telling must not touch the runs
            self._has_missed = True
            log.exception("announcing runs failed", extra={"runs": [run.id for run in runs]})
