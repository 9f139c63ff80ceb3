"""A slot: a moment at which a job was due, and what became of it: ran, skipped, or a missed slot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from domain.runs.batches import Batch
    from domain.runs.run import NewRun, Run
    from domain.runs.steps import RunEnd


class SlotFate(StrEnum):
    """What became of a slot; the value is what the database stores."""

    RAN = "ran"
    SKIPPED_PAUSED = "skipped_paused"
    SKIPPED_RUNNING = "skipped_running"  # what an earlier slot or a person had begun was still going on
    SKIPPED_UNKNOWN = "skipped_unknown"  # its site is no longer declared, or its device is not at it any more
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
    SlotFate.SKIPPED_UNKNOWN: "skipped: no longer in app.yaml",
    SlotFate.MISSED: "missed",
    SlotFate.MADE_UP: "run late",
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
    note: str = ""  # what else is to be known: "2 earlier starts were missed too"
    run: int | None = None  # of a device job
    batch: int | None = None  # of a site job


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSlot:
    """A slot that is being taken up."""

    job: int
    due_at: datetime
    fate: SlotFate
    next_run_at: datetime | None  # when the job comes due after it
    by: str | None = None
    note: str = ""
    ends_pause: bool = False  # the pause was over by then


@dataclass(frozen=True, slots=True, kw_only=True)
class RunGroup:
    """Runs of one site that begin together: those of a site job, or of device jobs that are due at one moment."""

    site: str
    runs: tuple[NewRun, ...]
    site_job: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of the jobs that are due: written down whole or not at all."""

    slots: tuple[NewSlot, ...] = ()
    groups: tuple[RunGroup, ...] = ()
    ends: tuple[RunEnd, ...] = ()  # of runs that waited until their job came due again


@dataclass(frozen=True, slots=True)
class Taken:
    """Slots that were taken up, and what they began and ended."""

    count: int  # of jobs that were due
    batches: tuple[Batch, ...] = ()
    runs: tuple[Run, ...] = ()
    ended: tuple[Run, ...] = ()
