"""Writing lists of any length into a file: page by page, in CSV that a spreadsheet opens, or a JSON object a line."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from commands.records.rows import device_row
from storage.access.audit import audit_page
from storage.database.statements import in_chunks
from storage.devices.devices import device_states
from storage.jobs.lists import jobs_page
from storage.runs.dashboard import health_of_each
from storage.runs.history import runs_page
from storage.runs.runs import latest_runs_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from datetime import datetime

    from commands.records.rows import Row
    from domain.audit import AuditEntry, AuditQuery
    from domain.inventory.declared import Device, Inventory
    from domain.jobs.job import Job, JobQuery
    from domain.runs.queries import RunQuery
    from domain.runs.run import Run

EXPORT_PAGE = 500  # rows
BOM = "\ufeff"  # without it Excel reads UTF-8 as something else
_FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # what a spreadsheet takes for the beginning of a formula


class ExportForm(StrEnum):
    """The forms of a file; the value is how its name ends."""

    CSV = "csv"
    JSON_LINES = "jsonl"


@dataclass(slots=True)
class ExportFile:
    """A file in the making, up to a number of rows and bytes."""

    form: ExportForm
    most_rows: int
    most_bytes: int
    rows: int = 0
    is_full: bool = False  # something did not go in
    _size: int = 0
    _parts: list[str] = field(default_factory=list)

    def add(self, rows: Iterable[Row]) -> None:
        """Add as many of ``rows`` as fit."""
        for row in rows:
            text = "" if self._parts else self._beginning(row)
            text += written(row, self.form)
            size = len(text.encode("utf-8", "replace"))
            if self.rows >= self.most_rows or self._size + size > self.most_bytes:
                self.is_full = True
                return
            self._parts.append(text)
            self._size += size
            self.rows += 1

    def _beginning(self, row: Row) -> str:
        return (BOM if self.form is ExportForm.CSV else "") + heading(row, self.form)

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self._parts)


def heading(row: Row, form: ExportForm) -> str:
    """What stands before the first row."""
    return _csv_line(list(row)) if form is ExportForm.CSV else ""


def written(row: Row, form: ExportForm) -> str:
    """One row with its line's end."""
    if form is ExportForm.JSON_LINES:
        return json.dumps(row, ensure_ascii=False) + "\n"
    return _csv_line([_cell(value) for value in row.values()])


def unformulated(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula: one that could be read so gets an apostrophe."""
    return f"'{text}" if text[:1] in _FORMULA else text


async def device_pages(
    devices: Iterable[Device], inventory: Inventory, *, now: datetime
) -> AsyncIterator[list[tuple[Device, Row]]]:
    """The rows of ``devices``, page by page."""
    for page in in_chunks(devices, EXPORT_PAGE):
        health = await health_of_each(page, inventory, now=now)
        states = await device_states(health)
        runs = await latest_runs_of({one.name: one.site for one in page})
        yield [
            (
                one,
                device_row(
                    one,
                    inventory.sites[one.site],
                    health=health[one.name],
                    state=states.get(one.name),
                    run=runs.get(one.name),
                ),
            )
            for one in page
        ]


async def run_pages(query: RunQuery) -> AsyncIterator[Sequence[Run]]:
    """All runs that ``query`` asks for, in its direction."""
    query = replace(query, limit=EXPORT_PAGE)
    while page := await runs_page(query):
        yield page
        query = replace(query, after=page[-1].id) if query.ascending else replace(query, before=page[-1].id)


async def job_pages(query: JobQuery) -> AsyncIterator[Sequence[Job]]:
    """All jobs that ``query`` asks for."""
    query = replace(query, limit=EXPORT_PAGE)
    while True:
        page = await jobs_page(query)
        yield page.jobs
        if page.next_after is None:
            return
        query = replace(query, after=page.next_after)


async def audit_pages(query: AuditQuery) -> AsyncIterator[Sequence[AuditEntry]]:
    """All entries that ``query`` asks for, the newest first."""
    query = replace(query, limit=EXPORT_PAGE)
    while page := await audit_page(query):
        yield page
        query = replace(query, before=page[-1].id)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return unformulated(value.replace("\0", "\N{REPLACEMENT CHARACTER}"))
    return str(value)


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
