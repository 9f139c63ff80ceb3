"""What the form of a job shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.jobs.drafts import CRON, DAILY, DAYS, ON_DEMAND
from domain.jobs.job import JobKind, MissedPolicy
from domain.jobs.schedules import DAY_NAMES, DAY_WORDS
from notifications.rendering.form_fields import Choice, Field, FieldKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from domain.jobs.drafts import JobDraft
    from notifications.rendering.renderer import Context

ON: Final = "on"  # the value of a box that is ticked

_KINDS: Final = (
    Choice(text="One device", value=JobKind.DEVICE.value),
    Choice(text="Every device of a site, also those added later", value=JobKind.SITE.value),
)
_PATTERNS: Final = (
    Choice(text="Every weekday", value=DAILY),
    Choice(text="On certain days", value=DAYS),
    Choice(text="Cron line", value=CRON),
    Choice(text="On demand only", value=ON_DEMAND),
)
_MISSED: Final = (
    Choice(text="Back up once, as soon as Lastgood is running again", value=MissedPolicy.MAKE_UP.value),
    Choice(text="Only record it, and wait for the next start", value=MissedPolicy.NOTE.value),
)
_DAYS: Final = tuple(Choice(text=name, value=word) for name, word in zip(DAY_NAMES, DAY_WORDS, strict=True))
_WEEKENDS: Final = (Choice(text="Include weekends", value=ON),)
_ENABLED: Final = (Choice(text="Enabled: runs by its schedule", value=ON),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a schedule reads; ``problem`` says why it cannot be read."""

    words: str = ""
    zone: str = ""  # "Plant A time (Europe/Berlin)"; empty: no site is chosen yet
    times: tuple[tuple[str, datetime], ...] = ()  # the next ones: as the site's clock shows them, and the moments
    problem: str = ""


def site_time(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as the site's own clock shows it: ``Mon 4 May 02:00 CEST``."""
    there = moment.astimezone(zone)
    return f"{there:%a} {there.day} {there:%b %H:%M %Z}"


def job_form(
    draft: JobDraft,
    *,
    target: Choice | None,
    reading: Reading,
    turn: int = 0,
    is_new: bool = True,
    sentence: str = "",
    who: str = "",
) -> Context:
    """The context of ``job_form``.

    Args:
        draft: what the fields hold.
        target: the device or site that is chosen, as its list shows it.
        reading: how the schedule reads.
        turn: changes whenever name and limits were filled in anew for another device.
        is_new: whether a job is added.
        sentence: what the person has to know first.
        who: Slack id of the person with whom the sentence begins.
    """
    return {
        "title": "Add a job" if is_new else "Edit a job",
        "submit": "Add job" if is_new else "Save",
        "sentence": sentence,
        "who": who,
        "first": (*_what(draft, target, turn), *_when(draft)),
        "schedule": reading,
        "last": _limits(draft),
    }


def job_closing(lines: Sequence[str], reading: Reading | None) -> Context:
    """The context of ``form_closing`` after a job was saved: sentences, and when it runs."""
    return {"title": "Jobs", "lines": tuple(lines), "schedule": reading or Reading()}


def _what(draft: JobDraft, target: Choice | None, turn: int) -> Sequence[Field]:
    is_site = draft.kind == JobKind.SITE.value
    chosen = (target,) if target else ()
    return (
        Field(
            name="kind",
            kind=FieldKind.ONE,
            label="What is backed up",
            value=draft.kind,
            choices=_KINDS,
            answers=True,
        ),
        Field(
            name="site" if is_site else "device",
            kind=FieldKind.SEARCH,
            label="Site" if is_site else "Device",
            value=target.value if target else "",
            choices=chosen,
            placeholder="Type to search",
            answers=True,
        ),
        Field(
            name="name",
            kind=FieldKind.TEXT,
            label="Name of the job",
            value=draft.name,
            turn=turn,
            hint="For commands, such as: pause NAME until friday",
        ),
    )


def _when(draft: JobDraft) -> Sequence[Field]:
    pattern = Field(
        name="pattern",
        kind=FieldKind.LIST,
        label="When it runs",
        value=draft.pattern,
        choices=_PATTERNS,
        answers=True,
    )
    at = Field(name="at", kind=FieldKind.TIME, label="Time (site time zone)", value=draft.at, answers=True)
    weekends = Field(
        name="weekends",
        kind=FieldKind.SEVERAL,
        label="Saturday and Sunday",
        value=ON if draft.weekends else "",
        choices=_WEEKENDS,
        optional=True,
        answers=True,
    )
    days = Field(name="days", kind=FieldKind.SEVERAL, label="Days", value=draft.days, choices=_DAYS, answers=True)
    cron = Field(
        name="cron",
        kind=FieldKind.TEXT,
        label="Cron line",
        value=draft.cron,
        hint="Minute, hour, day of the month, month, day of the week. 0 2 * * 1-5 is 02:00 from Monday to Friday.",
        placeholder="0 2 * * 1-5",
        answers=True,
    )
    rest = {DAILY: (at, weekends), DAYS: (days, at), CRON: (cron,)}
    return (pattern, *rest.get(draft.pattern, ()))


def _limits(draft: JobDraft) -> Sequence[Field]:
    return (
        Field(
            name="waiting",
            kind=FieldKind.TEXT,
            label="Waiting time limit",
            value=draft.waiting,
            hint="How long a run may be Pending before it is Timed Out. Empty: each device's limit in app.yaml.",
            placeholder="30m",
            optional=True,
        ),
        Field(
            name="running",
            kind=FieldKind.TEXT,
            label="Running time limit",
            value=draft.running,
            hint=(
                "How long a run may take, retries included, before it is Timed Out. Empty: each device's limit "
                "in app.yaml."
            ),
            placeholder="5m",
            optional=True,
        ),
        Field(
            name="retries",
            kind=FieldKind.NUMBER,
            label="Retries",
            value=draft.retries,
            hint="A refused password is never retried. Empty: each device's number in app.yaml.",
            placeholder="2",
            optional=True,
        ),
        Field(
            name="missed",
            kind=FieldKind.ONE,
            label="If Lastgood was down at that time",
            value=draft.missed,
            choices=_MISSED,
        ),
        Field(
            name="enabled",
            kind=FieldKind.SEVERAL,
            label="State",
            value=ON if draft.enabled else "",
            choices=_ENABLED,
            optional=True,
        ),
    )
