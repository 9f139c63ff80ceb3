"""The audit: who changed what, when, with what it was before and after; and who tried what they may not do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MAX_FACT_LENGTH = 300  # characters of one text of an entry: enough to know it again, too little for a configuration
MAX_FACTS = 20  # facts before, and after
REASON_KEY = "Why"  # the fact that tells why a try was denied
COUNT_KEY = "Tries"  # the fact that counts the tries of one minute that have no entries of their own


class AuditAction(StrEnum):
    """What was done; the value is what the database stores."""

    JOB_ADDED = "job_added"
    JOB_CHANGED = "job_changed"
    JOB_PAUSED = "job_paused"
    JOB_RESUMED = "job_resumed"
    JOB_DELETED = "job_deleted"
    RUN_CANCELLED = "run_cancelled"
    SMALLER_ACCEPTED = "smaller_accepted"  # a run was told to store a configuration however small it is
    KEY_ACCEPTED = "key_accepted"
    ACCESS_CHANGED = "access_changed"
    ROUTES_CHANGED = "routes_changed"
    REVIEWED = "reviewed"
    TRIED = "tried"  # a try that was denied; the target is what was asked for

    @property
    def words(self) -> str:
        """What a person reads after the actor's name."""
        return _WORDS[self]


_WORDS = {
    AuditAction.JOB_ADDED: "added a job",
    AuditAction.JOB_CHANGED: "changed a job",
    AuditAction.JOB_PAUSED: "paused a job",
    AuditAction.JOB_RESUMED: "resumed a job",
    AuditAction.JOB_DELETED: "deleted a job",
    AuditAction.RUN_CANCELLED: "cancelled a run",
    AuditAction.SMALLER_ACCEPTED: "accepted a smaller configuration",
    AuditAction.KEY_ACCEPTED: "accepted a host key",
    AuditAction.ACCESS_CHANGED: "changed access",
    AuditAction.ROUTES_CHANGED: "changed a route",
    AuditAction.REVIEWED: "reviewed a change",
    AuditAction.TRIED: "was denied",
}


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change, or one try that was denied. Never holds a secret, nor text that a device sent."""

    at: datetime
    actor: str  # Slack user id
    what: AuditAction
    site: str | None = None  # None: of no site, so only owners read it
    device: str | None = None  # whoever may not see it does not read the entry either
    target: str = ""  # what it was done to, as people know it: the name of a job, "run 123"
    before: Mapping[str, str] = field(default_factory=_nothing)  # facts by their labels
    after: Mapping[str, str] = field(default_factory=_nothing)
    denied: bool = False
    correlation: str = ""  # of the request: also in every line of the log
    id: int = 0  # set when it has been written down; later ones have higher numbers

    def limited(self) -> AuditEntry:
        """The same, with each text cut to what an entry may hold."""
        return replace(self, target=_cut(self.target), before=_limited(self.before), after=_limited(self.after))

    def changes(self) -> tuple[tuple[str, str, str], ...]:
        """What differs: label, before, after. What is only on one side is empty on the other."""
        labels = dict.fromkeys((*self.before, *self.after))
        sides = ((label, self.before.get(label, ""), self.after.get(label, "")) for label in labels)
        return tuple(side for side in sides if side[1] != side[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """Which entries a person wants to see, the newest first. Pages go by the entry's number.

    ``sites`` is what that person administers; None: everything, also what belongs to no site.
    """

    sites: frozenset[str] | None
    hidden: frozenset[str] = frozenset()  # devices that this person may not see
    site: str | None = None
    device: str | None = None
    actor: str | None = None
    denied: bool | None = None  # None: both
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None  # only entries older than this one
    limit: int = 10


def _limited(facts: Mapping[str, str]) -> Mapping[str, str]:
    kept = list(facts.items())[:MAX_FACTS]
    return MappingProxyType({_cut(label): _cut(value) for label, value in kept})


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_FACT_LENGTH else line[: MAX_FACT_LENGTH - 1] + "…"
