"""What became of a run: one of six outcomes, and no others."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Outcome(StrEnum):
    """The six outcomes; the value is what the database stores."""

    PENDING = "pending"  # waiting for its agent to start it
    IN_PROGRESS = "in_progress"  # the agent is at it
    UP_TO_DATE = "up_to_date"  # ended, no difference found
    MODIFIED = "modified"  # ended, a difference found and stored
    FAILED = "failed"  # an error ended it
    TIMED_OUT = "timed_out"  # one of its two clocks ran out

    @property
    def is_final(self) -> bool:
        """Whether the run has ended: a final outcome never changes again."""
        return self not in UNFINISHED

    @property
    def is_good(self) -> bool:
        """Whether a complete configuration was captured and is safely stored."""
        return self in {Outcome.UP_TO_DATE, Outcome.MODIFIED}

    @property
    def is_bad(self) -> bool:
        """Whether it ended without a configuration: timing out is one way to fail."""
        return self in BAD

    @property
    def word(self) -> str:
        """The outcome in words, as people read it: ``Up to Date``."""
        return self.value.replace("_", " ").title().replace(" To ", " to ")

    @property
    def chip(self) -> str:
        """Emoji and word, never one without the other: colour alone tells some readers nothing."""
        return f"{_EMOJI[self]} {self.word}"


UNFINISHED = frozenset({Outcome.PENDING, Outcome.IN_PROGRESS})
BAD = frozenset({Outcome.FAILED, Outcome.TIMED_OUT})

_EMOJI = {
    Outcome.PENDING: "⚪",
    Outcome.IN_PROGRESS: "🔵",
    Outcome.UP_TO_DATE: "🟢",
    Outcome.MODIFIED: "🟠",
    Outcome.FAILED: "🔴",
    Outcome.TIMED_OUT: "🔴",
}


def count_bad(counts: Mapping[Outcome, int]) -> int:
    """How many of the counted runs ended without a configuration."""
    return sum(counts.get(outcome, 0) for outcome in BAD)


def compare_outcome(*, before: str | None, now: str) -> Outcome:
    """Judge a complete capture by the digests of its comparable text and of the version before it.

    A device's first capture has nothing to differ from. It is the baseline, not a change: calling it
    Modified would be a false alarm on everyone's first day.
    """
    return Outcome.UP_TO_DATE if before is None or before == now else Outcome.MODIFIED
