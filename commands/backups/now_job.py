"""``now JOB``: what a job covers, by its own limits, before its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.backups.now_answer import APART, Begun, begun_reply, place_of
from commands.input.quoting import shown
from commands.lookup.jobs import check_there, job_word
from domain.errors import NotNow
from domain.runs.run import Run
from notifications.rendering.units import plural

if TYPE_CHECKING:
    from commands.request import Reply, Request
    from commands.services import Services
    from domain.jobs.job import Job


async def back_up_job(services: Services, request: Request, job: Job, *, name: str) -> Reply:
    """Start what ``job`` covers, for whoever may; ``name`` is the command's."""
    check_there(None if job.deleted else job, job)
    site = services.inventory.sites.get(job.site)
    if site is None:
        raise NotNow(f"{job.site} is not declared", advice=f"`{shown(job.site)}` is no longer in app.yaml.")
    access = services.access
    place = place_of(site, request, is_restricted=bool(access.restricted_among([job.device or ""])))
    hidden = access.hidden_devices(request.person)
    started = await services.dispatcher.start_job(job, asked_by=request.person.id, place=place, hidden=hidden)
    word = await job_word(services, request.person, job)
    runs = [started] if isinstance(started, Run) else started[1]
    devices = access.restricted_among(run.device for run in runs)
    sentence = _sentence(job, f"Run {started.id}" if isinstance(started, Run) else "", len(runs))
    if devices and not isinstance(started, Run) and not place.is_private:
        sentence += APART
    begun = Begun(
        site=job.site,
        command=services.typed(name, *word.split()),
        sentence=sentence,
        place=place,
        devices=devices,
    )
    return begun_reply(begun, request)


def _sentence(job: Job, single: str, count: int) -> str:
    verb = "is" if count == 1 else "are"
    return f"{single or plural(count, 'run')} of the job `{shown(job.name)}` {verb} queued."
