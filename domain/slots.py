"""A slot: a moment at which a job was due, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class SlotFate(StrEnum):
    """What became of a slot; the value is what the database stores."""

    RAN = "ran"
    SKIPPED_PAUSED = "skipped_paused"
    SKIPPED_RUNNING = "skipped_running"  # what an earlier slot or a person had begun was still going on
    SKIPPED_UNKNOWN = "skipped_unknown"  # its device or site is no longer declared
    MISSED = "missed"  # Lastgood was stopped
    MADE_UP = "made_up"  # Lastgood was stopped, and ran it once it was back

    @property
    def has_run(self) -> bool:
        """Whether anything was begun."""
        return self in {SlotFate.RAN, SlotFate.MADE_UP}

    @property
    def word(self) -> str:
        """As people read it: ``skipped: still running``."""
        return _WORDS[self]


_WORDS = {
    SlotFate.RAN: "ran",
    SlotFate.SKIPPED_PAUSED: "skipped: paused",
    SlotFate.SKIPPED_RUNNING: "skipped: still running",
    SlotFate.SKIPPED_UNKNOWN: "skipped: no longer declared",
    SlotFate.MISSED: "missed",
    SlotFate.MADE_UP: "made up",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One moment at which a job was due; a job has one slot for each such moment."""

    id: int
    job: int
    due_at: datetime
    fate: SlotFate
    noted_at: datetime
    by: str | None = None  # Slack id of who had paused it
    note: str = ""  # what else is to be known: "2 slots before it were missed too"
    run: int | None = None  # of a device job
    batch: int | None = None  # of a site job
