"""``lastgood export``: devices, history, jobs or audit, as a file or on the screen; serve may be running meanwhile."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

from bot.cli.offline import unknown_target
from bot.serving.salt import installation_salt
from commands.records.rows import audit_row, job_row, run_row
from commands.records.writing import BOM, ExportForm, audit_pages, device_pages, heading, job_pages, run_pages, written
from domain.audit import AuditQuery
from domain.errors import UsageError
from domain.jobs.job import JobQuery
from domain.runs.queries import RunQuery
from notifications.previews import Previews
from storage.archive.archive import Archive
from storage.database.opening import database
from storage.devices.reviews import reviews_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from bot.settings.loading import Settings
    from commands.records.rows import Row
    from domain.inventory.declared import Device, Inventory
    from domain.runs.run import Run

_USAGE = "lastgood export devices|history|jobs|audit [TARGET] --format csv|jsonl"


async def export(
    settings: Settings, kind: str, target: str | None, *, form: str, output: Path | None, limit: int
) -> None:
    """Write what there is, the newest first. No configuration text and no secret is in it."""
    if form not in set(ExportForm):
        raise UsageError(f'"{form}" is not an export format', usage=_USAGE)
    chosen, inventory = ExportForm(form), settings.to_inventory()
    rows = _rows(settings, inventory, kind, _place(inventory, target))
    async with database(settings.database):
        with _opened(output) as opened:
            count = await _write(rows, opened, chosen, limit=limit, is_file=output is not None)
    if output or not count:
        sys.stderr.write(f"{count:,} lines\n" if count else "Nothing matches.\n")


async def _write(rows: AsyncIterator[Row], opened: TextIO, form: ExportForm, *, limit: int, is_file: bool) -> int:
    count = 0
    async for row in rows:
        if count == limit:
            break
        if not count:
            opened.write((BOM if is_file and form is ExportForm.CSV else "") + heading(row, form))
        opened.write(written(row, form))
        count += 1
    return count


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    with output.open("w", encoding="utf-8", newline="", errors="replace") as opened:
        yield opened


def _place(inventory: Inventory, target: str | None) -> tuple[str | None, str | None]:
    """The site and the device that are meant."""
    if target is None:
        return None, None
    if target in inventory.sites:
        return target, None
    if target in inventory.devices:
        return inventory.devices[target].site, target
    raise unknown_target(inventory, target)


def _rows(
    settings: Settings, inventory: Inventory, kind: str, place: tuple[str | None, str | None]
) -> AsyncIterator[Row]:
    site, device = place
    sites = frozenset({site} if site else inventory.sites)
    match kind:
        case "devices":
            return _devices(
                inventory, [one for one in inventory.devices.values() if one.site in sites and _fits(one, device)]
            )
        case "history":
            return _runs(settings, inventory, RunQuery(sites=frozenset(inventory.sites), site=site, device=device))
        case "jobs":
            return _jobs(inventory, JobQuery(sites=sites, device=device))
        case "audit":
            return _audit(inventory, AuditQuery(sites=None, site=site, device=device))
    raise UsageError(f'"{kind}" cannot be exported', usage=_USAGE)


async def _runs(settings: Settings, inventory: Inventory, query: RunQuery) -> AsyncIterator[Row]:
    salt = installation_salt(settings.data)
    archive = Archive(settings.archive)
    previews = Previews(archive, platforms=settings.platforms, inventory=inventory, salt=salt)

    def facts(run: Run) -> str:
        return previews.masked(run.device, run.facts)

    async for runs in run_pages(query):
        reviews = await reviews_of((run.device, run.version) for run in runs if run.version)
        for run in runs:
            made = run.version is not None and run.version != run.base_version
            review = reviews.get((run.device, run.version)) if made and run.version else None
            yield run_row(run, inventory.sites.get(run.site), facts=facts, review=review)


def _fits(device: Device, name: str | None) -> bool:
    return name is None or device.name == name


async def _devices(inventory: Inventory, devices: Sequence[Device]) -> AsyncIterator[Row]:
    async for rows in device_pages(devices, inventory, now=datetime.now(UTC)):
        for _, row in rows:
            yield row


async def _jobs(inventory: Inventory, query: JobQuery) -> AsyncIterator[Row]:
    now = datetime.now(UTC)
    async for jobs in job_pages(query):
        for job in jobs:
            yield job_row(job, inventory.sites.get(job.site), now=now)


async def _audit(inventory: Inventory, query: AuditQuery) -> AsyncIterator[Row]:
    async for entries in audit_pages(query):
        for entry in entries:
            yield audit_row(entry, inventory.sites.get(entry.site or ""))
