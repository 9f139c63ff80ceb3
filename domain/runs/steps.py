"""The steps of a run as they are written down once it is asked for: begun, version stored, ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from domain.failures import FailureKind
    from domain.runs.causes import TimeoutCause
    from domain.runs.evidence import Evidence
    from domain.runs.outcomes import Outcome


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
