"""A job: what is backed up when, by which limits; and what becomes of a moment at which one is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.jobs.slots import SlotFate

if TYPE_CHECKING:
    from datetime import datetime

    from domain.jobs.schedules import Schedule
    from domain.runs.outcomes import Outcome

MAX_SLOT_DELAY = timedelta(minutes=2)  # a slot that is taken up later than this was missed


class JobKind(StrEnum):
    """What a job covers; the value is what the database stores."""

    DEVICE = "device"
    SITE = "site"  # every device that is declared there when it comes due


class MissedPolicy(StrEnum):
    """What is done about slots that came due while Lastgood was stopped; the value is what the database stores."""

    MAKE_UP = "make_up"  # one run as soon as possible, however many were missed
    NOTE = "note"  # an entry, and no run before the next slot


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFields:
    """What people choose of a job."""

    name: str  # unique among the living jobs of its site, upper and lower case alike
    kind: JobKind
    site: str
    device: str | None  # None: the whole site
    schedule: Schedule
    waiting_limit: timedelta | None = None  # None: as declared for each device
    running_limit: timedelta | None = None
    retries: int | None = None
    missed: MissedPolicy = MissedPolicy.MAKE_UP
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(JobFields):
    """A job as it stands."""

    id: int
    revision: int  # counts its changes by people
    created_by: str  # Slack user id
    created_at: datetime
    changed_by: str
    changed_at: datetime
    next_run_at: datetime | None = None  # None: on demand, switched off or deleted
    paused_by: str | None = None  # Slack user id
    paused_at: datetime | None = None
    paused_until: datetime | None = None  # None: until somebody resumes it
    deleted: bool = False
    last_at: datetime | None = None  # when it last began anything, by its schedule or by hand
    last_run: int | None = None  # of a device job
    last_batch: int | None = None  # of a site job

    def is_paused(self, now: datetime) -> bool:
        """Whether a slot at ``now`` is skipped because somebody paused the job."""
        return self.paused_by is not None and (self.paused_until is None or now < self.paused_until)


class JobSort(StrEnum):
    """The orders of the list of jobs."""

    NAME = "name"
    NEXT = "next"  # the soonest first; jobs that never come due by themselves last
    LAST = "last"  # the latest activity first; jobs without any last


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQuery:
    """Which jobs a person wants to see. ``sites`` is what that person may see; deleted jobs are left out."""

    sites: frozenset[str]
    hidden: frozenset[str] = frozenset()  # devices that this person may not see although their sites
    text: str = ""  # found in the name, the device or the site, upper and lower case alike
    device: str | None = None
    paused: bool | None = None  # None: paused or not
    sort: JobSort = JobSort.NAME
    after: tuple[str, int] | None = None  # where the page before ended, as it said
    limit: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsPage:
    """A page of jobs."""

    jobs: tuple[Job, ...]
    total: int  # of all pages
    next_after: tuple[str, int] | None  # mark for the next page; None: this is the last one


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What became of the last thing that a job began."""

    at: datetime
    outcome: Outcome  # of a site job the worst of its runs
    run: int | None = None
    batch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Somebody else changed the job since it was opened."""

    job: Job  # as it now stands
    by: str  # Slack id of who changed it last
    changed: tuple[str, ...]  # names of the fields of JobFields that were changed meanwhile


def decide_slot(job: Job, *, due_at: datetime, now: datetime, still_running: bool) -> SlotFate:
    """What becomes of the slot at ``due_at``, taken up at ``now``.

    Of several slots that nobody took up only the last one is asked about: older ones are missed in any case.
    A slot that nobody could take up in time is made up for where the job says so, unless it was to be skipped.
    """
    if job.is_paused(due_at):
        return SlotFate.SKIPPED_PAUSED
    is_late = now - due_at > MAX_SLOT_DELAY
    if is_late and job.missed is MissedPolicy.NOTE:
        return SlotFate.MISSED
    if still_running:
        return SlotFate.SKIPPED_RUNNING
    return SlotFate.MADE_UP if is_late else SlotFate.RAN
