"""A job as somebody writes it down, before anybody has looked whether it makes sense."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from domain.jobs.cron import ScheduleError, shown
from domain.jobs.job import JobFields, JobKind, MissedPolicy
from domain.jobs.schedules import DAY_WORDS, Cron, Daily, Days, OnDemand, Schedule
from domain.jobs.spoken import parse_cron, parse_days, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.inventory.declared import Inventory

MAX_JOB_NAME = 60  # characters
MIN_TIME_LIMIT = timedelta(seconds=10)
MAX_TIME_LIMIT = timedelta(days=1)
MAX_RETRIES = 10  # retries of one run
ON_DEMAND, DAILY, DAYS, CRON = "on_demand", "daily", "days", "cron"
PATTERNS = (DAILY, DAYS, CRON, ON_DEMAND)

_SPAN = re.compile(r"(\d{1,6})\s*(s|sec|m|min|h|d)", re.ASCII)
_UNITS = {"s": "seconds", "sec": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days"}
_NOT_IN_NAMES = re.compile(r"[<>`\"\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")

Value = TypeVar("Value")
Errors = dict[str, str]  # the name of a field of JobDraft, and the sentence that belongs beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDraft:
    """The fields of a form, as they were entered."""

    kind: str = JobKind.DEVICE.value
    target: str = ""  # name of the device, or key of the site
    name: str = ""
    pattern: str = DAILY  # one of PATTERNS
    at: str = "02:00"
    weekends: bool = False  # of DAILY: Saturday and Sunday too
    days: tuple[str, ...] = ()  # of DAYS: "mon" to "sun"
    cron: str = ""
    waiting: str = ""  # "30m"; empty: as declared for each device
    running: str = ""
    retries: str = ""
    missed: str = MissedPolicy.MAKE_UP.value
    enabled: bool = True


def check_draft(draft: JobDraft, inventory: Inventory) -> JobFields | Errors:
    """The job that ``draft`` means, or a sentence for each field that is wrong.

    Whether the name is free is not asked here, and neither is what the person may do.
    """
    errors: Errors = {}
    if draft.kind not in set(JobKind):
        errors["kind"] = "Choose what is backed up."
    site, device = _target(draft, inventory, errors)
    name = _checked(errors, "name", lambda: _name(draft.name))
    schedule = read_schedule(draft, errors)
    waiting = _checked(errors, "waiting", lambda: _limit(draft.waiting))
    running = _checked(errors, "running", lambda: _limit(draft.running))
    retries = _checked(errors, "retries", lambda: _retries(draft.retries))
    missed = _checked(errors, "missed", lambda: _missed(draft.missed))
    if errors or site is None or name is None or schedule is None or missed is None:
        return errors
    return JobFields(
        name=name,
        kind=JobKind.DEVICE if device else JobKind.SITE,
        site=site,
        device=device,
        schedule=schedule,
        waiting_limit=waiting,
        running_limit=running,
        retries=retries,
        missed=missed,
        enabled=draft.enabled,
    )


def read_schedule(draft: JobDraft, errors: Errors) -> Schedule | None:
    """The schedule that ``draft`` means; None: what is wrong is now in ``errors``."""
    if draft.pattern == ON_DEMAND:
        return OnDemand()
    if draft.pattern == CRON:
        return _checked(errors, "cron", lambda: _cron(draft.cron))
    if draft.pattern not in PATTERNS:
        errors["pattern"] = "Choose when it runs."
        return None
    at = _checked(errors, "at", lambda: parse_time(draft.at))
    days = _checked(errors, "days", lambda: parse_days(draft.days)) if draft.pattern == DAYS else frozenset[int]()
    if at is None or days is None:
        return None
    return Days(days, at) if days else Daily(at, weekends=draft.weekends)


def draft_of(fields: JobFields) -> JobDraft:
    """The draft that means ``fields``."""
    return with_schedule(
        JobDraft(
            kind=fields.kind.value,
            target=fields.device or fields.site,
            name=fields.name,
            waiting=span_in_short(fields.waiting_limit),
            running=span_in_short(fields.running_limit),
            retries="" if fields.retries is None else str(fields.retries),
            missed=fields.missed.value,
            enabled=fields.enabled,
        ),
        fields.schedule,
    )


def with_schedule(draft: JobDraft, schedule: Schedule) -> JobDraft:
    """``draft`` with ``schedule``; what it held of other schedules stays as it was."""
    match schedule:
        case Daily(at, weekends):
            return replace(draft, pattern=DAILY, at=f"{at:%H:%M}", weekends=weekends)
        case Days(days, at):
            return replace(draft, pattern=DAYS, at=f"{at:%H:%M}", days=tuple(DAY_WORDS[day] for day in sorted(days)))
        case Cron(text):
            return replace(draft, pattern=CRON, cron=text)
    return replace(draft, pattern=ON_DEMAND)


def span_in_short(span: timedelta | None) -> str:
    """A limit as people write it: ``30m``, ``2h``, ``90s``."""
    if span is None:
        return ""
    seconds = round(span.total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _checked(errors: Errors, field: str, read: Callable[[], Value]) -> Value | None:
    try:
        return read()
    except ScheduleError as error:
        errors[field] = error.advice
    except ValueError as error:
        errors[field] = str(error)
    return None


def _target(draft: JobDraft, inventory: Inventory, errors: Errors) -> tuple[str | None, str | None]:
    if draft.kind == JobKind.SITE.value:
        site = inventory.sites.get(draft.target)
        if site is None:
            errors["target"] = "Choose a site from the list."
        return (site.key, None) if site else (None, None)
    device = inventory.devices.get(draft.target)
    if device is None:
        errors["target"] = "Choose a device from the list."
    return (device.site, device.name) if device else (None, None)


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not name:
        raise ValueError("Give the job a name.")
    if len(name) > MAX_JOB_NAME:
        raise ValueError(f"A name has at most {MAX_JOB_NAME} characters. This one has {len(name):,}.")
    if _NOT_IN_NAMES.search(name):
        raise ValueError('A name cannot contain <, >, ", a backtick (\u02cb) or invisible characters.')
    if not any(character.isalnum() for character in name):
        raise ValueError("A name needs at least one letter or digit.")
    return name


def _cron(typed: str) -> Schedule:
    if not typed.strip():
        raise ValueError("Write five fields, such as `0 2 * * 1-5`: minute, hour, day, month, day of the week.")
    return parse_cron(typed)


def _limit(typed: str) -> timedelta | None:
    if not typed.strip():
        return None
    found = _SPAN.fullmatch(typed.strip().lower()[:20])
    if not found:
        raise ValueError(f"`{shown(typed)}` is not a duration. Write it as `90s`, `30m` or `2h`.")
    span = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if not MIN_TIME_LIMIT <= span <= MAX_TIME_LIMIT:
        raise ValueError("A time limit is between 10 seconds (`10s`) and one day (`1d`).")
    return span


def _retries(typed: str) -> int | None:
    text = typed.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 2 or int(text) > MAX_RETRIES:  # noqa: PLR2004 - digits
        raise ValueError(f"Write a number from 0 to {MAX_RETRIES}.")
    return int(text)


def _missed(chosen: str) -> MissedPolicy:
    try:
        return MissedPolicy(chosen)
    except ValueError:
        raise ValueError("Choose what to do about a missed start.") from None
