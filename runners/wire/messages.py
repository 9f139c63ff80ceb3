"""What ``serve`` and an agent say to each other: the same words over every transport.

Secrets never travel: a job names its credentials, and the agent resolves them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from domain.failures import FailureKind
from domain.runs.evidence import Evidence


class WireMessage(BaseModel):
    """Base of every message: read-only, unknown keys refused, bytes as base64 in JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")


class Limits(WireMessage):
    """What one capture may take."""

    connect: timedelta = timedelta(seconds=15)
    login: timedelta = timedelta(seconds=30)
    silence: timedelta = timedelta(seconds=30)  # within a command
    running: timedelta = timedelta(minutes=5)  # the whole run, all attempts and pauses
    size: int = 32 * 1024 * 1024  # bytes that a device may send in one run


class LoginTarget(WireMessage):
    """One way in: where to connect, as whom, and which host key is expected."""

    host: str
    port: int = 22
    credentials: tuple[str, ...]  # names, to be tried in this order; the agent knows the rest
    host_key: str | None = None  # "ssh-ed25519 AAAA..."; None: pin the first one seen
    algorithms: tuple[str, ...] = ()  # old ones allowed for this device alone, by their SSH names


class Capture(WireMessage):
    """Serve to agent: capture this device."""

    type: Literal["capture"] = "capture"
    run: int
    attempt: int = 1  # the first one this agent makes; above 1 when an earlier agent was lost
    device: str
    site: str
    platform: str
    target: LoginTarget
    jump: LoginTarget | None = None
    commands: tuple[str, ...] = ()  # platform "linux": files and commands instead of the platform's own
    retries: int = 2  # further attempts after transient failures
    previous_size: int | None = None  # bytes of the last version; None: there is none
    limits: Limits = Limits()


class Cancel(WireMessage):
    """Serve to agent: close this run's session and report it as cancelled."""

    type: Literal["cancel"] = "cancel"
    run: int


class Hello(WireMessage):
    """Agent to serve, first of all and after every reconnect: who it is and what it is at."""

    type: Literal["hello"] = "hello"
    agent: str
    concurrency: int
    running: tuple[int, ...] = ()


class Heartbeat(WireMessage):
    """Agent to serve, every few seconds: still there."""

    type: Literal["heartbeat"] = "heartbeat"
    agent: str
    running: tuple[int, ...] = ()


class Started(WireMessage):
    """Agent to serve: this attempt has begun; the running clock starts with the first one."""

    type: Literal["started"] = "started"
    run: int
    agent: str
    attempt: int
    at: datetime


class Captured(WireMessage):
    """Agent to serve: a complete configuration, byte for byte as the device printed it."""

    type: Literal["captured"] = "captured"
    run: int
    agent: str
    attempts: int
    started_at: datetime
    finished_at: datetime
    text: bytes
    own_words: tuple[tuple[int, int], ...] = ()  # where in ``text`` words stand that the agent logged in with
    host_key: str  # the key the device showed
    jump_host_key: str | None = None  # the key the jump host showed, where there is one


class Failed(WireMessage):
    """Agent to serve: no configuration, and why. ``facts`` and ``evidence`` hold no secret."""

    type: Literal["failed"] = "failed"
    run: int
    agent: str
    attempts: int
    started_at: datetime
    finished_at: datetime
    kind: FailureKind
    facts: str = ""
    offered_host_key: str | None = None  # with HOST_KEY_CHANGED: the key that was shown
    offered_by_jump: bool = False  # by the jump host, not by the device
    evidence: Evidence | None = None  # None: no session was tried


ToAgent = Annotated[Capture | Cancel, Field(discriminator="type")]
FromAgent = Annotated[Hello | Heartbeat | Started | Captured | Failed, Field(discriminator="type")]

TO_AGENT: TypeAdapter[ToAgent] = TypeAdapter(ToAgent)
FROM_AGENT: TypeAdapter[FromAgent] = TypeAdapter(FromAgent)
