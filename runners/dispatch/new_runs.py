"""A run that is being asked for, by what is declared of its device and what its job says instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.runs.run import NewRun

if TYPE_CHECKING:
    from datetime import datetime

    from domain.inventory.declared import Device
    from domain.jobs.job import Job
    from domain.messages.places import Place
    from domain.runs.run import Trigger


def new_run(
    device: Device,
    *,
    trigger: Trigger,
    at: datetime,
    asked_by: str | None = None,
    place: Place | None = None,
    job: Job | None = None,
    accept_smaller: bool = False,
) -> NewRun:
    """A run of ``device`` that is asked for ``at``; a job's own limits go before the device's."""
    return NewRun(
        device=device.name,
        site=device.site,
        trigger=trigger,
        created_at=at,
        waiting_limit=(job and job.waiting_limit) or device.waiting_limit,
        running_limit=(job and job.running_limit) or device.running_limit,
        asked_by=asked_by,
        place=place,
        job=job.id if job else None,
        retries=job.retries if job else None,
        accept_smaller=accept_smaller,
    )
