"""``resume``: let a paused job run again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.input.quoting import shown
from commands.jobs.cards import job_reply
from commands.jobs.changes import JobChanges
from commands.lookup.jobs import check_there, job_and_rest, job_options
from commands.lookup.picking import ask
from domain.errors import NotNow, UsageError
from domain.roles import Action

if TYPE_CHECKING:
    from commands.request import Option, Reply, Request
    from commands.services import Services
    from domain.access.people import Person


class Resume:
    """Resume a paused job, from its next time on."""

    name: ClassVar = "resume"
    usage: ClassVar = "resume JOB"
    summary: ClassVar = "Resume a paused job"
    action: ClassVar[Action | None] = Action.EDIT
    examples: ClassVar[tuple[str, ...]] = ("resume nightly",)
    question: ClassVar = "Which job should resume?"
    picks: ClassVar = Action.EDIT

    def __init__(self, services: Services) -> None:
        self._services = services

    async def handle(self, request: Request) -> Reply:
        """Resume the job that is named."""
        if not request.words:
            return ask(self, self._services, request.person)
        job, rest = await job_and_rest(self._services, request.person, request.words)
        self._services.access.require(request.person, Action.EDIT, job.site, job.device)
        if rest:
            raise UsageError("Name one job", usage=f"{self._services.slash} {self.usage}")
        if not job.is_paused(self._services.clock.now()):
            raise NotNow(f"job {job.id} is not paused", advice=f"The job `{shown(job.name)}` is not paused.")
        resumed = check_there(await JobChanges(self._services, request.person.id, request.id).resume(job), job)
        return await job_reply(
            self._services, request.person, resumed, sentence="The job is resumed.", command=self.name
        )

    async def options(self, person: Person, typed: str) -> list[Option]:
        """The jobs that this person may resume."""
        return await job_options(self._services, person, Action.EDIT, typed)
