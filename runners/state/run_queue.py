"""The unfinished runs as ``serve`` holds them in memory: who waits, who is in which agent's hands.

The database has the truth; this mirrors its unfinished part so that deciding who is next costs no query.
It is rebuilt from the database at every start. No change awaits anything, so each one is whole.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from runners.state.run_clocks import RunClocks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from domain.clock import Clock
    from domain.runs.run import Run


@dataclass(slots=True)
class Handed:
    """A run in an agent's hands, from the moment it is given until the agent's last word about it."""

    run: int
    device: str
    site: str
    agent: str
    has_begun: bool = False
    missed: int = 0  # heartbeats in a row that did not name it


@dataclass(frozen=True, slots=True)
class CancelWish:
    """Somebody wants this run cancelled, and the agent has been told."""

    by: str
    at: datetime  # a moment of the steady clock


@dataclass(frozen=True, slots=True)
class Line:
    """Runs before some agents, by their numbers; each list is sorted."""

    known: list[int]  # that have not ended
    begun: list[int]  # that the agents are at

    def ahead_of(self, run: int) -> int:
        """How many runs the agents had to deal with before ``run``: the older ones, and those they are at."""
        return bisect_left(self.known, run) + len(self.begun) - bisect_right(self.begun, run)


class Queue:
    """Runs that have not ended, and sessions that have not been closed."""

    def __init__(self, clock: Clock) -> None:
        self.clocks = RunClocks(clock)
        self._runs: dict[int, Run] = {}
        self._by_device: dict[str, int] = {}
        self._waiting: dict[str, dict[int, Run]] = {}  # by site, oldest first
        self._later: list[tuple[datetime, int]] = []  # a heap: runs that may not start yet
        self._handed: dict[int, Handed] = {}  # outlives its run while the agent has not let go of the session
        self._arriving: set[int] = set()  # a result is being taken in
        self._claimed: set[int] = set()  # being ended by our own word, so that no result is taken in
        self._wishes: dict[int, CancelWish] = {}
        self._let_go = asyncio.Event()

    def add(self, runs: Iterable[Run]) -> None:
        """Line up runs that are Pending, newest last; one that may not start yet waits aside."""
        for run in runs:
            self._runs[run.id] = run
            self._by_device[run.device] = run.id
            self.clocks.line_up(run.id)
            if run.not_before:
                heappush(self._later, (run.not_before, run.id))
            else:
                self._waiting.setdefault(run.site, {})[run.id] = run

    def release(self, now: datetime) -> None:
        """Line up the runs that may start by now."""
        sites: set[str] = set()
        while self._later and self._later[0][0] <= now:
            run = self._runs.get(heappop(self._later)[1])
            if run and run.id not in self._handed and run.id not in self._arriving:
                self._waiting.setdefault(run.site, {})[run.id] = run
                sites.add(run.site)
        self._sort(sites)

    def clock_set(self, step: timedelta) -> None:
        """Somebody has set the clock: what waits aside waits neither longer nor shorter for that."""
        self._later = [(at + step, run) for at, run in self._later]

    def next_release(self) -> datetime | None:
        """When the next run that waits aside may start."""
        return self._later[0][0] if self._later else None

    def withdraw(self, runs: Iterable[Run]) -> None:
        """Take runs that nobody was handed out of the line: they are about to be ended."""
        gone = set()
        for run in runs:
            self._leave_waiting(run)
            gone.add(run.id)
        self._later = [(at, run) for at, run in self._later if run not in gone]
        heapify(self._later)

    def find(self, run: int) -> Run | None:
        """The run if it has not ended."""
        return self._runs.get(run)

    def of_device(self, device: str) -> Run | None:
        """The one unfinished run of ``device``."""
        return self._runs.get(self._by_device.get(device, 0))

    def unfinished(self) -> Sequence[Run]:
        """Every run that has not ended, in no order."""
        return tuple(self._runs.values())

    def update(self, changed: Iterable[Run]) -> list[Run]:
        """Take over what the database now says of runs; returns those that have not ended meanwhile."""
        known = [run for run in changed if run.id in self._runs]
        for run in known:
            if run.started_at:
                self.clocks.begin(run.id)
            self._runs[run.id] = run
            if run.id in self._waiting.get(run.site, ()):
                self._waiting[run.site][run.id] = run
        return known

    def end(self, ended: Iterable[Run]) -> None:
        """Forget runs that have ended. One in an agent's hands keeps its device busy until the agent lets go."""
        for run in ended:
            self.clocks.end([run.id])
            self._runs.pop(run.id, None)
            self._leave_waiting(run)
            self._wishes.pop(run.id, None)
            self._arriving.discard(run.id)
            if self._by_device.get(run.device) == run.id:
                del self._by_device[run.device]
        self._let_go.set()

    # Waiting and being handed over

    def waiting(self) -> Mapping[str, Iterable[Run]]:
        """The runs that wait, by site, oldest first."""
        return {site: runs.values() for site, runs in self._waiting.items() if runs}

    def is_waiting(self, run: int) -> bool:
        """Whether the run has not been handed to anybody."""
        return run in self._runs and run not in self._handed and run not in self._arriving

    def hand(self, run: Run, agent: str, *, has_begun: bool = False) -> None:
        """The run is now in the hands of ``agent``."""
        self._leave_waiting(run)
        if has_begun:
            self.clocks.begin(run.id)
        self._handed[run.id] = Handed(run.id, run.device, run.site, agent, has_begun)

    def take_back(self, runs: Iterable[int]) -> None:
        """Out of their agents' hands, back into the line at their old places."""
        back = [self._runs[run] for run in runs if self._handed.pop(run, None) and run in self._runs]
        for run in back:
            self._waiting.setdefault(run.site, {})[run.id] = run
        self._sort({run.site for run in back})
        self._let_go.set()

    def begin(self, run: int) -> None:
        """The agent said that it is at it."""
        if run in self._handed:
            self._handed[run].has_begun = True
            self.clocks.begin(run)

    def arrive(self, run: int) -> None:
        """The agent's last word about it has come: the session is over, its result is being taken in."""
        self.let_go([run])
        if run in self._runs and run not in self._claimed:
            self._arriving.add(run)
            self._leave_waiting(self._runs[run])

    def is_arriving(self, run: int) -> bool:
        """Whether its result is being taken in, so that no clock may end it any more."""
        return run in self._arriving

    def claim(self, run: int) -> bool:
        """Take the end of a run, so that no result of it is taken in from now on; False: one is already."""
        if run in self._arriving:
            return False
        self._claimed.add(run)
        return True

    def disclaim(self, runs: Iterable[int]) -> None:
        """The ends that were claimed are written down, or could not be."""
        self._claimed.difference_update(runs)

    def drop_arriving(self, run: int) -> None:
        """Its result could not be taken in: the clocks count again."""
        self._arriving.discard(run)

    def let_go(self, runs: Iterable[int]) -> None:
        """The agent is no longer at these."""
        for run in runs:
            self._handed.pop(run, None)
        self._let_go.set()

    async def until_none_is_handed(self) -> None:
        """Wait until no run that has not ended is in an agent's hands."""
        while self._handed.keys() & self._runs.keys():
            self._let_go.clear()
            await self._let_go.wait()

    def handed(self, run: int) -> Handed | None:
        """Who has it in hand."""
        return self._handed.get(run)

    def in_hands_of(self, agent: str) -> list[Handed]:
        """All that ``agent`` was given and has not let go of."""
        return [handed for handed in self._handed.values() if handed.agent == agent]

    # Counting

    def busy_devices(self) -> set[str]:
        """Devices with a session that may still be open."""
        return {handed.device for handed in self._handed.values()}

    def given_by_agent(self) -> Counter[str]:
        """How many runs each agent has in hand."""
        return Counter(handed.agent for handed in self._handed.values())

    def given_by_site(self) -> Counter[str]:
        """How many sessions each site may have."""
        return Counter(handed.site for handed in self._handed.values())

    def running_by_agent(self, hidden: Collection[str] = (), sites: Collection[str] | None = None) -> Counter[str]:
        """How many runs each agent has begun at ``sites`` (None: anywhere), but of ``hidden`` devices."""
        begun = (one for one in self._handed.values() if one.has_begun and (sites is None or one.site in sites))
        return Counter(handed.agent for handed in begun if handed.device not in hidden)

    def waiting_by_site(self, hidden: Collection[str] = ()) -> Counter[str]:
        """How many runs of each site nobody has begun, but of ``hidden`` devices."""
        begun = {handed.run for handed in self._handed.values() if handed.has_begun}
        waiting = (run for run in self._runs.values() if run.id not in begun)
        return Counter(run.site for run in waiting if run.device not in hidden)

    def line_of(self, *, agents: Collection[str], sites: Collection[str], hidden: Collection[str] = ()) -> Line:
        """The line in which the runs of these sites stand before these agents, now, but of ``hidden`` devices."""
        handed = (one for one in self._handed.values() if one.has_begun and one.agent in agents)
        begun = (one.run for one in handed if one.site in sites and one.device not in hidden)
        known = (run.id for run in self._runs.values() if run.site in sites and run.device not in hidden)
        return Line(known=sorted(known), begun=sorted(begun))

    # Wishes to cancel

    def wish(self, run: int, wish: CancelWish) -> None:
        """Remember who wants it cancelled; the first one counts."""
        self._wishes.setdefault(run, wish)

    def wish_for(self, run: int) -> CancelWish | None:
        """Who wants it cancelled."""
        return self._wishes.get(run)

    def wishes(self) -> Mapping[int, CancelWish]:
        """Every wish whose run has not ended."""
        return dict(self._wishes)

    def _sort(self, sites: Iterable[str]) -> None:
        for site in sites:
            self._waiting[site] = dict(sorted(self._waiting[site].items()))

    def _leave_waiting(self, run: Run) -> None:
        self._waiting.get(run.site, {}).pop(run.id, None)
