"""Runs whose end is being written down: by the result that an agent brought, or by our own word. Never both."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ArrivingRuns:
    """Whose word ends a run: its result, once it arrives, or ours, once the run is claimed."""

    def __init__(self) -> None:
        self._arriving: set[int] = set()
        self._claimed: set[int] = set()

    def arrive(self, run: int) -> bool:
        """A result of the run is to be taken in; False: its end was claimed before."""
        if run in self._claimed:
            return False
        self._arriving.add(run)
        return True

    def __contains__(self, run: int) -> bool:
        """Whether its result is being taken in, so that no clock may end it any more."""
        return run in self._arriving

    def drop(self, run: int) -> None:
        """The result was taken in, or could not be: then the clocks count again."""
        self._arriving.discard(run)

    def claim(self, run: int) -> bool:
        """Take the end of a run, so that no result of it is taken in from now on; False: one is already."""
        if run in self._arriving:
            return False
        self._claimed.add(run)
        return True

    def disclaim(self, runs: Iterable[int]) -> None:
        """The ends that were claimed are written down, or could not be."""
        self._claimed.difference_update(runs)
