"""What the command line does with database and archive alone; serve may be running meanwhile."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.serving.salt import installation_salt
from bot.settings.nearest import nearest
from domain.errors import NotNow, UnknownName, UsageError
from domain.runs.queries import RunQuery
from notifications.previews import Previews
from notifications.rendering.evidence import last_line
from notifications.rendering.units import plural
from storage.archive.archive import Archive
from storage.database.opening import database
from storage.devices.versions import newest_version, version_before, version_of
from storage.runs.runs import runs_page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.settings.loading import Settings
    from domain.configs.versions import Version
    from domain.inventory.declared import Inventory
    from domain.runs.evidence import Evidence
    from domain.runs.run import Run

OFFLINE_PAGE = 500  # runs read at a time


async def migrate_database(settings: Settings) -> None:
    """Bring the schema up to this version."""
    async with database(settings.database):
        sys.stderr.write("The database is up to date.\n")


async def show_history(settings: Settings, target: str | None, *, limit: int) -> None:
    """Print the last runs as a table."""
    table = Table("Run", "Device", "Outcome", "Started", "Took", "Lines", "By", "Why", box=None, pad_edge=False)
    previews = _previews(settings, Archive(settings.archive))
    async with database(settings.database):
        async for run in _runs(settings.to_inventory(), target, limit=limit):
            table.add_row(*map(Text, (*_row(run), _why(run, previews.masked_evidence(run)))))
    Console().print(table if table.rows else "No runs yet.")


async def show_diff(settings: Settings, device: str, versions: str) -> None:
    """Print what changed, secrets masked."""
    async with _archive(settings) as archive:
        before, after = await _two_versions(settings, device, versions)
        found = await _previews(settings, archive).diff(device, before, after)
    values = f", {plural(found.secrets_changed, 'secret value')} changed" if found.secrets_changed else ""
    counts = f"+{found.added} -{found.removed}{values}"
    sys.stdout.write(f"{device} v{before.number}..v{after.number}: {counts}\n{found.text}")


async def restore_version(settings: Settings, device: str, *, version: int | None, output: Path | None) -> None:
    """Write the exact bytes of a version, to a new file or to standard output."""
    async with _archive(settings) as archive:
        found = await _version(settings, device, version)
        text = await archive.read(found.site, found.commit, device)
    if output is None:
        sys.stdout.buffer.write(text)
        return
    await asyncio.to_thread(_write_new, output, text)
    sys.stderr.write(f"{device} v{found.number} of {found.captured_at:%Y-%m-%d %H:%M} UTC: {len(text):,} bytes\n")


def _previews(settings: Settings, archive: Archive) -> Previews:
    salt = installation_salt(settings.data)
    return Previews(archive, platforms=settings.platforms, inventory=settings.to_inventory(), salt=salt)


@asynccontextmanager
async def _archive(settings: Settings) -> AsyncIterator[Archive]:
    archive = Archive(settings.archive)
    async with database(settings.database):
        archive.open_to_read(settings.file.sites)
        yield archive


async def _runs(inventory: Inventory, target: str | None, *, limit: int) -> AsyncIterator[Run]:
    query = _query(inventory, target)
    while limit > 0:
        page = await runs_page(replace(query, limit=min(limit, OFFLINE_PAGE)))
        for run in page:
            yield run
        if len(page) < min(limit, OFFLINE_PAGE):
            return
        limit -= len(page)
        query = replace(query, before=page[-1].id)


def _query(inventory: Inventory, target: str | None) -> RunQuery:
    sites = frozenset(inventory.sites)
    if target is None:
        return RunQuery(sites=sites)
    if target in inventory.sites:
        return RunQuery(sites=sites, site=target)
    if target in inventory.devices:
        return RunQuery(sites=sites, device=target)
    raise unknown_target(inventory, target)


def unknown_target(inventory: Inventory, target: str) -> UnknownName:
    """That neither a device nor a site has this name, with the one that was probably meant."""
    guess = nearest(target, [*inventory.devices, *inventory.sites])
    return UnknownName("device or site", target, similar=[guess] if guess else [])


async def _two_versions(settings: Settings, device: str, versions: str) -> tuple[Version, Version]:
    if not versions:
        after = await _version(settings, device, None)
        return await version_before(after) or after, after
    first, dots, second = versions.replace("v", "").partition("..")
    if not (dots and first.isdecimal() and second.isdecimal()):
        raise UsageError(f'"{versions}" does not name two versions', usage="lastgood diff DEVICE 3..5")
    return await _version(settings, device, int(first)), await _version(settings, device, int(second))


async def _version(settings: Settings, device: str, number: int | None) -> Version:
    found = await (newest_version(device) if number is None else version_of(device, number))
    if found:
        return found
    if number is not None and await newest_version(device):
        raise UnknownName("version", f"v{number}")
    guess = nearest(device, settings.file.devices)
    hint = f" Did you mean `{guess}`?" if guess and guess != device else ""
    raise NotNow(f"no version of {device}", advice=f"No configuration of `{device}` is stored yet.{hint}")


def _row(run: Run) -> tuple[str, ...]:
    took = f"{run.duration.total_seconds():.1f} s" if run.duration else ""
    lines = f"+{run.added} -{run.removed}" if run.added or run.removed else ""
    at = run.started_at or run.created_at
    return str(run.id), run.device, run.outcome.chip, f"{at:%Y-%m-%d %H:%M} UTC", took, lines, run.asked_by or ""


def _why(run: Run, evidence: Evidence | None) -> str:
    """Of a run that failed the kind, and the last line that its device showed."""
    kind = run.reason.value.replace("_", " ") if run.reason else ""
    return ": ".join(part for part in (kind, last_line(evidence)) if part)


def _write_new(path: Path, text: bytes) -> None:
    try:
        with path.open("xb") as file:  # never over something that is there
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} already exists", usage="lastgood restore DEVICE --output NEWFILE") from None
