"""What becomes of jobs that are due: decided in memory, between claiming them and writing it down."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from domain.events.alerts import QueueOverrun
from domain.failures import FailureKind
from domain.jobs.job import JobKind, decide_slot
from domain.jobs.schedules import next_time
from domain.jobs.slots import NewSlot, Plan, RunGroup, SlotFate
from domain.runs.run import Trigger
from runners.dispatch.new_runs import new_run
from runners.state.run_ends import ended

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from domain.clock import Clock
    from domain.inventory.declared import Device, Inventory
    from domain.jobs.job import Job
    from domain.runs.run import NewRun, Run
    from domain.runs.steps import RunEnd
    from runners.state.run_queue import RunQueue
    from runners.state.timeout_causes import Causes

log = logging.getLogger(__name__)

START_INTERVAL = timedelta(milliseconds=100)  # at one site: agents log in one after the other, not all in one second
MAX_START_SPREAD = timedelta(minutes=10)  # over which the starts of a site run are spread
UNPLANNED_JOB_PAUSE = timedelta(hours=1)  # until a job is looked at again that could not be planned
_NOT_PLANNED = "Lastgood could not plan it. The log has the details."
CLOCK_TOLERANCE = timedelta(seconds=5)  # two clocks that nobody has set may differ by so much
MAX_MISSED_SLOTS_COUNTED = 500  # slots missed; more are not counted


@dataclass(frozen=True, slots=True)
class _Due:
    """The last of the slots of a job that have come due."""

    at: datetime
    earlier: int  # slots before it that nobody took up
    next: datetime | None


@dataclass(slots=True)
class _Draft:
    """A plan that is being made."""

    now: datetime
    slots: list[NewSlot] = field(default_factory=list)
    groups: list[RunGroup] = field(default_factory=list)
    alone: dict[str, list[NewRun]] = field(default_factory=lambda: defaultdict(list))  # device jobs, by site
    late: list[tuple[Run, Job]] = field(default_factory=list)  # runs that waited until their job came due again
    taken: set[str] = field(default_factory=set)  # devices that get a run


class Planner:
    """Decides about jobs that are due, and remembers whose queues outlived their next slot."""

    def __init__(self, *, inventory: Inventory, queue: RunQueue, clock: Clock, causes: Causes) -> None:
        self._inventory = inventory
        self._queue = queue
        self._clock = clock
        self._causes = causes
        self._free_from: dict[str, datetime] = {}  # by site: when the next run may start
        self._withdrawn: list[Run] = []
        self._overruns: dict[str, QueueOverrun] = {}
        self._fresh: set[str] = set()  # sites whose overrun has grown and was not told yet

    def plan(self, due: Sequence[Job]) -> Plan:
        """What becomes of the slots of ``due``."""
        draft = _Draft(self._clock.now())
        for job in due:
            self._decide_safely(job, draft)
        for site, runs in draft.alone.items():
            draft.groups.append(RunGroup(site=site, runs=tuple(runs)))
        return Plan(tuple(draft.slots), tuple(draft.groups), tuple(self._ends(draft)))

    def undo(self) -> None:
        """The plan could not be written down: runs that were to be ended wait on."""
        self._queue.add(run for run in self._withdrawn if self._queue.find(run.id))
        self._withdrawn = []

    def clock_set(self, step: timedelta) -> None:
        """Somebody has set the clock: the starts of each site go on from where they were."""
        self._free_from = {site: free + step for site, free in self._free_from.items()}

    def overruns(self) -> list[QueueOverrun]:
        """Sites whose queue has outlived a slot since this was last asked, with all of the day."""
        found = [self._overruns[site] for site in sorted(self._fresh)]
        self._fresh.clear()
        return found

    def _decide_safely(self, job: Job, draft: _Draft) -> None:
        """One job that cannot be decided about must not stop the others: its slot says so, and it is tried again."""
        decided = len(draft.slots)
        try:
            self._decide(job, draft)
        except Exception:  # an edge: whatever it is, every other job has its slot
            log.exception("a due job could not be planned", extra={"job": job.id, "site": job.site})
            del draft.slots[decided:]
            at, again = job.next_run_at or draft.now, draft.now + UNPLANNED_JOB_PAUSE
            draft.slots.append(
                NewSlot(job=job.id, due_at=at, fate=SlotFate.MISSED, next_run_at=again, note=_NOT_PLANNED)
            )

    def _decide(self, job: Job, draft: _Draft) -> None:
        site = self._inventory.sites.get(job.site)
        due = _last_due(job, site.timezone if site else UTC, draft.now)
        devices = self._devices(job)
        free = [device for device in devices or () if self._is_free(device, job, due.at, draft)]
        fate = SlotFate.SKIPPED_UNKNOWN
        if devices is not None:
            still_running = bool(devices) and not free
            fate = decide_slot(job, due_at=due.at, now=draft.now, still_running=still_running)
        draft.slots.append(
            NewSlot(
                job=job.id,
                due_at=due.at,
                fate=fate,
                next_run_at=due.next,
                by=job.paused_by if fate is SlotFate.SKIPPED_PAUSED else None,
                note=_note(due, fate, free=free, devices=devices),
                ends_pause=job.paused_by is not None and not job.is_paused(due.at),
            )
        )
        if fate.has_run and free:
            self._begin(job, free, due.at, draft)

    def _begin(self, job: Job, devices: Sequence[Device], slot: datetime, draft: _Draft) -> None:
        for device in devices:
            waiting = self._queue.of_device(device.name)
            if waiting:
                draft.late.append((waiting, job))
            draft.taken.add(device.name)
        runs = [
            replace(
                new_run(device, trigger=Trigger.SCHEDULE, at=draft.now, job=job),
                slot=slot,
                not_before=self._start_time(job.site, draft.now),
            )
            for device in devices
        ]
        if job.kind is JobKind.SITE:
            group = RunGroup(site=job.site, runs=tuple(runs), site_job=job.id)
            draft.groups.append(group)
        else:
            draft.alone[job.site] += runs

    def _devices(self, job: Job) -> Sequence[Device] | None:
        """What the job covers as declared now at its site; None: it is no longer declared there."""
        if job.kind is JobKind.SITE:
            return self._inventory.by_site.get(job.site)
        device = self._inventory.device_at(job.device or "", job.site)
        return (device,) if device else None

    def _is_free(self, device: Device, job: Job, slot: datetime, draft: _Draft) -> bool:
        """Whether a run of it may be begun: none is under way, or only an unstarted one that waited until this slot.

        One that did not, since the slot was jumped to by a clock that was set, keeps its place.
        """
        if device.name in draft.taken:
            return False
        run = self._queue.of_device(device.name)
        if run is None:
            return True
        has_waited = self._queue.clocks.now_of(run) >= slot - CLOCK_TOLERANCE
        return has_waited and run.job == job.id and run.slot is not None and self._queue.is_waiting(run.id)

    def _start_time(self, site: str, now: datetime) -> datetime | None:
        """When the next run of the site may start; None: at once."""
        start = min(max(now, self._free_from.get(site, now)), now + MAX_START_SPREAD)
        self._free_from[site] = start + START_INTERVAL
        return start if start > now else None

    def _ends(self, draft: _Draft) -> list[RunEnd]:
        """The ends of runs that waited until their job came due again; from here on nobody can start them."""
        late = [run for run, _ in draft.late]
        if not late:
            return []
        causes = self._causes.never_started(late, draft.now)
        self._withdrawn = late
        self._queue.waiting.withdraw(late)
        self._remember(draft)
        return [
            replace(
                ended(
                    run,
                    FailureKind.NEVER_STARTED,
                    draft.now,
                    facts=f"It was still waiting when its job was due again. {causes[run.id].sentence}",
                ),
                cause=causes[run.id].cause,
            )
            for run in late
        ]

    def _remember(self, draft: _Draft) -> None:
        for run, job in draft.late:
            site = self._inventory.sites[run.site]
            day = draft.now.astimezone(site.timezone).date()
            known = self._overruns.get(site.key)
            if known is None or known.day != day:
                known = QueueOverrun(site=site.key, day=day, jobs=(), devices=())
            self._overruns[site.key] = replace(
                known,
                jobs=known.jobs if job.name in known.jobs or self._is_restricted(job) else (*known.jobs, job.name),
                devices=known.devices if run.device in known.devices else (*known.devices, run.device),
            )
            self._fresh.add(site.key)

    def _is_restricted(self, job: Job) -> bool:
        """Whether its name may tell of a device that not everybody may know of."""
        device = self._inventory.devices.get(job.device or "")
        return device is not None and device.only is not None


def _last_due(job: Job, zone: tzinfo, now: datetime) -> _Due:
    """The last slot until now. ``next_run_at`` is set: it is why the job is due."""
    at = job.next_run_at or now
    for earlier in range(MAX_MISSED_SLOTS_COUNTED):
        following = next_time(job.schedule, zone, at)
        if following is None or following > now:
            return _Due(at, earlier, following)
        at = following
    return _Due(at, MAX_MISSED_SLOTS_COUNTED, next_time(job.schedule, zone, now))


def _note(due: _Due, fate: SlotFate, *, free: Sequence[Device], devices: Sequence[Device] | None) -> str:
    """What is worth remembering of it. Restricted devices are not counted: everybody at the site can read this."""
    known = [device for device in devices or () if device.only is None]
    left_out = len(known) - sum(device.only is None for device in free)
    parts = []
    if due.earlier:
        many = f"more than {MAX_MISSED_SLOTS_COUNTED}" if due.earlier >= MAX_MISSED_SLOTS_COUNTED else str(due.earlier)
        parts.append(f"{many} earlier {'start was' if due.earlier == 1 else 'starts were'} missed too.")
    if devices is not None and not devices:
        parts.append("The site has no devices.")
    if fate.has_run and left_out:
        parts.append(f"{left_out} of {len(known)} devices were left out: their runs had not finished.")
    return " ".join(parts)
