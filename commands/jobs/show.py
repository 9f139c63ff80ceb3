"""``job``: all about one job."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.jobs.cards import job_reply
from commands.lookup.jobs import job_and_rest, job_options
from commands.lookup.picking import ask
from domain.errors import UsageError
from domain.roles import Action

if TYPE_CHECKING:
    from commands.request import Option, Reply, Request
    from commands.services import Services
    from domain.access.people import Person


class ShowJob:
    """What a job does, when it runs next, what became of its last times, and what can be done with it."""

    name: ClassVar = "job"
    usage: ClassVar = "job NAME"
    summary: ClassVar = "One job: schedule, next slots and past slots"
    action: ClassVar[Action | None] = Action.SEE
    examples: ClassVar[tuple[str, ...]] = ("job nightly", "job plant-a/nightly")
    question: ClassVar = "Which job?"
    picks: ClassVar = Action.SEE

    def __init__(self, services: Services) -> None:
        self._services = services

    async def handle(self, request: Request) -> Reply:
        """Show the job that is named."""
        if not request.words:
            return ask(self, self._services, request.person)
        job, rest = await job_and_rest(self._services, request.person, request.words)
        if rest:
            raise UsageError("Name one job", usage=f"{self._services.slash} {self.usage}")
        self._services.access.require(request.person, Action.SEE, job.site, job.device)
        return await job_reply(self._services, request.person, job)

    async def options(self, person: Person, typed: str) -> list[Option]:
        """The jobs that this person may see."""
        return await job_options(self._services, person, Action.SEE, typed)
