"""What the templates show of jobs: the list, and one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.jobs.job import JobSort
from domain.jobs.readings import in_words
from domain.jobs.schedules import OnDemand
from notifications.pages.cells import moment, text, text_and_moment
from notifications.pages.job_words import DECLARED, covered, fields_in_words
from notifications.rendering.buttons import Button, Confirm, Menu, MenuEntry
from notifications.rendering.units import plural

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.jobs.job import Activity, Job
    from domain.jobs.slots import Slot
    from notifications.pages.cells import Cell
    from notifications.pages.job_form import Reading
    from notifications.rendering.buttons import Control
    from notifications.rendering.renderer import Context

SORTS: Final = {
    JobSort.NAME: "by name",
    JobSort.NEXT: "by next run",
    JobSort.LAST: "by latest activity",
}


ALL: Final = "that you can see"  # what a list is about that nothing narrows

_EMPTY: Final = "No jobs yet. Press *Add a job* to create the first one."
_NONE_FITS: Final = "No job matches. `jobs` alone lists all that you can see."


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLine:
    """A job as lists show it."""

    job: Job
    value: str  # the word by which buttons mean it
    site: str  # its site's name
    agent: str  # who carries it out
    last: Activity | None
    is_paused: bool


def jobs(
    lines: Sequence[JobLine], *, total: int, about: str, order: str, command: str, controls: Sequence[Control] = ()
) -> Context:
    """The context of ``jobs``: a page of jobs.

    Args:
        lines: the page.
        total: jobs over all pages.
        about: which jobs, such as ``of Plant A``.
        order: how it is sorted, in words.
        command: the full command of this page.
        controls: paging and sorting; the menu of this page's jobs is added.
    """
    menu = (_menu(lines),) if lines else ()
    rows = [_row(line) for line in lines]
    return {
        "title": f"{plural(total, 'job')} {about}",
        "order": order if total > 1 else "",
        "empty": _EMPTY if about == ALL else _NONE_FITS,
        "rows": rows,
        "buttons": (*menu, *controls),
        "command": command,
    }


def _row(line: JobLine) -> list[Cell]:
    job = line.job
    return [
        text(job.name),
        text(covered(job, line.site)),
        text(line.agent),
        text(in_words(job.schedule)),
        _next(line),
        text_and_moment(line.last.outcome.chip, line.last.at) if line.last else text("none yet"),
    ]


def _next(line: JobLine) -> Cell:
    if not line.job.enabled:
        return text("⏹️ disabled")
    if line.is_paused:
        until = line.job.paused_until
        return text_and_moment("⏸️ paused until", until) if until else text("⏸️ paused")
    return moment(line.job.next_run_at) if line.job.next_run_at else text("on demand")


def _menu(lines: Sequence[JobLine]) -> Menu:
    entries = tuple(MenuEntry(text=f"{line.job.name} ({line.site})", value=line.value) for line in lines)
    return Menu(placeholder="Open a job…", action="do:job", entries=entries)


def sort_menu(order: JobSort, values: dict[JobSort, str], *, turned: str, only_paused: bool) -> Menu:
    """Other orders and filters of the list.

    Args:
        order: the present one.
        values: the words of the command for each order.
        turned: its words with the paused jobs alone, or with all of them if those are shown now.
        only_paused: whether only paused jobs are shown now.
    """
    entries = [MenuEntry(text=f"Sort {words}", value=values[sort]) for sort, words in SORTS.items()]
    other = MenuEntry(text="Paused or not" if only_paused else "Only paused jobs", value=turned)
    return Menu(placeholder=f"Sorted {SORTS[order]}", action="do:jobs#sort", entries=(*entries, other))


def job(
    line: JobLine, *, reading: Reading, slots: Sequence[Slot], command: str, sentence: str = "", covers: int = 0
) -> Context:
    """The context of ``job``: all about one job.

    Args:
        line: the job.
        reading: its schedule in words, and its next times.
        slots: what became of the times at which it was due, the latest first.
        command: the full command.
        sentence: what was just done with it.
        covers: how many devices a site job covers today.
    """
    one = line.job
    rows = fields_in_words(one, line.site)
    if isinstance(one.schedule, OnDemand):
        rows.pop("If missed")
    if one.device is None:
        rows["Backs up"] += f" ({plural(covers, 'device')} today)"
    last = line.last
    return {
        "name": one.name,
        "sentence": sentence,
        "rows": [*((label, words) for label, words in rows.items() if _tells(label, words)), ("Agent", line.agent)],
        "schedule": reading,
        "is_on": one.enabled,
        "paused_by": (one.paused_by or "") if line.is_paused else "",
        "paused_until": one.paused_until,
        "last": last.outcome.chip if last else "",
        "last_at": last.at if last else None,
        "slots": [slot_line(slot) for slot in slots],
        "changed_by": one.changed_by,
        "changed_at": one.changed_at,
        "buttons": _buttons(line),
        "command": command,
    }


def _tells(label: str, words: str) -> bool:
    """Whether it says anything that does not stand elsewhere, or go without saying."""
    return label not in {"Name", "Schedule", "Switched"} and words != DECLARED


def slot_line(slot: Slot) -> tuple[datetime, str, str]:
    """When it was due, what became of it, and whom that names."""
    words = slot.fate.word + (f" ({slot.note})" if slot.note else "")
    return slot.due_at, words, slot.by or ""


def _buttons(line: JobLine) -> tuple[Button, ...]:
    one, name = line.value, line.job.name
    turn = (
        Button(text="Resume", action="do:resume", value=one, label=f"Resume the job {name}")
        if line.is_paused
        else Button(text="Pause", action="do:pause", value=one, label=f"Pause the job {name}")
    )
    return (
        Button(text="Back up now", action="do:now", value=one, label=f"Run the job {name} now"),
        Button(text="Edit", action="do:edit", value=one, label=f"Edit the job {name}"),
        turn,
        Button(text="History", action="do:history", value=one, label=f"Show the runs of the job {name}"),
        delete_button(name, one),
    )


def delete_button(name: str, value: str) -> Button:
    """Deletes a job after asking."""
    sure = Confirm(
        title="Delete this job?",
        text=f"{name} never runs again. Its runs and all stored versions stay.",
        yes="Delete job",
        no="Keep it",
    )
    return Button(
        text="Delete",
        action="do:delete",
        value=f"{value} yes",
        label=f"Delete the job {name}",
        style="danger",
        confirm=sure,
    )
