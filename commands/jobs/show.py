"""``job``: all about one job."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.jobs.cards import job_reply
from commands.lookup.kinds import JobCommand
from domain.roles import Action

if TYPE_CHECKING:
    from commands.lookup.kinds import Words
    from commands.request import Reply, Request
    from domain.jobs.job import Job


class ShowJob(JobCommand):
    """What a job does, when it runs next, what became of its last times, and what can be done with it."""

    name: ClassVar = "job"
    usage: ClassVar = "job NAME"
    summary: ClassVar = "One job: schedule, next and past starts"
    action: ClassVar = Action.SEE
    examples: ClassVar = ("job nightly", "job plant-a/nightly")
    question: ClassVar = "Which job?"

    async def _answer(self, request: Request, subject: tuple[Job, Words]) -> Reply:
        """Show the job that is named."""
        job, rest = subject
        if rest:
            raise self._misused("Name one job")
        return await job_reply(self._services, request.person, job)
