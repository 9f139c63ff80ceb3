"""``delete``: take a job out of the list; what it brought home stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from commands.input.quoting import shown
from commands.jobs.changes import JobChanges
from commands.lookup.jobs import check_there, job_and_rest, job_options, job_value, job_word
from commands.lookup.picking import ask
from commands.request import Reply
from domain.errors import UsageError
from domain.roles import Action
from notifications.pages import answers
from notifications.pages.jobs import delete_button
from notifications.rendering.buttons import Button

if TYPE_CHECKING:
    from commands.request import Option, Request
    from commands.services import Services
    from domain.access.people import Person
    from domain.jobs.job import Job

_SURE = "yes"


class Delete:
    """Delete a job. Its runs, and every stored version, stay."""

    name: ClassVar = "delete"
    usage: ClassVar = "delete JOB"
    summary: ClassVar = "Delete a job; its runs and all versions stay"
    action: ClassVar[Action | None] = Action.EDIT
    examples: ClassVar[tuple[str, ...]] = ("delete nightly",)
    question: ClassVar = "Which job should be deleted?"
    picks: ClassVar = Action.EDIT

    def __init__(self, services: Services) -> None:
        self._services = services

    async def handle(self, request: Request) -> Reply:
        """Ask first; the button says yes."""
        if not request.words:
            return ask(self, self._services, request.person)
        job, rest = await job_and_rest(self._services, request.person, request.words)
        self._services.access.require(request.person, Action.EDIT, job.site, job.device)
        if not rest:
            return await self._question(request.person, job)
        if rest != (_SURE,):
            raise UsageError("Name one job", usage=f"{self._services.slash} {self.usage}")
        check_there(await JobChanges(self._services, request.person.id, request.id).delete(job), job)
        sentence = f"The job `{shown(job.name)}` is deleted. Its runs and all stored versions are kept."
        runs = Button(
            text="History", action="do:history", value=job_value(job), label=f"Show the runs of the job {job.name}"
        )
        context = answers.notice(sentence, command=self._services.typed(self.name, *job.name.split()), buttons=(runs,))
        return Reply(
            template="notice",
            context=context,
            sites=(job.site,),
            devices=self._services.access.restricted_among([job.device or ""]),
        )

    async def options(self, person: Person, typed: str) -> list[Option]:
        """The jobs that this person may delete."""
        return await job_options(self._services, person, Action.EDIT, typed)

    async def _question(self, person: Person, job: Job) -> Reply:
        word = await job_word(self._services, person, job)
        check_there(None if job.deleted else job, job)
        context = answers.notice(
            f"Delete the job `{shown(job.name)}`? It never runs again. Its runs and all stored versions are kept.",
            command=self._services.typed(self.name, *word.split()),
            buttons=(replace(delete_button(job.name, job_value(job)), confirm=None),),  # this is the question already
        )
        return Reply(
            template="notice",
            context=context,
            sites=(job.site,),
            devices=self._services.access.restricted_among([job.device or ""]),
        )
