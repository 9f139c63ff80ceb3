"""``pause``: let a job skip its times for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from commands.input.values import until
from commands.jobs.cards import job_reply
from commands.jobs.changes import JobChanges
from commands.lookup.jobs import check_there, job_and_rest, job_options
from commands.lookup.picking import ask
from domain.errors import UsageError
from domain.roles import Action
from notifications.pages.job_form import site_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from commands.request import Option, Reply, Request
    from commands.services import Services
    from domain.access.people import Person
    from domain.jobs.job import Job


class Pause:
    """Pause a job, until a moment or until somebody resumes it."""

    name: ClassVar = "pause"
    usage: ClassVar = "pause JOB [until DAY|TIME]"
    summary: ClassVar = "Pause a job until a time, or until you resume it"
    action: ClassVar[Action | None] = Action.EDIT
    examples: ClassVar[tuple[str, ...]] = ("pause nightly", "pause nightly until friday", "pause nightly for 3d")
    question: ClassVar = "Which job should pause?"
    picks: ClassVar = Action.EDIT

    def __init__(self, services: Services) -> None:
        self._services = services

    async def handle(self, request: Request) -> Reply:
        """Pause the job that is named."""
        if not request.words:
            return ask(self, self._services, request.person)
        job, rest = await job_and_rest(self._services, request.person, request.words)
        self._services.access.require(request.person, Action.EDIT, job.site, job.device)
        end = self._end(job, rest)
        done = await JobChanges(self._services, request.person.id, request.id).pause(job, end)
        paused = check_there(done, job)
        zone = self._zone(job)
        when = f"until {site_time(end, zone)}, site time" if end else "until somebody resumes it"
        sentence = f"The job is paused {when}. Skipped slots are recorded."
        return await job_reply(self._services, request.person, paused, sentence=sentence, command=self.name, words=rest)

    async def options(self, person: Person, typed: str) -> list[Option]:
        """The jobs that this person may pause."""
        return await job_options(self._services, person, Action.EDIT, typed)

    def _zone(self, job: Job) -> ZoneInfo:
        site = self._services.inventory.sites.get(job.site)  # None: no longer declared; owners still see its jobs
        return site.timezone if site else ZoneInfo("UTC")

    def _end(self, job: Job, words: Sequence[str]) -> datetime | None:
        if not words:
            return None
        rest = words[1:] if words[0].casefold() in {"until", "for"} else words
        end = until(rest, now=self._services.clock.now(), zone=self._zone(job))
        if end is None:
            usage = f"{self._services.slash} {self.usage}"
            raise UsageError(
                "Give a time in the future: `2h`, `friday`, `18:00`, `tomorrow 06:00` or `2026-05-08`", usage=usage
            )
        return end
