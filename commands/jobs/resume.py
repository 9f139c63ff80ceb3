"""``resume``: let a paused job run again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.input.quoting import shown
from commands.jobs.cards import job_reply
from commands.jobs.changes import JobChanges
from commands.lookup.jobs import check_there
from commands.lookup.kinds import JobCommand
from domain.errors import NotNow
from domain.roles import Action

if TYPE_CHECKING:
    from commands.lookup.kinds import Words
    from commands.request import Reply, Request
    from domain.jobs.job import Job


class Resume(JobCommand):
    """Resume a paused job, from its next time on."""

    name: ClassVar = "resume"
    usage: ClassVar = "resume JOB"
    summary: ClassVar = "Resume a paused job"
    action: ClassVar = Action.EDIT
    examples: ClassVar = ("resume nightly",)
    question: ClassVar = "Which job should resume?"

    async def _answer(self, request: Request, subject: tuple[Job, Words]) -> Reply:
        """Resume the job that is named."""
        job, rest = subject
        if rest:
            raise self._misused("Name one job")
        if not job.is_paused(self._services.clock.now()):
            raise NotNow(f"job {job.id} is not paused", advice=f"The job `{shown(job.name)}` is not paused.")
        resumed = check_there(await JobChanges(self._services, request.person.id, request.id).resume(job), job)
        return await job_reply(
            self._services, request.person, resumed, sentence="The job is resumed.", command=self.name
        )
