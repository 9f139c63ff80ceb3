"""Changes of jobs, each written down in the audit in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from domain.audit import AuditAction, AuditEntry
from domain.jobs.job import Job
from notifications.pages.job_words import fields_in_words
from storage.access import audit
from storage.jobs import jobs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from commands.services import Services
    from domain.jobs.job import Conflict, JobFields

_PAUSED = "Paused"


class JobChanges:
    """What one person does to jobs; ``correlation`` is that of the request."""

    def __init__(self, services: Services, by: str, correlation: str = "") -> None:
        self._services = services
        self._by = by
        self._correlation = correlation

    async def add(self, fields: JobFields) -> Job:
        """Write down a new job. Raises ``NameTaken``."""
        async with audit.together():
            job = await jobs.add_job(fields, zone=self._zone(fields), by=self._by, now=self._now)
            await self._note(AuditAction.JOB_ADDED, job, after=self._words(job))
        return job

    async def change(self, job: Job, fields: JobFields, *, expected_revision: int) -> Job | Conflict | None:
        """Change ``job``, which was opened at that revision; the answer is that of ``storage.jobs.jobs.update_job``."""
        async with audit.together():
            found = await jobs.update_job(
                job.id,
                fields,
                expected_revision=expected_revision,
                zone=self._zone(fields),
                by=self._by,
                now=self._now,
            )
            if isinstance(found, Job) and found.revision != expected_revision:
                await self._note(AuditAction.JOB_CHANGED, found, before=self._words(job), after=self._words(found))
        return found

    async def pause(self, job: Job, until: datetime | None) -> Job | None:
        """Pause ``job``; None: it has been deleted."""
        async with audit.together():
            found = await jobs.pause_job(job.id, by=self._by, now=self._now, until=until)
            if found:
                sides = {"before": self._pause_of(job), "after": self._pause_of(found)}
                await self._note(AuditAction.JOB_PAUSED, found, **sides)
        return found

    async def resume(self, job: Job) -> Job | None:
        """Let ``job`` run again; None: it has been deleted."""
        async with audit.together():
            found = await jobs.resume_job(job.id)
            if found:
                sides = {"before": self._pause_of(job), "after": self._pause_of(found)}
                await self._note(AuditAction.JOB_RESUMED, found, **sides)
        return found

    async def delete(self, job: Job) -> Job | None:
        """Delete ``job``; None: it was deleted before."""
        async with audit.together():
            found = await jobs.delete_job(job.id, by=self._by, now=self._now)
            if found:
                await self._note(AuditAction.JOB_DELETED, found, before=self._words(job))
        return found

    @property
    def _now(self) -> datetime:
        return self._services.clock.now()

    async def _note(
        self,
        what: AuditAction,
        job: Job,
        *,
        before: Mapping[str, str] | None = None,
        after: Mapping[str, str] | None = None,
    ) -> None:
        entry = AuditEntry(
            at=self._now,
            actor=self._by,
            what=what,
            site=job.site,
            device=job.device,
            target=job.name,
            before=before or {},
            after=after or {},
            correlation=self._correlation,
        )
        await audit.note(entry)

    def _zone(self, fields: JobFields) -> ZoneInfo:
        site = self._services.inventory.sites.get(fields.site)  # None: no longer declared; owners still see its jobs
        return site.timezone if site else ZoneInfo("UTC")

    def _words(self, fields: JobFields) -> dict[str, str]:
        site = self._services.inventory.sites.get(fields.site)
        return fields_in_words(fields, site.name if site else fields.site)

    def _pause_of(self, job: Job) -> dict[str, str]:
        if not job.is_paused(self._now):
            return {_PAUSED: "no"}
        if job.paused_until is None:
            return {_PAUSED: "until somebody resumes it"}
        return {_PAUSED: f"until {job.paused_until.astimezone(self._zone(job)):%Y-%m-%d %H:%M %Z}"}
