"""``export``: devices, history, jobs or audit as a file."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar, Final

from commands.backups.history_filters import read_wanted
from commands.jobs.list import Jobs
from commands.lookup.kinds import Command, Words
from commands.lookup.picking import no_sites
from commands.lookup.records import visible_sites
from commands.records.audit_filters import read_audit
from commands.records.rows import audit_row, job_row, run_row
from commands.records.writing import ExportFile, ExportForm, audit_pages, device_pages, job_pages, run_pages
from commands.request import Reply, ReplyFile
from commands.status.devices import Devices
from domain.errors import NotNow
from domain.roles import Action
from notifications.pages import answers
from notifications.rendering import limits
from notifications.rendering.units import plural
from storage.devices.reviews import reviews_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from commands.records.rows import Row
    from commands.request import Request
    from commands.services import Services
    from domain.access.people import Person
    from domain.configs.versions import Review
    from domain.inventory.declared import Site
    from domain.runs.run import Run

MAX_EXPORT_ROWS: Final = 100_000  # rows
MAX_EXPORT_BYTES: Final = limits.FILE // 2  # of a file; it lies in the database until Slack has it
MAX_PARALLEL_EXPORTS: Final = 2  # exports at a time

Holds = tuple[str | None, str | None]  # site and device of a row
Page = list[tuple[Holds, "Row"]]
_Wanted = tuple[str, Words, ExportForm]  # what, its filter, and the form of the file

_NOUNS: Final = {"devices": "device", "history": "run", "jobs": "job", "audit": "audit entry"}
_PLURALS: Final = {"audit": "audit entries"}
_NARROWER: Final = {
    "devices": "a site",
    "history": "a time such as `7d`, a device or an outcome",
    "jobs": "a site",
    "audit": "a time such as `7d`, a site or a person",
}


class Export(Command[_Wanted]):
    """Send the person a list as a file, in the words that also filter it in Slack."""

    name: ClassVar = "export"
    usage: ClassVar = "export devices|history|jobs|audit [FILTER] [json]"
    summary: ClassVar = "Devices, history, jobs or audit as a CSV file, filtered as in Slack"
    action: ClassVar = Action.SEE
    examples: ClassVar = (
        "export devices plant-a",
        "export history plant-a 7d",
        "export history failed 2026-05-01 until 2026-05-07",
        "export jobs plant-a",
        "export audit 30d json",
    )

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._jobs = Jobs(services)
        self._devices = Devices(services)
        self._places = asyncio.Semaphore(MAX_PARALLEL_EXPORTS)

    async def _answer(self, request: Request, wanted: _Wanted) -> Reply:
        """Write the file, page by page and off the loop, and send it to the person's own conversation with us."""
        kind, words, form = wanted
        pages = await self._pages(kind, request.person, words)
        file = ExportFile(form, MAX_EXPORT_ROWS, MAX_EXPORT_BYTES)
        sites: set[str] = set()
        devices: set[str] = set()
        async with self._places:
            async for page in pages:
                await asyncio.to_thread(file.add, [row for _, row in page])
                sites |= {site for (site, _), _ in page if site}
                devices |= {device for (_, device), _ in page if device}
                if file.is_full:
                    break
        if not file.rows:
            raise NotNow("nothing to export", advice="Nothing matches this filter, so there is no file.")
        command = self._typed(*request.words)
        return Reply(
            template="notice",
            context=answers.notice(_sentence(kind, file), command=command),
            sites=tuple(sorted(sites)),
            devices=self._services.access.restricted_among(devices),
            for_asker_alone=True,
            file=self._file(kind, file),
        )

    async def _find(self, request: Request) -> _Wanted:
        words, form = request.words, ExportForm.CSV
        if words and words[-1].casefold() in {"json", "jsonl", "csv"}:
            form = ExportForm.CSV if words[-1].casefold() == "csv" else ExportForm.JSON_LINES
            words = words[:-1]
        kind = words[0].casefold() if words else ""
        if kind not in _NOUNS:
            raise self._misused("Say what to export")
        return kind, words[1:], form

    def _authorise(self, person: Person, wanted: _Wanted) -> None:
        """Pass if there is anything that this person may export; the filters authorise what they name."""
        kind, _, _ = wanted
        if kind != "audit" and not visible_sites(self._services, person):
            raise no_sites(person)

    async def _pages(self, kind: str, person: Person, words: Sequence[str]) -> AsyncIterator[Page]:
        if kind == "audit":
            return await self._audit(person, words)
        if kind == "devices":
            return self._listed_devices(person, words)
        return self._listed_jobs(person, words) if kind == "jobs" else await self._history(person, words)

    async def _history(self, person: Person, words: Sequence[str]) -> AsyncIterator[Page]:
        access = self._services.access
        wanted = await read_wanted(self._services, person, words)
        if wanted.site:
            access.require(person, Action.SEE, wanted.site)
        query = wanted.query(visible_sites(self._services, person), hidden=access.hidden_devices(person), limit=1)

        async def pages() -> AsyncIterator[Page]:
            async for runs in run_pages(query):
                reviews = await reviews_of((run.device, run.version) for run in runs if run.version)
                yield await asyncio.to_thread(self._run_rows, runs, reviews)

        return pages()

    def _run_rows(self, runs: Iterable[Run], reviews: dict[tuple[str, int], Review]) -> Page:
        return [
            (
                (run.site, run.device),
                run_row(run, self._site(run.site), facts=self._services.previews.facts, review=_review(run, reviews)),
            )
            for run in runs
        ]

    def _listed_devices(self, person: Person, words: Sequence[str]) -> AsyncIterator[Page]:
        _, _, found = self._devices.wanted(person, words)
        now, inventory = self._services.clock.now(), self._services.inventory

        async def pages() -> AsyncIterator[Page]:
            async for rows in device_pages(found, inventory, now=now):
                yield [((device.site, device.name), row) for device, row in rows]

        return pages()

    def _listed_jobs(self, person: Person, words: Sequence[str]) -> AsyncIterator[Page]:
        query, now = self._jobs.query(person, words), self._services.clock.now()

        async def pages() -> AsyncIterator[Page]:
            async for jobs in job_pages(query):
                yield [((job.site, job.device), job_row(job, self._site(job.site), now=now)) for job in jobs]

        return pages()

    async def _audit(self, person: Person, words: Sequence[str]) -> AsyncIterator[Page]:
        wanted = read_audit(self._services, person, words)
        await self._services.denials.flush()
        query = wanted.query(self._services, person, limit=1)

        async def pages() -> AsyncIterator[Page]:
            async for entries in audit_pages(query):
                yield [((one.site, one.device), audit_row(one, self._site(one.site))) for one in entries]

        return pages()

    def _site(self, key: str | None) -> Site | None:
        return self._services.inventory.sites.get(key or "")

    def _file(self, kind: str, file: ExportFile) -> ReplyFile:
        now = self._services.clock.now()
        return ReplyFile(
            filename=f"lastgood-{kind}-{now:%Y-%m-%d-%H%M}.{file.form.value}",
            title=f"Lastgood {kind}: {_counted(kind, file.rows)}",
            text=file.text,
            snippet_type="csv" if file.form is ExportForm.CSV else "text",
            alt=f"{_counted(kind, file.rows)} as a table with one line each",
        )


def _review(run: Run, reviews: dict[tuple[str, int], Review]) -> Review | None:
    """The review of the change that ``run`` made; a later run that found the same version made none."""
    made = run.outcome.is_good and run.version != run.base_version
    return reviews.get((run.device, run.version)) if made and run.version else None


def _sentence(kind: str, file: ExportFile) -> str:
    sent = f"{_counted(kind, file.rows)} are on the way to you as a file." if file.rows > 1 else "1 line is on its way."
    if not file.is_full:
        return sent
    return f"{sent} The file is full and the rest was left out. Narrow the filter with {_NARROWER[kind]}."


def _counted(kind: str, count: int) -> str:
    many = _PLURALS.get(kind)
    return f"{count:,} {many}" if many and count != 1 else plural(count, _NOUNS[kind])
