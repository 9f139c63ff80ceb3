"""What runs come to over a time: counts by outcome, how long they took and waited, what changed most."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from domain.runs.outcomes import UNFINISHED, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

Counts = dict[Outcome, int]  # holds every outcome
_MEDIAN, _P95 = 0.5, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How long something took, in seconds."""

    median: float
    p95: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How long runs took, and how long they waited for their agent before."""

    running: Spread | None = None  # None: none of them ran to an end
    waiting: Spread | None = None  # None: all of them still wait


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCounts:
    """One local day of runs, by the time at which they were asked for."""

    day: date
    counts: Mapping[Outcome, int]  # holds every outcome
    running: Spread | None = None  # None: none of them ran to an end
    waiting: Spread | None = None  # None: all of them still wait

    @property
    def total(self) -> int:
        """All runs of the day."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A device that was modified, and how often."""

    device: str
    times: int
    added: int  # lines
    removed: int  # lines


def no_counts() -> Counts:
    """Zero of each outcome."""
    return dict.fromkeys(Outcome, 0)


def success_rate(counts: Mapping[Outcome, int]) -> float | None:
    """The share of good runs among those that have ended, 0 to 1; None: none has ended."""
    ended = sum(count for outcome, count in counts.items() if outcome not in UNFINISHED)
    good = sum(count for outcome, count in counts.items() if outcome.is_good)
    return good / ended if ended else None


def spread(seconds: Sequence[float]) -> Spread | None:
    """The median and the value that 95 in 100 do not exceed; None: nothing was measured."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    return Spread(median=_at(ordered, _MEDIAN), p95=_at(ordered, _P95))


def _at(ordered: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of all does not exceed."""
    return ordered[ceil(len(ordered) * share) - 1]
