"""Runs that wait for an agent, and runs that may not start yet."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime, timedelta

    from domain.runs.run import Run


class WaitingRuns:
    """Runs that nobody was handed, by site, oldest first; those that may not start yet wait aside."""

    def __init__(self) -> None:
        self._lines: dict[str, dict[int, Run]] = {}  # by site
        self._later: list[tuple[datetime, int]] = []  # a heap

    def add(self, run: Run) -> None:
        """Line up a run that is newer than all others."""
        if run.not_before:
            heappush(self._later, (run.not_before, run.id))
        else:
            self._lines.setdefault(run.site, {})[run.id] = run

    def put_back(self, runs: Iterable[Run]) -> None:
        """Line up runs again, each at its old place."""
        sites = set()
        for run in runs:
            self._lines.setdefault(run.site, {})[run.id] = run
            sites.add(run.site)
        for site in sites:
            self._lines[site] = dict(sorted(self._lines[site].items()))

    def update(self, run: Run) -> None:
        """Take over what is now known of a run, if it stands in line."""
        if run.id in self._lines.get(run.site, ()):
            self._lines[run.site][run.id] = run

    def leave(self, run: Run) -> None:
        """Take a run out of the line."""
        self._lines.get(run.site, {}).pop(run.id, None)

    def withdraw(self, runs: Iterable[Run]) -> None:
        """Take runs out for good, those that wait aside too."""
        gone = set()
        for run in runs:
            self.leave(run)
            gone.add(run.id)
        self._later = [(at, run) for at, run in self._later if run not in gone]
        heapify(self._later)

    def due(self, now: datetime) -> Iterator[int]:
        """The numbers of runs that waited aside and may start by now; each is told once."""
        while self._later and self._later[0][0] <= now:
            yield heappop(self._later)[1]

    def clock_set(self, step: timedelta) -> None:
        """Somebody has set the clock: what waits aside waits neither longer nor shorter for that."""
        self._later = [(at + step, run) for at, run in self._later]

    def next_release(self) -> datetime | None:
        """When the next run that waits aside may start."""
        return self._later[0][0] if self._later else None

    def by_site(self) -> Mapping[str, Iterable[Run]]:
        """The runs that wait, oldest first."""
        return {site: runs.values() for site, runs in self._lines.items() if runs}
