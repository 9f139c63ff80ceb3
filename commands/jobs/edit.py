"""``edit``: change a job, at once or in a form."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from commands.input.quoting import shown
from commands.jobs.cards import job_reply
from commands.jobs.changes import JobChanges
from commands.jobs.form import JobForm
from commands.jobs.form_reply import form_reply, split_name
from commands.lookup.jobs import check_there, job_value, job_word
from commands.lookup.kinds import JobCommand
from domain.errors import NotNow
from domain.jobs.drafts import check_draft, draft_of, with_schedule
from domain.jobs.job import Job
from domain.jobs.readings import in_words
from domain.jobs.schedules import Cron, OnDemand
from domain.jobs.spoken import parse_schedule, parse_time
from domain.roles import Action
from domain.times.times_of_day import time_of_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.lookup.kinds import Words
    from commands.request import Reply, Request
    from commands.services import Services
    from domain.jobs.job import JobFields
    from domain.jobs.schedules import Schedule


class Edit(JobCommand):
    """Change a job."""

    name: ClassVar = "edit"
    usage: ClassVar = "edit JOB [at TIME|SCHEDULE] [as NAME]"
    summary: ClassVar = "Change a job; with only its name a form opens"
    action: ClassVar = Action.EDIT
    examples: ClassVar = (
        "edit nightly",
        "edit nightly at 03:00",
        "edit nightly weekdays 01:30",
        "edit nightly as weekly",
    )
    question: ClassVar = "Which job should be changed?"

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._form = JobForm(services)

    async def _answer(self, request: Request, subject: tuple[Job, Words]) -> Reply:
        """Change what the words name, or open the form if they name the job alone."""
        job, rest = subject
        check_there(None if job.deleted else job, job)
        if rest:
            return await self._change(request, job, rest)
        form = self._form.of(job, request.person)
        word = await job_word(self._services, request.person, job)
        return form_reply(
            self._services,
            form,
            command=self.name,
            words=word.split(),
            value=job_value(job),
            site=job.site,
            device=job.device,
        )

    async def _change(self, request: Request, job: Job, words: Sequence[str]) -> Reply:
        rest, name = split_name(("", *words))
        schedule = _schedule(job, [word for word in rest if word])
        fields = self._checked(job, schedule, name or job.name)
        mine = JobChanges(self._services, request.person.id, request.id)
        found = await mine.change(job, fields, expected_revision=job.revision)
        if not isinstance(found, Job):
            raise NotNow(
                f"job {job.id} was changed at the same moment",
                advice=f"Somebody else changed `{shown(job.name)}` at the same time, so nothing was done. Try again.",
            )
        return await job_reply(
            self._services, request.person, found, sentence="The job is changed.", command=self.name, words=words
        )

    def _checked(self, job: Job, schedule: Schedule, name: str) -> JobFields:
        draft = with_schedule(replace(draft_of(job), name=name), schedule)
        found = check_draft(draft, self._services.inventory)
        if isinstance(found, dict):
            raise NotNow(f"the change is not right: {found}", advice=" ".join(found.values()))
        return found


def _schedule(job: Job, words: Sequence[str]) -> Schedule:
    """The schedule that ``words`` ask for: ``at 03:00`` or ``3 am`` keeps the days."""
    if not words:
        return job.schedule
    said = " ".join(words[words[0].casefold() == "at" :])
    if time_of_day(said) is None and (words[0].casefold() != "at" or len(words) != 2):  # noqa: PLR2004 - and a time
        return parse_schedule(" ".join(words))
    if isinstance(job.schedule, OnDemand | Cron):
        raise NotNow(
            f"job {job.id} has no single time",
            advice=f"Its schedule is “{in_words(job.schedule)}”. Give the whole new schedule, such as `daily 03:00`.",
        )
    return replace(job.schedule, at=parse_time(said))
