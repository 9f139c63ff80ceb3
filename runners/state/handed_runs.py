"""Runs that were handed out: in which agent's hands each is, and which devices may have a session open."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from domain.runs.run import Run


@dataclass(slots=True)
class HandedRun:
    """A run in an agent's hands, from the moment it is given until the agent's last word about it."""

    run: int
    device: str
    site: str
    agent: str
    has_begun: bool = False
    missed: int = 0  # heartbeats in a row that did not name it


class HandedRuns:
    """What agents were given and have not let go of. It outlives its run while the session is not closed."""

    def __init__(self) -> None:
        self._handed: dict[int, HandedRun] = {}
        self._let_go = asyncio.Event()

    def add(self, run: Run, agent: str, *, has_begun: bool = False) -> None:
        """The run is now in the hands of ``agent``."""
        self._handed[run.id] = HandedRun(run.id, run.device, run.site, agent, has_begun)

    def begin(self, run: int) -> None:
        """The agent said that it is at it."""
        if run in self._handed:
            self._handed[run].has_begun = True

    def let_go(self, runs: Iterable[int]) -> list[int]:
        """The agent is no longer at these; returns those that it was at."""
        gone = [run for run in runs if self._handed.pop(run, None)]
        self._let_go.set()
        return gone

    def __contains__(self, run: int) -> bool:
        return run in self._handed

    def find(self, run: int) -> HandedRun | None:
        """Who has it in hand."""
        return self._handed.get(run)

    def of_agent(self, agent: str) -> list[HandedRun]:
        """All that ``agent`` was given and has not let go of."""
        return [handed for handed in self._handed.values() if handed.agent == agent]

    async def until_none_is_left(self, unfinished: Callable[[int], bool]) -> None:
        """Wait until no run that is unfinished is in an agent's hands."""
        while any(map(unfinished, self._handed)):
            self._let_go.clear()
            await self._let_go.wait()

    def look_again(self) -> None:
        """Runs have ended: whoever waits until none is left looks again."""
        self._let_go.set()

    def busy_devices(self) -> set[str]:
        """Devices with a session that may still be open."""
        return {handed.device for handed in self._handed.values()}

    def by_agent(self) -> Counter[str]:
        """How many runs each agent has in hand."""
        return Counter(handed.agent for handed in self._handed.values())

    def by_site(self) -> Counter[str]:
        """How many sessions each site may have."""
        return Counter(handed.site for handed in self._handed.values())

    def begun(self) -> list[HandedRun]:
        """Those that their agents are at."""
        return [handed for handed in self._handed.values() if handed.has_begun]

    def running_by_agent(self, hidden: Collection[str] = (), sites: Collection[str] | None = None) -> Counter[str]:
        """How many runs each agent has begun at ``sites`` (None: anywhere), but of ``hidden`` devices."""
        begun = (handed for handed in self.begun() if sites is None or handed.site in sites)
        return Counter(handed.agent for handed in begun if handed.device not in hidden)
