"""What people watch, by what they type or choose: devices, jobs and sites, as far as they exist for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from commands.input.catalogue import MAX_OPTIONS, site_of
from commands.input.quoting import MAX_WORD, action_words, quote
from commands.lookup.jobs import find_job, job_options, job_value
from domain.inventory.declared import Device, Site
from domain.jobs.job import Job
from domain.roles import Action
from domain.subscriptions.watches import WatchFields, WatchScope
from notifications.pages.subscription_words import watched_thing
from notifications.rendering.form_fields import Choice
from storage.jobs.jobs import jobs_by_id
from storage.subscriptions.watches import watches_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from commands.request import Option
    from commands.services import Services
    from domain.access.people import Person
    from domain.subscriptions.watches import Watch

_JOBS_OFFERED = 20  # of the 100 lines of a picker

Thing = Device | Site | Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A watch with what it is about, as a list names it."""

    watch: Watch
    label: str
    value: str  # the word by which a button means the thing


async def thing_and_rest(services: Services, person: Person, words: Sequence[str]) -> tuple[Thing, tuple[str, ...]]:
    """The device, site or job that the first words name, as many as belong to it, and the words after it.

    Raises:
        UnknownName: there is none that this person may see.
        NotNow: several jobs have this name.
    """
    catalogue = services.catalogue
    if words and words[0].startswith("job:"):
        found = await find_job(services, person, words)
        if found:
            return found
    for count in range(len(words), 0, -1):
        if catalogue.has_target(person, words[:count]):
            return catalogue.target(person, words[:count]), tuple(words[count:])
    job = await find_job(services, person, words)
    return job or (catalogue.target(person, words[:1]), tuple(words[1:]))  # the latter raises, with what is nearest


def require_thing(services: Services, person: Person, thing: Thing) -> None:
    """Pass if ``person`` may watch it. Raises ``NotAllowed``."""
    services.access.require(person, Action.SUBSCRIBE, site_key(thing), device_of(thing))


def watch_on(
    thing: Thing, person: Person, *, failed: bool, modified: bool, and_new: bool = True, silent: bool = False
) -> WatchFields:
    """The watch of ``person`` on ``thing``."""
    return WatchFields(
        person=person.id,
        scope=scope_of(thing),
        target=_target(thing),
        site=site_key(thing),
        failed=failed,
        modified=modified,
        and_new=and_new,
        silent=silent,
    )


def choice_of(thing: Thing) -> Choice:
    """How a form shows what is chosen."""
    names = {WatchScope.DEVICE: "", WatchScope.JOB: "job ", WatchScope.SITE: "every device of "}
    return Choice(text=f"{names[scope_of(thing)]}{thing.name}", value=value_of(thing))


def value_of(thing: Thing) -> str:
    """The words by which our own buttons and menus mean it."""
    if isinstance(thing, Job):
        return job_value(thing)
    return quote(f"device:{thing.name}" if isinstance(thing, Device) else f"site:{thing.key}")


def words_of(value: str) -> tuple[str, ...]:
    """The words of a value that a menu gave; none, if it is longer than any of ours."""
    return action_words("do:x", value)[1:] if len(value) <= MAX_WORD else ()


async def thing_options(services: Services, person: Person, typed: str) -> list[Option]:
    """What this person may watch: sites and devices, then jobs."""
    targets = services.catalogue.target_options(person, Action.SUBSCRIBE, typed)
    jobs = await job_options(services, person, Action.SUBSCRIBE, typed)
    room = MAX_OPTIONS - min(len(jobs), _JOBS_OFFERED)
    return [*targets[:room], *jobs][:MAX_OPTIONS]


async def watch_of(person: Person, thing: Thing) -> Watch | None:
    """The watch that ``person`` has on ``thing`` itself; None: there is none."""
    wanted = scope_of(thing), _target(thing)
    return next((one for one in await watches_of(person.id) if (one.scope, one.target) == wanted), None)


async def named_watches(services: Services, person: Person) -> list[Named]:
    """All that ``person`` watches and may still see, by names."""
    watches = await watches_of(person.id)
    jobs = await jobs_by_id(int(one.target) for one in watches if one.scope is WatchScope.JOB)
    found = (_named(services, person, watch, jobs) for watch in watches)
    return [one for one in found if one]


def covers(watches: Iterable[Watch], device: Device) -> bool:
    """Whether one of ``watches`` is about the whole site of ``device``."""
    return any(one.scope is WatchScope.SITE and one.target == device.site for one in watches)


def device_of(thing: Thing) -> str | None:
    """The device whose restrictions count for ``thing``."""
    return thing.name if isinstance(thing, Device) else thing.device if isinstance(thing, Job) else None


def scope_of(thing: Thing) -> WatchScope:
    """What kind of watch there is on ``thing``."""
    if isinstance(thing, Job):
        return WatchScope.JOB
    return WatchScope.DEVICE if isinstance(thing, Device) else WatchScope.SITE


def _named(services: Services, person: Person, watch: Watch, jobs: Mapping[int, Job]) -> Named | None:
    device = watch.target if watch.scope is WatchScope.DEVICE else None
    if not services.access.may(person, Action.SEE, watch.site, device):
        return None
    if watch.scope is WatchScope.JOB:
        job = jobs.get(int(watch.target))
        if job is None or job.deleted or not services.access.may(person, Action.SEE, job.site, job.device):
            return None
        return Named(watch=watch, label=watched_thing(watch, job.name), value=job_value(job))
    site = services.inventory.sites.get(watch.target)
    name = site.name if watch.scope is WatchScope.SITE and site else watch.target
    value = quote(f"{watch.scope.value}:{watch.target}")
    return Named(watch=watch, label=watched_thing(watch, name), value=value)


def site_key(thing: Thing) -> str:
    """The site whose roles count for ``thing``."""
    return thing.site if isinstance(thing, Job) else site_of(thing)


def _target(thing: Thing) -> str:
    if isinstance(thing, Job):
        return str(thing.id)
    return thing.name if isinstance(thing, Device) else thing.key
