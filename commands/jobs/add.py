"""``add``: a new job, written down at once or in a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from commands.input.catalogue import site_of
from commands.jobs.cards import job_reply
from commands.jobs.changes import JobChanges
from commands.jobs.form import JobForm
from commands.jobs.form_reply import form_reply, split_name
from commands.lookup.kinds import Command
from commands.lookup.picking import require_somewhere
from domain.errors import NotNow
from domain.inventory.declared import Device
from domain.jobs.drafts import MAX_JOB_NAME, JobDraft, check_draft, with_schedule
from domain.jobs.job import JobKind
from domain.jobs.spoken import parse_schedule
from domain.roles import Action

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.input.catalogue import Target
    from commands.request import Reply, Request
    from commands.services import Services
    from domain.access.people import Person
    from domain.jobs.job import JobFields

_Wanted = tuple["Target | None", "Sequence[str]"]  # what the job covers, and its schedule; None: it is not said yet


class Add(Command[_Wanted]):
    """Add a job for a device or a whole site."""

    name: ClassVar = "add"
    usage: ClassVar = "add [DEVICE|SITE] [SCHEDULE] [as NAME]"
    summary: ClassVar = "A new job; without a schedule a form opens"
    action: ClassVar = Action.EDIT
    examples: ClassVar = (
        "add",
        "add core-sw1 daily 02:00",
        "add plant-a weekdays 01:30 as nightly",
        "add core-sw1 tue,thu 22:15",
        "add core-sw1 cron 0 2 * * 1-5",
    )

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._form = JobForm(services)

    async def _answer(self, request: Request, wanted: _Wanted) -> Reply:
        """Write the job down, or open the form if its schedule is still to be said."""
        _, name = split_name(request.words)
        target, rest = wanted
        if target is None:
            return form_reply(self._services, self._form.blank(request.person, None), command=self.name)
        named = target.name if isinstance(target, Device) else None
        if not rest:
            form = self._form.blank(request.person, target)
            return form_reply(
                self._services, form, command=self.name, words=request.words, site=site_of(target), device=named
            )
        return await self._add(request, target, " ".join(rest), name)

    async def _add(self, request: Request, target: Target, schedule: str, name: str) -> Reply:
        draft = JobDraft(
            kind=(JobKind.DEVICE if isinstance(target, Device) else JobKind.SITE).value,
            target=target.name if isinstance(target, Device) else target.key,
            name=name or target.name[:MAX_JOB_NAME].strip(),
        )
        fields = _checked(with_schedule(draft, parse_schedule(schedule)), self._services)
        job = await JobChanges(self._services, request.person.id, request.id).add(fields)
        return await job_reply(self._services, request.person, job, sentence="The job is added.")

    async def _find(self, request: Request) -> _Wanted:
        """What the first words name, as many as belong to it, and the words after it."""
        catalogue, person = self._services.catalogue, request.person
        words, _ = split_name(request.words)
        for count in range(len(words), 0, -1):
            if catalogue.has_target(person, words[:count]):
                return catalogue.target(person, words[:count]), words[count:]
        return (catalogue.target(person, words[:1]) if words else None, ())  # unknown: raises with what is nearest

    def _authorise(self, person: Person, wanted: _Wanted) -> None:
        target, _ = wanted
        if target is None:
            require_somewhere(self._services, person, Action.EDIT)
        else:
            named = target.name if isinstance(target, Device) else None
            self._services.access.require(person, Action.EDIT, site_of(target), named)


def _checked(draft: JobDraft, services: Services) -> JobFields:
    found = check_draft(draft, services.inventory)
    if isinstance(found, dict):
        raise NotNow(f"the job is not right: {found}", advice=" ".join(found.values()))
    return found
