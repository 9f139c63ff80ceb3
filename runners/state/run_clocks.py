"""The two clocks of each unfinished run, which count the time that really goes by: nobody sets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from domain.clock import Clock
    from domain.runs.run import Run


class RunClocks:
    """Tells how late it is for a run: by the clock as it was set when the run was lined up, or when it began.

    The database keeps moments, and a clock that is set makes any span between two of them wrong. Here the same
    moments are read by a clock that only goes on.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead: dict[tuple[int, bool], timedelta] = {}  # run, and whether it has begun: its clock's lead
        self._known_since: dict[int, datetime] = {}

    def line_up(self, run: int) -> None:
        """From here on the waiting clock of ``run`` cannot be moved."""
        self._known_since.setdefault(run, self._clock.now())
        self._start((run, False))

    def begin(self, run: int) -> None:
        """From here on its running clock cannot be moved."""
        self._start((run, True))

    def now_of(self, run: Run) -> datetime:
        """The present moment, to be compared with the moments of ``run``."""
        key = (run.id, run.started_at is not None)
        return self._clock.steady() + self._ahead.get(key, self._lead())

    def is_inherited(self, run: Run) -> bool:
        """Whether its waiting time was over before this process knew of it: nobody was there to start it."""
        since = self._known_since.get(run.id)
        return since is not None and since >= run.ready_at + run.waiting_limit

    def end(self, runs: Iterable[int]) -> None:
        """Forget runs that have ended."""
        for run in runs:
            self._known_since.pop(run, None)
            for has_begun in (False, True):
                self._ahead.pop((run, has_begun), None)

    def _start(self, key: tuple[int, bool]) -> None:
        self._ahead.setdefault(key, self._lead())

    def _lead(self) -> timedelta:
        return self._clock.now() - self._clock.steady()
