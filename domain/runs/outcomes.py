"""What became of a run: one of six outcomes, and no others."""

from __future__ import annotations

from enum import StrEnum


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
    def word(self) -> str:
        """The outcome in words, as people read it: ``Up to Date``."""
        return self.value.replace("_", " ").title().replace(" To ", " to ")

    @property
    def chip(self) -> str:
        """Emoji and word, never one without the other: colour alone tells some readers nothing."""
        return f"{_EMOJI[self]} {self.word}"


UNFINISHED = frozenset({Outcome.PENDING, Outcome.IN_PROGRESS})

_EMOJI = {
    Outcome.PENDING: "⚪",
    Outcome.IN_PROGRESS: "🔵",
    Outcome.UP_TO_DATE: "🟢",
    Outcome.MODIFIED: "🟠",
    Outcome.FAILED: "🔴",
    Outcome.TIMED_OUT: "🔴",
}


def compare_outcome(*, before: str | None, now: str) -> Outcome:
    """Judge a complete capture by the digests of its comparable text and of the version before it.

    A device's first capture has nothing to differ from. It is the baseline, not a change: calling it
    Modified would be a false alarm on everyone's first day.
    """
    return Outcome.UP_TO_DATE if before is None or before == now else Outcome.MODIFIED
