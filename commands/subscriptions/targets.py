"""What people subscribe to, by what they type or choose: devices, jobs and sites, as far as they exist for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from commands.input.catalogue import MAX_OPTIONS, site_of
from commands.input.quoting import MAX_WORD, action_words, quote
from commands.lookup.jobs import find_job, job_options, job_value
from domain.inventory.declared import Device, Site
from domain.jobs.job import Job
from domain.roles import Action
from domain.subscriptions.subscriptions import SubscriptionFields, SubscriptionScope
from notifications.pages.subscription_words import subscribed_thing
from notifications.rendering.form_fields import Choice
from storage.jobs.jobs import jobs_by_id
from storage.subscriptions.subscriptions import subscriptions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from commands.request import Option
    from commands.services import Services
    from domain.access.people import Person
    from domain.subscriptions.subscriptions import Subscription

_JOBS_OFFERED = 20  # of the 100 lines of a picker

Thing = Device | Site | Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A subscription with what it is about, as a list names it."""

    subscription: Subscription
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
    """Pass if ``person`` may subscribe to it. Raises ``NotAllowed``."""
    services.access.require(person, Action.SUBSCRIBE, site_key(thing), device_of(thing))


def subscription_on(
    thing: Thing, person: Person, *, failed: bool, modified: bool, and_new: bool = True, silent: bool = False
) -> SubscriptionFields:
    """The subscription of ``person`` on ``thing``."""
    return SubscriptionFields(
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
    names = {SubscriptionScope.DEVICE: "", SubscriptionScope.JOB: "job ", SubscriptionScope.SITE: "every device of "}
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
    """What this person may subscribe to: sites and devices, then jobs."""
    targets = services.catalogue.target_options(person, Action.SUBSCRIBE, typed)
    jobs = await job_options(services, person, Action.SUBSCRIBE, typed)
    room = MAX_OPTIONS - min(len(jobs), _JOBS_OFFERED)
    return [*targets[:room], *jobs][:MAX_OPTIONS]


async def subscription_of(person: Person, thing: Thing) -> Subscription | None:
    """The subscription that ``person`` has on ``thing`` itself; None: there is none."""
    wanted = scope_of(thing), _target(thing)
    return next((one for one in await subscriptions_of(person.id) if (one.scope, one.target) == wanted), None)


async def named_subscriptions(services: Services, person: Person) -> list[Named]:
    """All that ``person`` subscriptions and may still see, by names."""
    subscriptions = await subscriptions_of(person.id)
    jobs = await jobs_by_id(int(one.target) for one in subscriptions if one.scope is SubscriptionScope.JOB)
    found = (_named(services, person, subscription, jobs) for subscription in subscriptions)
    return [one for one in found if one]


def covers(subscriptions: Iterable[Subscription], device: Device) -> bool:
    """Whether one of ``subscriptions`` is about the whole site of ``device``."""
    return any(one.scope is SubscriptionScope.SITE and one.target == device.site for one in subscriptions)


def device_of(thing: Thing) -> str | None:
    """The device whose restrictions count for ``thing``."""
    return thing.name if isinstance(thing, Device) else thing.device if isinstance(thing, Job) else None


def scope_of(thing: Thing) -> SubscriptionScope:
    """What kind of subscription there is on ``thing``."""
    if isinstance(thing, Job):
        return SubscriptionScope.JOB
    return SubscriptionScope.DEVICE if isinstance(thing, Device) else SubscriptionScope.SITE


def _named(services: Services, person: Person, subscription: Subscription, jobs: Mapping[int, Job]) -> Named | None:
    device = subscription.target if subscription.scope is SubscriptionScope.DEVICE else None
    if not services.access.may(person, Action.SEE, subscription.site, device):
        return None
    if subscription.scope is SubscriptionScope.JOB:
        job = jobs.get(int(subscription.target))
        if job is None or job.deleted or not services.access.may(person, Action.SEE, job.site, job.device):
            return None
        return Named(subscription=subscription, label=subscribed_thing(subscription, job.name), value=job_value(job))
    site = services.inventory.sites.get(subscription.target)
    name = site.name if subscription.scope is SubscriptionScope.SITE and site else subscription.target
    value = quote(f"{subscription.scope.value}:{subscription.target}")
    return Named(subscription=subscription, label=subscribed_thing(subscription, name), value=value)


def site_key(thing: Thing) -> str:
    """The site whose roles count for ``thing``."""
    return thing.site if isinstance(thing, Job) else site_of(thing)


def _target(thing: Thing) -> str:
    if isinstance(thing, Job):
        return str(thing.id)
    return thing.name if isinstance(thing, Device) else thing.key
