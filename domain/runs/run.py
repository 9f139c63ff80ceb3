"""A run: one execution for one device, from the asking to its one outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.failures import FailureKind

if TYPE_CHECKING:
    from datetime import datetime

    from domain.messages.places import Place
    from domain.runs.causes import TimeoutCause
    from domain.runs.evidence import Evidence
    from domain.runs.outcomes import Outcome

CANCELLED_BY = "cancelled by "  # the facts of a cancelled run: this, and the person's Slack id
RUNNING_LIMIT_GRACE = timedelta(seconds=20)  # past the running limit, until serve no longer waits for the agent


class Trigger(StrEnum):
    """What made a run start."""

    MANUAL = "manual"
    COMMAND_LINE = "command_line"
    SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A run as it is asked for."""

    device: str
    site: str
    trigger: Trigger
    created_at: datetime
    waiting_limit: timedelta
    running_limit: timedelta
    asked_by: str | None = None  # Slack user id; None: not a person
    batch: int | None = None
    place: Place | None = None  # None: nobody waits for a message
    job: int | None = None
    slot: datetime | None = None  # when the job came due; None: not begun by a schedule
    not_before: datetime | None = None  # None: at once
    retries: int | None = None  # None: as declared for the device
    accept_smaller: bool = False  # a person vouches for a configuration far smaller than the last one

    @property
    def ready_at(self) -> datetime:
        """From when on an agent might have started it: here its waiting begins."""
        return max(self.created_at, self.not_before or self.created_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(NewRun):
    """One execution for one device; has exactly one outcome."""

    id: int
    outcome: Outcome
    agent: str | None = None
    attempts: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    reason: FailureKind | None = None  # of Failed and Timed Out
    cause: TimeoutCause | None = None  # of Timed Out, as far as it is known
    facts: str = ""  # plain text beside the reason; may hold text of the device: hostile until masked and escaped
    evidence: Evidence | None = None  # how far it came before it failed; None: nothing is known of that
    base_version: int | None = None  # the version it was compared with; None: there was none
    version: int | None = None  # the version that is valid after it: a new one when Modified or the baseline
    added: int = 0  # lines; 0 where nothing but values of secrets changed
    removed: int = 0  # lines; likewise
    secrets_changed: int = 0  # values that were replaced by others

    @property
    def is_baseline(self) -> bool:
        """Whether it stored the device's first version."""
        return self.outcome.is_good and self.base_version is None

    @property
    def duration(self) -> timedelta | None:
        """How long it ran, without the waiting; None while it has not ended or when it never started."""
        if self.started_at is None or self.finished_at is None:
            return None
        return self.finished_at - self.started_at

    @property
    def cancelled_by(self) -> str | None:
        """Slack id of the person who cancelled it; None: nobody did."""
        return self.facts.removeprefix(CANCELLED_BY) if self.reason is FailureKind.CANCELLED else None

    @property
    def waited(self) -> timedelta | None:
        """How long it waited for its agent; None while it still waits."""
        ended = self.started_at or self.finished_at
        return max(ended - self.ready_at, timedelta(0)) if ended else None
