"""A run: one execution for one device, from the asking to its one outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.failures import FailureKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from domain.outcomes import Outcome
    from domain.timeouts import TimeoutCause

CANCELLED_BY = "cancelled by "  # the facts of a cancelled run: this, and the person's Slack id
GRACE = timedelta(seconds=20)  # past the running limit, until serve stops waiting for the agent's own word


class Trigger(StrEnum):
    """What made a run start."""

    MANUAL = "manual"
    COMMAND_LINE = "command_line"
    SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the answer belongs in Slack."""

    channel: str  # C..., G..., D..., or a person's id U... for a direct message
    thread_ts: str | None = None

    @property
    def is_private(self) -> bool:
        """Whether one person alone reads there."""
        return self.channel[:1] in {"U", "W", "D"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A run that is being asked for."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution for one device; has exactly one outcome."""

    id: int
    device: str
    site: str
    trigger: Trigger
    outcome: Outcome
    created_at: datetime
    waiting_limit: timedelta
    running_limit: timedelta
    asked_by: str | None = None
    batch: int | None = None
    place: Place | None = None
    job: int | None = None
    slot: datetime | None = None  # when the job came due; None: not begun by a schedule
    not_before: datetime | None = None  # None: at once
    retries: int | None = None  # None: as declared for the device
    accept_smaller: bool = False  # a person vouches for a configuration far smaller than the last one
    agent: str | None = None
    attempts: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    reason: FailureKind | None = None  # of Failed and Timed Out
    cause: TimeoutCause | None = None  # of Timed Out, as far as it is known
    facts: str = ""  # plain text beside the reason; may hold text of the device: hostile until masked and escaped
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
    def ready_at(self) -> datetime:
        """From when on an agent might have started it: here its waiting begins."""
        return max(self.created_at, self.not_before or self.created_at)

    @property
    def waited(self) -> timedelta | None:
        """How long it waited for its agent; None while it still waits."""
        ended = self.started_at or self.finished_at
        return max(ended - self.ready_at, timedelta(0)) if ended else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStart:
    """An agent has begun an attempt."""

    run: int
    agent: str
    attempt: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVersion:
    """A commit that holds a new version of a device."""

    device: str
    site: str
    number: int  # counts from 1 for each device
    commit: str  # hex
    run: int
    captured_at: datetime
    size: int  # bytes
    digest: str  # of the comparable text
    author: str | None = None  # who changed it, where the device says so
    added: int = 0  # lines; 0 where nothing but values of secrets changed
    removed: int = 0  # lines; likewise
    secrets_changed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JumpKeys:
    """What a run saw of the machine through which its device is reached."""

    address: str  # domain.inventory.Way.address
    host_key: str | None = None  # seen at a good log-in: pinned for the site if none was
    offered_host_key: str | None = None  # refused: kept until an admin decides


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """How a run ended: counts once, whoever says it first."""

    run: int
    outcome: Outcome
    at: datetime
    agent: str | None = None
    attempts: int | None = None  # None: as counted so far
    started_at: datetime | None = None
    reason: FailureKind | None = None
    cause: TimeoutCause | None = None
    facts: str = ""
    base_version: int | None = None
    version: int | None = None
    stored: StoredVersion | None = None  # set when this run made a version
    host_key: str | None = None  # seen at a good log-in: pinned if none was
    offered_host_key: str | None = None  # refused: kept until an admin decides
    jump: JumpKeys | None = None  # None: reached directly


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
class RunQuery:
    """Which runs a person wants to see, newest first. ``sites`` is what that person may see.

    Pages go by the number of the run, so they stay right while new runs arrive.
    """

    sites: frozenset[str]
    hidden: frozenset[str] = frozenset()  # devices that this person may not see although their sites
    devices: frozenset[str] = frozenset()  # only these; empty: all
    device: str | None = None
    site: str | None = None
    job: int | None = None
    trigger: Trigger | None = None
    asked_by: str | None = None  # Slack user id
    outcomes: frozenset[Outcome] = frozenset()  # empty: all
    since: datetime | None = None  # asked for at this time or later
    until: datetime | None = None  # asked for earlier than this
    ascending: bool = False  # the oldest first
    before: int | None = None  # run id: only runs older than this one
    after: int | None = None  # run id: only runs younger than this one
    limit: int = 10
