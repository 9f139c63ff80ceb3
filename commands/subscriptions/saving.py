"""Writing down what a person chose in the form: what to be told, digests, quiet hours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time
from typing import TYPE_CHECKING

from commands.subscriptions.targets import subscription_on
from domain.digests.digests import Digest, DigestFields, DigestForm, DigestPeriod
from domain.jobs.schedules import DAY_WORDS, Daily, Days
from domain.times.times_of_day import time_of_day
from notifications.pages import subscription_forms as names
from notifications.pages.subscription_forms import Filled
from storage.subscriptions import digests, profiles, subscriptions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from commands.subscriptions.targets import Thing
    from domain.access.people import Person
    from domain.jobs.schedules import Schedule
    from domain.subscriptions.subscriptions import Profile, Subscription

_MORNING = time(7, 0)
_SPANS = {names.DAILY: DigestPeriod.DAY, names.WEEKLY: DigestPeriod.WEEK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """All that one person chose."""

    subscription: Subscription
    digests: tuple[Digest, ...]
    profile: Profile


def problems_in(filled: Filled) -> dict[str, str]:
    """What is wrong, by the names of the fields."""
    wrong = {
        name: "Write it as hours and minutes, such as 07:00."
        for name in ("at", "quiet_from", "quiet_to")
        if filled.text(name) and time_of_day(filled.text(name)) is None
    }
    start, end = filled.text("quiet_from"), filled.text("quiet_to")
    if bool(start) != bool(end):
        wrong["quiet_to" if start else "quiet_from"] = "Quiet hours need a beginning and an end."
    elif start and time_of_day(start) == time_of_day(end) is not None:
        wrong["quiet_to"] = "Quiet hours cannot begin and end at the same time. Leave both empty to have none."
    if filled.text("day", "mon") not in DAY_WORDS:
        wrong["day"] = "Choose a day of the week."
    if filled.text("form", DigestForm.LONG.value) not in set(DigestForm):
        wrong["form"] = "Choose the length of the digests."
    return wrong


async def write_choices(person: Person, thing: Thing, filled: Filled, *, now: datetime) -> Chosen:
    """Write down everything that the form holds; ``problems_in`` found nothing in it."""
    at_once = filled.ticked("at_once")
    subscription = await subscriptions.put_subscription(
        subscription_on(
            thing,
            person,
            failed=names.FAILED in at_once,
            modified=names.MODIFIED in at_once,
            and_new=names.ON in filled.ticked("new"),
        ),
        now=now,
    )
    profile = replace(
        await profiles.profile_of(person.id),
        even_if_in_channel=names.ON in filled.ticked("twice"),
        quiet_from=time_of_day(filled.text("quiet_from")),
        quiet_to=time_of_day(filled.text("quiet_to")),
        zone=person.timezone,
    )
    await profiles.put_profile(profile)
    return Chosen(subscription=subscription, digests=await _write_digests(person, filled, now), profile=profile)


def filled_from(subscription: Subscription | None, digests: Mapping[DigestPeriod, Digest], profile: Profile) -> Filled:
    """The form as it is for somebody who has chosen this so far; without a subscription, with what most people want."""
    failed, modified = (subscription.failed, subscription.modified) if subscription else (True, False)
    first = next(iter(digests.values()), None)
    weekly = digests.get(DigestPeriod.WEEK)
    day = min(weekly.schedule.days) if weekly and isinstance(weekly.schedule, Days) else 0
    at = first.schedule.at if first and isinstance(first.schedule, Daily | Days) else _MORNING
    return Filled(
        values={
            "at_once": (names.FAILED,) * failed + (names.MODIFIED,) * modified,
            "new": (names.ON,) * (subscription.and_new if subscription else True),
            "digests": tuple(name for name, span in _SPANS.items() if span in digests),
            "at": f"{at:%H:%M}",
            "day": DAY_WORDS[day],
            "form": (first.form if first else DigestForm.LONG).value,
            "quiet_from": f"{profile.quiet_from:%H:%M}" if profile.quiet_from else "",
            "quiet_to": f"{profile.quiet_to:%H:%M}" if profile.quiet_to else "",
            "twice": (names.ON,) * profile.even_if_in_channel,
        }
    )


async def digests_of(person: str) -> dict[DigestPeriod, Digest]:
    """The digests that a person gets, by their spans."""
    return {one.period: one for one in await digests.digests_of(person) if one.site is None}


async def _write_digests(person: Person, filled: Filled, now: datetime) -> tuple[Digest, ...]:
    wanted = filled.ticked("digests")
    at = time_of_day(filled.text("at")) or _MORNING
    day = DAY_WORDS.index(filled.text("day", "mon"))
    form = DigestForm(filled.text("form", DigestForm.LONG.value))
    schedules: Mapping[DigestPeriod, Schedule] = {
        DigestPeriod.DAY: Daily(at, weekends=True),
        DigestPeriod.WEEK: Days(frozenset({day}), at),
    }
    known, written = await digests_of(person.id), list[Digest]()
    for name, span in _SPANS.items():
        if name in wanted:
            fields = DigestFields(
                recipient=person.id, site=None, period=span, schedule=schedules[span], zone=person.timezone, form=form
            )
            written.append(await digests.put_digest(fields, now=now))
        elif span in known:
            await digests.remove_digest(person.id, known[span].id)
    return tuple(written)
