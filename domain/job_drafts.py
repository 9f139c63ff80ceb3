"""A job as somebody fills it in, checked field by field: a sentence at each mistake."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from domain.cron import shown
from domain.jobs import JobFields, JobKind, MissedPolicy
from domain.schedules import (
    DAY_WORDS,
    Cron,
    Daily,
    Days,
    OnDemand,
    ScheduleError,
    parse_cron,
    parse_days,
    parse_schedule,
    parse_time,
)
from domain.timeouts import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    from domain.inventory import Device, Inventory
    from domain.jobs import Job
    from domain.schedules import Schedule

Problems = dict[str, str]  # by the name of the draft's field, a sentence each

SCHEDULE_FORMS = ("on_demand", "daily", "days", "cron")
MOST_RETRIES = 10
WAITING = (timedelta(minutes=1), timedelta(hours=24))
RUNNING = (timedelta(seconds=10), timedelta(hours=4))

_NAME = re.compile(r"[^\W_][\w .:/()+-]{0,79}")
_NUMBER = re.compile(r"[#\d\s]+")
_SPAN = re.compile(r"(\d{1,6})\s*(s|sec|seconds?|m|min|minutes?|h|hours?|)", re.ASCII)
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "": timedelta(minutes=1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDraft:
    """What stands in the fields of a form, as strings; empty limits mean those declared for each device.

    ``schedule`` is one of ``SCHEDULE_FORMS``, which takes its details from ``at``, ``weekends``, ``days`` and ``cron``;
    or a schedule in words, which takes none.
    """

    kind: str = "device"
    target: str = ""  # name of the device, or key of the site
    name: str = ""  # empty: that of the device, or "SITE nightly" for a site
    schedule: str = ""
    at: str = ""
    weekends: bool = False
    days: tuple[str, ...] = ()
    cron: str = ""
    waiting_limit: str = ""  # minutes, or with a unit: "90 s", "2 h"
    running_limit: str = ""
    retries: str = ""
    missed: str = "make_up"
    enabled: bool = True


def draft_of(job: Job) -> JobDraft:
    """The form of a job as it stands."""
    draft = JobDraft(
        kind=job.kind.value,
        target=job.device or job.site,
        name=job.name,
        waiting_limit=_span_typed(job.waiting_limit),
        running_limit=_span_typed(job.running_limit),
        retries="" if job.retries is None else str(job.retries),
        missed=job.missed.value,
        enabled=job.enabled,
    )
    return replace(draft, **_schedule_typed(job.schedule))


def check_draft(draft: JobDraft, *, inventory: Inventory, taken: Collection[str] = ()) -> JobFields | Problems:
    """Read the fields, or say what is wrong with which.

    Args:
        draft: as it was filled in.
        inventory: what may be chosen; one narrowed to what the person may see hides the rest.
        taken: names of other jobs, in lower case.
    """
    problems: Problems = {}

    def checked(field: str, read: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the field holds
        try:
            return read()
        except ScheduleError as error:
            problems.setdefault(_field_of(field, draft), error.advice)
            return None

    kind = checked("kind", lambda: _kind(draft.kind))
    site, device = checked("target", lambda: _target(kind, draft.target.strip(), inventory)) or ("", None)
    fields = {
        "name": checked("name", lambda: _name(draft.name or suggested_name(site, device), taken)),
        "schedule": checked("schedule", lambda: read_schedule(draft)),
        "waiting_limit": checked("waiting_limit", lambda: _limit(draft.waiting_limit, WAITING)),
        "running_limit": checked("running_limit", lambda: _limit(draft.running_limit, RUNNING)),
        "retries": checked("retries", lambda: _retries(draft.retries)),
        "missed": checked("missed", lambda: _missed(draft.missed)),
    }
    if problems:
        return problems
    return JobFields(kind=kind, site=site, device=device.name if device else None, enabled=draft.enabled, **fields)


def read_schedule(draft: JobDraft) -> Schedule:
    """The schedule alone, for showing it while the form is being filled in. Raises ``ScheduleError``."""
    match draft.schedule:
        case "on_demand":
            return OnDemand()
        case "daily":
            return Daily(parse_time(draft.at), weekends=draft.weekends)
        case "days":
            return Days(parse_days(draft.days), parse_time(draft.at))
        case "cron":
            return parse_cron(draft.cron)
    return parse_schedule(draft.schedule)


def suggested_name(site: str, device: Device | None) -> str:
    """The name that a form begins with."""
    return device.name if device else f"{site} nightly" if site else ""


def parse_span(typed: str) -> timedelta:
    """A span of time: a number of minutes, or with its unit. Raises ``ScheduleError``."""
    match = _SPAN.fullmatch(typed.strip().lower()[:40])
    if not match:
        raise ScheduleError(f"`{shown(typed)}` is no span of time. Write minutes, such as `30`, or `90 s` or `2 h`.")
    return int(match[1]) * _UNITS[match[2][:1]]


def _field_of(field: str, draft: JobDraft) -> str:
    """A mistake in the schedule sits at the field that holds it."""
    if field != "schedule" or draft.schedule not in SCHEDULE_FORMS:
        return field
    if draft.schedule == "days" and not draft.days:
        return "days"
    return "cron" if draft.schedule == "cron" else "at"


def _kind(typed: str) -> JobKind:
    try:
        return JobKind(typed)
    except ValueError:
        raise ScheduleError("Choose whether the job is for a device or for a whole site.") from None


def _target(kind: JobKind | None, name: str, inventory: Inventory) -> tuple[str, Device | None] | None:
    if kind is None:
        return None
    if not name:
        raise ScheduleError(f"Choose a {kind.value}.")
    if kind is JobKind.SITE and name in inventory.sites:
        return name, None
    device = inventory.devices.get(name) if kind is JobKind.DEVICE else None
    if device is None:
        raise ScheduleError(f"There is no {kind.value} called `{shown(name)}` that you can see.")
    return device.site, device


def _name(typed: str, taken: Collection[str]) -> str:
    name = " ".join(typed[:1000].split())
    if not name:
        raise ScheduleError("The job needs a name.")
    if len(name) > 80:  # noqa: PLR2004 - the same number stands in the pattern and the sentence
        raise ScheduleError("A name has up to 80 characters.")
    if not _NAME.fullmatch(name):
        raise ScheduleError("A name begins with a letter or digit and has letters, digits, blanks and . _ - : / ( ) +.")
    if _NUMBER.fullmatch(name):
        raise ScheduleError("A name of digits alone would be taken for the number of a run. Add a word.")
    if name.lower() in taken:
        raise ScheduleError(f"There is a job called `{name}` already.")
    return name


def _limit(typed: str, bounds: tuple[timedelta, timedelta]) -> timedelta | None:
    if not typed.strip():
        return None
    span = parse_span(typed)
    least, most = bounds
    if not least <= span <= most:
        raise ScheduleError(f"Choose between {in_words(least)} and {in_words(most)}.")
    return span


def _retries(typed: str) -> int | None:
    text = typed.strip()
    if not text:
        return None
    if not text.isdecimal() or len(text) > 4 or int(text) > MOST_RETRIES:  # noqa: PLR2004 - more digits are too many anyway
        raise ScheduleError(f"`{shown(typed)}` is no number of retries: use 0 to {MOST_RETRIES}.")
    return int(text)


def _missed(typed: str) -> MissedPolicy:
    try:
        return MissedPolicy(typed)
    except ValueError:
        raise ScheduleError("Choose what is done about a missed slot: make it up, or note it.") from None


def _span_typed(span: timedelta | None) -> str:
    if span is None:
        return ""
    seconds = round(span.total_seconds())
    return f"{seconds} s" if seconds % 60 else str(seconds // 60)


def _schedule_typed(schedule: Schedule) -> dict[str, Any]:
    match schedule:
        case OnDemand():
            return {"schedule": "on_demand"}
        case Daily(at, weekends):
            return {"schedule": "daily", "at": f"{at:%H:%M}", "weekends": weekends}
        case Days(days, at):
            return {"schedule": "days", "at": f"{at:%H:%M}", "days": tuple(DAY_WORDS[day] for day in sorted(days))}
        case Cron(text):
            return {"schedule": "cron", "cron": text}
