"""The steps of a run as they are written down: asked for, begun, version stored, ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from domain.failures import FailureKind
    from domain.messages.places import Place
    from domain.runs.causes import TimeoutCause
    from domain.runs.evidence import Evidence
    from domain.runs.outcomes import Outcome
    from domain.runs.run import Trigger


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

    address: str  # domain.inventory.declared.Way.address
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
    evidence: Evidence | None = None
    base_version: int | None = None
    version: int | None = None
    stored: StoredVersion | None = None  # set when this run made a version
    host_key: str | None = None  # seen at a good log-in: pinned if none was
    offered_host_key: str | None = None  # refused: kept until an admin decides
    jump: JumpKeys | None = None  # None: reached directly
