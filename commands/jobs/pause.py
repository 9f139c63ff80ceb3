"""``pause``: let a job skip its times for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from commands.input.values import until
from commands.jobs.cards import job_reply
from commands.jobs.changes import JobChanges
from commands.lookup.jobs import check_there
from commands.lookup.kinds import JobCommand
from domain.roles import Action
from notifications.pages.job_form import site_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from commands.lookup.kinds import Words
    from commands.request import Reply, Request
    from domain.jobs.job import Job


class Pause(JobCommand):
    """Pause a job, until a moment or until somebody resumes it."""

    name: ClassVar = "pause"
    usage: ClassVar = "pause JOB [until DAY|TIME]"
    summary: ClassVar = "Pause a job until a time, or until you resume it"
    action: ClassVar = Action.EDIT
    examples: ClassVar = ("pause nightly", "pause nightly until friday", "pause nightly for 3d")
    question: ClassVar = "Which job should pause?"

    async def _answer(self, request: Request, subject: tuple[Job, Words]) -> Reply:
        """Pause the job that is named."""
        job, rest = subject
        end = self._end(job, rest)
        done = await JobChanges(self._services, request.person.id, request.id).pause(job, end)
        paused = check_there(done, job)
        zone = self._zone(job)
        when = f"until {site_time(end, zone)}" if end else "until somebody resumes it"
        sentence = f"The job is paused {when}. Skipped starts are recorded."
        return await job_reply(self._services, request.person, paused, sentence=sentence, command=self.name, words=rest)

    def _zone(self, job: Job) -> ZoneInfo:
        site = self._services.inventory.sites.get(job.site)  # None: no longer declared; owners still see its jobs
        return site.timezone if site else ZoneInfo("UTC")

    def _end(self, job: Job, words: Sequence[str]) -> datetime | None:
        if not words:
            return None
        rest = words[1:] if words[0].casefold() in {"until", "for"} else words
        end = until(rest, now=self._services.clock.now(), zone=self._zone(job))
        if end is None:
            raise self._misused("Give a time in the future: `2h`, `friday`, `18:00`, `tomorrow 06:00` or `2026-05-08`")
        return end
