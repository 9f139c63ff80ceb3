"""What was entered into the form of a job, read as the draft that it means."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from commands.jobs.form_state import remembered
from domain.jobs.drafts import DAILY, JobDraft
from domain.jobs.job import JobKind
from notifications.pages.job_form import ON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from commands.jobs.form_state import FormMemory
    from domain.jobs.drafts import Errors
    from notifications.rendering.form_fields import Entered

_HIDDEN = ("device", "site", "at", "weekends", "days", "cron")  # fields that come and go


def draft_from(values: Mapping[str, Entered], memory: FormMemory) -> JobDraft:
    """What was entered; what the form did not show is as it was when it last did."""
    held: Mapping[str, Entered] = {**memory.hidden, **values}
    kind = _text(held, "kind", JobKind.DEVICE.value)
    return JobDraft(
        kind=kind,
        target=_text(held, "site" if kind == JobKind.SITE.value else "device"),
        name=_text(held, "name"),
        pattern=_text(held, "pattern") or DAILY,
        at=_text(held, "at", "02:00"),
        weekends=ON in _several(held, "weekends"),
        days=_several(held, "days"),
        cron=_text(held, "cron"),
        waiting=_text(held, "waiting"),
        running=_text(held, "running"),
        retries=_text(held, "retries"),
        missed=_text(held, "missed"),
        enabled=ON in _several(held, "enabled"),
    )


def with_hidden(memory: FormMemory, values: Mapping[str, Entered]) -> FormMemory:
    """``memory`` with what was entered into fields that may not be shown next time."""
    entered = {name: remembered(",".join(_several(values, name))) for name in _HIDDEN if name in values}
    return replace(memory, hidden={**memory.hidden, **entered})


def _text(held: Mapping[str, Entered], name: str, missing: str = "") -> str:
    value = held.get(name, missing)
    return value if isinstance(value, str) else ",".join(value)


def _several(held: Mapping[str, Entered], name: str) -> tuple[str, ...]:
    value = held.get(name, ())
    return tuple(one for one in value.split(",") if one) if isinstance(value, str) else value


def by_field(errors: Errors, draft: JobDraft) -> dict[str, str]:
    """The sentences by the names of the form's fields: a target is a device or a site there."""
    target = "site" if draft.kind == JobKind.SITE.value else "device"
    return {target if name == "target" else name: sentence for name, sentence in errors.items()}
