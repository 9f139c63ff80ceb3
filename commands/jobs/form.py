"""The form in which a job is added or changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from commands.forms import Entries, FieldErrors
from commands.input.catalogue import site_of
from commands.input.quoting import shown
from commands.jobs.changes import JobChanges
from commands.jobs.form_entries import by_field, draft_from, with_hidden
from commands.jobs.form_state import FormMemory, read_memory, remembered
from commands.lookup.picking import require_somewhere
from commands.request import Form
from domain.errors import NotNow, UnknownName
from domain.inventory.declared import Device
from domain.jobs.drafts import MAX_JOB_NAME, JobDraft, check_draft, draft_of, read_schedule
from domain.jobs.job import Job, JobFields, JobKind
from domain.jobs.readings import in_words
from domain.jobs.schedules import next_times
from domain.roles import Action
from notifications.pages.job_form import Reading, job_closing, job_form, site_time
from notifications.pages.job_words import changes_in_words, covered, fields_in_words
from notifications.rendering.form_fields import Choice
from storage.jobs import jobs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from commands.input.catalogue import Target
    from commands.request import Option
    from commands.services import Services
    from domain.access.people import Person
    from domain.jobs.drafts import Errors
    from domain.jobs.job import Conflict
    from domain.jobs.schedules import Schedule

CALLBACK = "job"

_RECENTLY = timedelta(minutes=10)

_TAKEN = "This site already has a job of this name. Choose another name."


class JobForm:
    """Opens the form of a job, answers while it is filled in, and writes the job down."""

    callback: ClassVar = CALLBACK

    def __init__(self, services: Services) -> None:
        self._services = services

    def blank(self, person: Person, target: Target | None) -> Form:
        """The form of a new job, for ``target`` if one is named already."""
        name = _suggestion(target) if target else ""
        kind = JobKind.DEVICE if target is None or isinstance(target, Device) else JobKind.SITE
        draft = JobDraft(kind=kind.value, target=_key(target) if target else "", name=name)
        return self._form(draft, FormMemory(name=name), person)

    def of(self, job: Job, person: Person) -> Form:
        """The form of a job that exists."""
        return self._form(draft_of(job), self._memory_of(job), person)

    async def refill(self, person: Person, entries: Entries) -> Form:
        """Answer what was entered so far: name, schedule in words, next times."""
        memory = read_memory(entries.memory)
        await self._job(person, memory)
        draft = draft_from(entries.values, memory)
        target = self._target(person, draft)
        if target and _is_untouched(draft, memory) and draft.name != _suggestion(target):
            name = _suggestion(target)
            draft, memory = replace(draft, name=name), replace(memory, name=name, turn=memory.turn + 1)
        return self._form(draft, with_hidden(memory, entries.values), person)

    async def submit(self, person: Person, entries: Entries) -> Form | FieldErrors:
        """Write the job down."""
        memory = read_memory(entries.memory)
        job = await self._job(person, memory)
        draft = draft_from(entries.values, memory)
        found = self._target(person, draft)
        checked = check_draft(replace(draft, target=_key(found) if found else ""), self._services.inventory)
        if isinstance(checked, dict):
            return FieldErrors(by_field(checked, draft))
        try:
            return await self._write(person, checked, job, memory, entries)
        except jobs.NameTaken:
            mine = await self._saved_before(person, checked)
            return self._done(mine, is_new=True) if mine and job is None else FieldErrors({"name": _TAKEN})

    def kept(self, entries: Entries, sentence: str) -> Form:
        """The form as it was filled in. Without a look at anything: nothing is shown that was not entered."""
        try:
            memory = read_memory(entries.memory)
        except NotNow:
            memory = FormMemory()
        draft = draft_from(entries.values, memory)
        return self._shown(draft, memory, target=None, reading=Reading(), sentence=sentence)

    async def options(self, person: Person, name: str, typed: str) -> list[Option]:
        """The devices or sites for which this person may make jobs."""
        catalogue = self._services.catalogue
        if name == "site":
            return catalogue.site_options(person, Action.EDIT, typed)
        return catalogue.plain_device_options(person, Action.EDIT, typed) if name == "device" else []

    async def _write(
        self, person: Person, fields: JobFields, job: Job | None, memory: FormMemory, entries: Entries
    ) -> Form:
        mine = JobChanges(self._services, person.id)
        if job is None:
            return self._done(await mine.add(fields), is_new=True)
        found = await mine.change(job, fields, expected_revision=memory.revision)
        if found is None:
            raise _deleted()
        if isinstance(found, Job):
            return self._done(found)
        if found.by == person.id and _same(found.job, fields):
            return self._done(found.job)  # our answer to the first time was lost
        return self._conflict(found, memory, entries, person)

    def _conflict(self, found: Conflict, memory: FormMemory, entries: Entries, person: Person) -> Form:
        """Somebody was quicker: say what they changed; saving once more is then a decision."""
        now = self._memory_of(found.job)
        sentence = (
            f"changed this job while you had it open: {changes_in_words(memory.opened, now.opened)}. Your changes "
            "are still here, but not saved. Save again to replace theirs, or cancel to keep theirs."
        )
        kept = replace(now, turn=memory.turn, name=memory.name, hidden=memory.hidden)
        return self._form(draft_from(entries.values, memory), kept, person, sentence=sentence, who=found.by)

    async def _job(self, person: Person, memory: FormMemory) -> Job | None:
        """The job that is edited, if this person still may; None: it is a new one, and they may add jobs somewhere."""
        if not memory.job:
            require_somewhere(self._services, person, Action.EDIT)
            return None
        job = await jobs.job_by_id(memory.job)
        if job is None or not self._services.access.sees(person, job.site, job.device):
            raise UnknownName("job", f"#{memory.job}", lister=self._services.typed("jobs"))
        self._services.access.require(person, Action.EDIT, job.site, job.device)
        if job.deleted:
            raise _deleted()
        return job

    def _target(self, person: Person, draft: JobDraft) -> Target | None:
        """What is chosen, if this person may make jobs for it; None: nothing, or nothing that they can see."""
        inventory, access = self._services.inventory, self._services.access
        among: Mapping[str, Target] = inventory.sites if draft.kind == JobKind.SITE.value else inventory.devices
        target = among.get(draft.target)
        named = target.name if isinstance(target, Device) else None
        if target is None or not access.sees(person, site_of(target), named):
            return None
        access.require(person, Action.EDIT, site_of(target), named)
        return target

    async def _saved_before(self, person: Person, fields: JobFields) -> Job | None:
        """The job that this person has just added with the same fields: our answer to that was lost."""
        found = await jobs.jobs_called(fields.name, {fields.site})
        recent = self._services.clock.now() - _RECENTLY
        mine = (job for job in found if job.created_by == person.id and job.created_at > recent)
        return next((job for job in mine if _same(job, fields)), None)

    def _memory_of(self, job: Job) -> FormMemory:
        words = fields_in_words(job, self._site_name(job.site))
        name = job.name if job.name == _suggested(job) else ""
        return FormMemory(
            job=job.id,
            revision=job.revision,
            name=name,
            opened={label: remembered(one) for label, one in words.items()},
        )

    def _site_name(self, key: str) -> str:
        site = self._services.inventory.sites.get(key)
        return site.name if site else key

    def _form(self, draft: JobDraft, memory: FormMemory, person: Person, *, sentence: str = "", who: str = "") -> Form:
        target = self._target(person, draft)
        reading = self._reading(draft, target)
        return self._shown(draft, memory, target=target, reading=reading, sentence=sentence, who=who)

    def _shown(
        self,
        draft: JobDraft,
        memory: FormMemory,
        *,
        target: Target | None,
        reading: Reading,
        sentence: str = "",
        who: str = "",
    ) -> Form:
        choice = Choice(text=_label(target), value=_key(target)) if target else None
        if target is None and draft.target:
            choice = Choice(text=draft.target, value=draft.target)
        context = job_form(
            draft, target=choice, reading=reading, turn=memory.turn, is_new=not memory.job, sentence=sentence, who=who
        )
        return Form(callback=CALLBACK, template="job_form", context=context, memory=memory.written())

    def _reading(self, draft: JobDraft, target: Target | None) -> Reading:
        errors: Errors = {}
        schedule = read_schedule(draft, errors)
        if schedule is None:
            return Reading(problem=next(iter(errors.values())))
        site = site_of(target) if target else None
        return reading_of(schedule, self._services, site, after=self._services.clock.now())

    def _done(self, job: Job, *, is_new: bool = False) -> Form:
        site = self._site_name(job.site)
        verb = "added" if is_new else "saved"
        lines = [f"✅ The job `{shown(job.name)}` is {verb}. It backs up {covered(job, site)}."]
        if not job.enabled:
            lines.append("It is disabled, so it does not run by schedule.")
        reading = reading_of(job.schedule, self._services, job.site, after=self._services.clock.now())
        context = job_closing(lines, reading if job.enabled else None)
        return Form(callback=CALLBACK, template="form_closing", context=context)


def reading_of(schedule: Schedule, services: Services, site: str | None, *, after: datetime) -> Reading:
    """How ``schedule`` reads at ``site``, with the next three times there later than ``after``."""
    found = services.inventory.sites.get(site or "")
    words = in_words(schedule)
    if found is None:
        return Reading(words=words)
    moments = next_times(schedule, found.timezone, after)
    times = tuple((site_time(moment, found.timezone), moment) for moment in moments)
    if not times:
        return Reading(words=words)
    return Reading(words=words, zone=f"{found.name} time ({found.timezone.key})", times=times)


def _is_untouched(draft: JobDraft, memory: FormMemory) -> bool:
    """Whether the name is one that was filled in, or none yet."""
    return not draft.name.strip() or (bool(memory.name) and draft.name == memory.name)


def _suggestion(target: Target) -> str:
    return target.name[:MAX_JOB_NAME].strip()


def _suggested(job: Job) -> str:
    return (job.device or "")[:MAX_JOB_NAME].strip()


def _key(target: Target) -> str:
    return target.name if isinstance(target, Device) else target.key


def _label(target: Target) -> str:
    return target.name if isinstance(target, Device) else f"{target.name} ({target.key})"


def _same(job: Job, fields: JobFields) -> bool:
    return all(getattr(job, name) == getattr(fields, name) for name in JobFields.__dataclass_fields__)


def _deleted() -> NotNow:
    return NotNow(
        "the job has been deleted",
        advice="Somebody deleted this job in the meantime, so nothing was saved. Add it again.",
    )
