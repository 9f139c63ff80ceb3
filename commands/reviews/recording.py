"""Writing a review down, however it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.audit import AuditAction, AuditEntry
from domain.errors import NotNow
from domain.runs.outcomes import Outcome
from storage.access import audit
from storage.devices import reviews
from storage.devices.versions import version_of

if TYPE_CHECKING:
    from commands.services import Services
    from domain.configs.versions import Review, Version
    from domain.runs.run import Run

MAX_NOTE_LENGTH = 200  # characters


async def changed_version(run: Run) -> Version:
    """The version that ``run`` made by finding a change.

    Raises:
        NotNow: it found none.
    """
    version = await version_of(run.device, run.version) if run.version and run.outcome is Outcome.MODIFIED else None
    if version is None:
        raise NotNow(
            f"run {run.id} found no change",
            advice=f"Run {run.id} is {run.outcome.chip}. Only changes of Modified runs can be reviewed.",
        )
    return version


def note_problem(note: str) -> str:
    """What is wrong with ``note``; empty: nothing."""
    return f"A note has at most {MAX_NOTE_LENGTH} characters" if len(note) > MAX_NOTE_LENGTH else ""


async def mark_reviewed(
    services: Services, run: Run, version: Version, *, note: str, by: str, correlation: str = ""
) -> tuple[Review, bool]:
    """Write the review down, what looks like a secret in the note masked.

    Returns:
        The review that now stands, and whether it is this one.
    """
    now = services.clock.now()
    kept = services.previews.masked(run.device, " ".join(note.split()))
    async with audit.together():
        found = await reviews.review(version.device, version.number, by=by, note=kept, now=now)
        if found is None:
            raise NotNow(f"run {run.id} cannot be reviewed", advice=f"The change of run {run.id} no longer exists.")
        if found[1]:
            await audit.note(
                AuditEntry(
                    at=now,
                    actor=by,
                    what=AuditAction.REVIEWED,
                    site=run.site,
                    device=run.device,
                    target=f"run {run.id}",
                    before={"Reviewed": "no"},
                    after={"Reviewed": "yes", "Note": kept} if kept else {"Reviewed": "yes"},
                    correlation=correlation,
                )
            )
    return found
