"""``delete``: take a job out of the list; what it brought home stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from commands.input.quoting import shown
from commands.jobs.changes import JobChanges
from commands.lookup.jobs import check_there, job_value, job_word
from commands.lookup.kinds import JobCommand
from domain.roles import Action
from notifications.pages.jobs import delete_button
from notifications.rendering.buttons import Button

if TYPE_CHECKING:
    from commands.lookup.kinds import Words
    from commands.request import Reply, Request
    from domain.access.people import Person
    from domain.jobs.job import Job

_SURE = "yes"


class Delete(JobCommand):
    """Delete a job. Its runs, and every stored version, stay."""

    name: ClassVar = "delete"
    usage: ClassVar = "delete JOB"
    summary: ClassVar = "Delete a job; its runs and all versions stay"
    action: ClassVar = Action.EDIT
    examples: ClassVar = ("delete nightly",)
    question: ClassVar = "Which job should be deleted?"

    async def _answer(self, request: Request, subject: tuple[Job, Words]) -> Reply:
        """Ask first; the button says yes."""
        job, rest = subject
        if not rest:
            return await self._question(request.person, job)
        if rest != (_SURE,):
            raise self._misused("Name one job")
        check_there(await JobChanges(self._services, request.person.id, request.id).delete(job), job)
        sentence = f"The job `{shown(job.name)}` is deleted. Its runs and all stored versions are kept."
        runs = Button(
            text="History", action="do:history", value=job_value(job), label=f"Show the runs of the job {job.name}"
        )
        return self._notice(job.site, job.device, sentence, typed=job.name.split(), buttons=(runs,))

    async def _question(self, person: Person, job: Job) -> Reply:
        word = await job_word(self._services, person, job)
        check_there(None if job.deleted else job, job)
        return self._notice(
            job.site,
            job.device,
            f"Delete the job `{shown(job.name)}`? It never runs again. Its runs and all stored versions are kept.",
            typed=word.split(),
            buttons=(replace(delete_button(job.name, job_value(job)), confirm=None),),  # this is the question already
        )
