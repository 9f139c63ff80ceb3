"""A site run: the runs of several devices that were asked for together, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from domain.messages.places import Place
    from domain.runs.outcomes import Outcome
    from domain.runs.run import Run, Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The runs of one site that were asked for together."""

    id: int
    site: str
    trigger: Trigger
    total: int
    created_at: datetime
    asked_by: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchState:
    """How far a batch has come."""

    batch: Batch
    counts: Mapping[Outcome, int]

    @property
    def is_over(self) -> bool:
        """Whether every run of it has ended."""
        return sum(count for outcome, count in self.counts.items() if outcome.is_final) >= self.batch.total


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFailures:
    """The runs of a batch that failed for one reason and one cause."""

    first: tuple[Run, ...]  # the oldest of them; one at least
    count: int  # of all
