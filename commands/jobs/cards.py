"""The answer that shows one job, after it was asked for or changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from commands.jobs.form import reading_of
from commands.lookup.jobs import job_value, job_word
from commands.request import Reply
from notifications.pages import jobs
from notifications.pages.jobs import JobLine
from storage.jobs import slots
from storage.jobs.lists import last_activities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.services import Services
    from domain.access.people import Person
    from domain.jobs.job import Job
    from notifications.pages.job_form import Reading

_SLOTS = 5
_AGENTS = 2  # named


async def job_reply(
    services: Services, person: Person, job: Job, *, sentence: str = "", command: str = "job", words: Sequence[str] = ()
) -> Reply:
    """All about ``job``; ``sentence`` says what was just done with it, by ``command``, the job's name and ``words``."""
    access = services.access
    hidden = access.hidden_devices(person)
    covered = [one.name for one in services.inventory.by_site.get(job.site, ()) if one.name not in hidden]
    [line] = await job_lines(services, [job], hidden)
    word = await job_word(services, person, job)
    context = jobs.job(
        line,
        reading=_reading(services, job, is_paused=line.is_paused),
        slots=await slots.slots_of(job.id, limit=_SLOTS),
        command=services.typed(command, *word.split(), *words),
        sentence=sentence,
        covers=len(covered),
    )
    told = access.restricted_among([job.device] if job.device else covered)
    return Reply(template="job", context=context, sites=(job.site,), devices=told)


async def job_lines(services: Services, found: Sequence[Job], hidden: frozenset[str]) -> list[JobLine]:
    """``found`` as lists show them to somebody who may not know of ``hidden`` devices."""
    last = await last_activities(found, hidden=hidden)
    now, sites = services.clock.now(), services.inventory.sites
    return [
        JobLine(
            job=job,
            value=job_value(job),
            site=sites[job.site].name if job.site in sites else job.site,
            agent=_agent(services, job),
            last=last.get(job.id),
            is_paused=job.is_paused(now),
        )
        for job in found
    ]


def _reading(services: Services, job: Job, *, is_paused: bool) -> Reading:
    """Its schedule, and the next times at which it really runs."""
    now = services.clock.now()
    if not job.enabled or (is_paused and job.paused_until is None):
        return replace(reading_of(job.schedule, services, job.site, after=now), times=())
    return reading_of(job.schedule, services, job.site, after=max(now, job.paused_until or now))


def _agent(services: Services, job: Job) -> str:
    """The agents that serve its site, the nearest first."""
    serving = [agent.name for agent in services.inventory.agents_for(job.site)]
    more = f" and {len(serving) - _AGENTS} more" if len(serving) > _AGENTS else ""
    return ", ".join(serving[:_AGENTS]) + more or "none serves this site"
