"""The unfinished runs as ``serve`` holds them in memory, each in one place: waiting, handed out, or arriving.

The database has the truth; this mirrors its unfinished part so that deciding who is next costs no query.
It is rebuilt from the database at every start. No change awaits anything, so each one is whole.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runners.state.arriving_runs import ArrivingRuns
from runners.state.cancel_wishes import CancelWishes
from runners.state.handed_runs import HandedRuns
from runners.state.run_clocks import RunClocks
from runners.state.waiting_runs import WaitingRuns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from domain.clock import Clock
    from domain.runs.run import Run


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """Runs before some agents, by their numbers; each list is sorted."""

    known: list[int]  # that have not ended
    begun: list[int]  # that the agents are at

    def ahead_of(self, run: int) -> int:
        """How many runs the agents had to deal with before ``run``: the older ones, and those they are at."""
        return bisect_left(self.known, run) + len(self.begun) - bisect_right(self.begun, run)


class RunQueue:
    """Runs that have not ended, and sessions that have not been closed. Here is what moves between the places."""

    def __init__(self, clock: Clock) -> None:
        self.clocks = RunClocks(clock)
        self.waiting = WaitingRuns()
        self.handed = HandedRuns()
        self.arriving = ArrivingRuns()
        self.wishes = CancelWishes()
        self._runs: dict[int, Run] = {}
        self._by_device: dict[str, int] = {}

    def find(self, run: int) -> Run | None:
        """The run if it has not ended."""
        return self._runs.get(run)

    def of_device(self, device: str) -> Run | None:
        """The one unfinished run of ``device``."""
        return self._runs.get(self._by_device.get(device, 0))

    def unfinished(self) -> Sequence[Run]:
        """Every run that has not ended, in no order."""
        return tuple(self._runs.values())

    def is_waiting(self, run: int) -> bool:
        """Whether the run has not been handed to anybody."""
        return run in self._runs and run not in self.handed and run not in self.arriving

    def add(self, runs: Iterable[Run]) -> None:
        """Line up runs that are Pending, newest last; one that may not start yet waits aside."""
        for run in runs:
            self._runs[run.id] = run
            self._by_device[run.device] = run.id
            self.clocks.line_up(run.id)
            self.waiting.add(run)

    def release(self, now: datetime) -> None:
        """Line up the runs that may start by now."""
        self.waiting.put_back([self._runs[run] for run in self.waiting.due(now) if self.is_waiting(run)])

    def hand(self, run: Run, agent: str, *, has_begun: bool = False) -> None:
        """The run is now in the hands of ``agent``."""
        self.waiting.leave(run)
        if has_begun:
            self.clocks.begin(run.id)
        self.handed.add(run, agent, has_begun=has_begun)

    def take_back(self, runs: Iterable[int]) -> None:
        """Out of their agents' hands, back into the line at their old places."""
        self.waiting.put_back([self._runs[run] for run in self.handed.let_go(runs) if run in self._runs])

    def begin(self, run: int) -> None:
        """The agent said that it is at it."""
        if run in self.handed:
            self.handed.begin(run)
            self.clocks.begin(run)

    def arrive(self, run: int) -> None:
        """The agent's last word about it has come: the session is over, its result is being taken in."""
        self.handed.let_go([run])
        if run in self._runs and self.arriving.arrive(run):
            self.waiting.leave(self._runs[run])

    def update(self, changed: Iterable[Run]) -> list[Run]:
        """Take over what the database now says of runs; returns those that have not ended meanwhile."""
        known = [run for run in changed if run.id in self._runs]
        for run in known:
            if run.started_at:
                self.clocks.begin(run.id)
            self._runs[run.id] = run
            self.waiting.update(run)
        return known

    def end(self, ended: Iterable[Run]) -> None:
        """Forget runs that have ended. One in an agent's hands keeps its device busy until the agent lets go."""
        for run in ended:
            self.clocks.end([run.id])
            self._runs.pop(run.id, None)
            self.waiting.leave(run)
            self.wishes.drop(run.id)
            self.arriving.drop(run.id)
            if self._by_device.get(run.device) == run.id:
                del self._by_device[run.device]
        self.handed.look_again()

    async def until_none_is_handed(self) -> None:
        """Wait until no run that has not ended is in an agent's hands."""
        await self.handed.until_none_is_left(self._runs.__contains__)

    def waiting_by_site(self, hidden: Collection[str] = ()) -> Counter[str]:
        """How many runs of each site nobody has begun, but of ``hidden`` devices."""
        begun = {handed.run for handed in self.handed.begun()}
        waiting = (run for run in self._runs.values() if run.id not in begun)
        return Counter(run.site for run in waiting if run.device not in hidden)

    def line_of(self, *, agents: Collection[str], sites: Collection[str], hidden: Collection[str] = ()) -> WaitingLine:
        """The line in which the runs of these sites stand before these agents, now, but of ``hidden`` devices."""
        handed = (one for one in self.handed.begun() if one.agent in agents)
        begun = (one.run for one in handed if one.site in sites and one.device not in hidden)
        known = (run.id for run in self._runs.values() if run.site in sites and run.device not in hidden)
        return WaitingLine(known=sorted(known), begun=sorted(begun))
