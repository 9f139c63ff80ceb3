"""The recipients of a group of events: by routes, subscriptions, what is hidden, and what they read elsewhere."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from domain.errors import SlackTrouble
from domain.events.audiences import has_it_already, person_hears, route_hears, wait_of
from domain.roles import Action
from domain.subscriptions.routes import RouteHealth
from domain.subscriptions.subscriptions import Profile
from storage.devices.devices import known_since
from storage.events.deferred import deferred_in
from storage.subscriptions.profiles import profiles_of
from storage.subscriptions.routes import routes_of
from storage.subscriptions.subscriptions import subscriptions_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from domain.access.access import Access
    from domain.access.people import Person
    from domain.clock import Clock
    from domain.events.audiences import Event, Wait
    from domain.subscriptions.routes import Route
    from domain.subscriptions.subscriptions import Subscription
    from storage.events.events import Untold

log = logging.getLogger(__name__)


class RecipientLookup(Protocol):
    """What Slack knows of people."""

    async def person(self, user: str, sites: Iterable[str] | None = None) -> Person:
        """The person with this id, as far as it matters for ``sites``. Raises ``SlackTrouble``."""
        ...

    async def recipients(self, channel: str) -> frozenset[str]:
        """The ids of all members of a channel. Raises ``SlackTrouble``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody who reads the post, and the events that stand in it."""

    id: str  # a channel, or a person
    events: tuple[Event, ...]
    fallback: str | None = None  # a channel to use when this one cannot be

    @property
    def is_person(self) -> bool:
        """Whether it is a person's own post."""
        return not self.id.startswith(("C", "G"))


@dataclass(slots=True)
class Audience:
    """All who hear something of a group now, and what is held back for whom."""

    recipients: list[Recipient] = field(default_factory=list)
    held: list[tuple[str, tuple[int, ...], Wait]] = field(default_factory=list)  # person, events
    is_complete: bool = True  # False: Slack could not be asked about somebody


class Recipients:
    """Finds them, anew for each change of a post: choices may have changed meanwhile."""

    def __init__(self, access: Access, directory: RecipientLookup, *, clock: Clock) -> None:
        self._access = access
        self._directory = directory
        self._clock = clock

    async def of(self, untold: Untold, events: Sequence[Event]) -> Audience:
        """Who hears what of ``events``, which are all of one group."""
        site, found = untold.event_group.site, Audience()
        routes = await routes_of(site)
        restricted = self._access.restricted_devices()
        heard = {route: [one for one in events if route_hears(route, one, restricted=restricted)] for route in routes}
        for route, some in heard.items():
            if some:
                found.recipients.append(Recipient(id=route.channel, events=tuple(some), fallback=self._fallback(route)))
        await self._add_persons(found, untold, events, self._channels(events, heard, restricted))
        return found

    def _fallback(self, route: Route) -> str | None:
        site = self._access.inventory.sites.get(route.site)
        return site.fallback if site and site.fallback != route.channel else None

    def _channels(
        self, events: Sequence[Event], heard: Mapping[Route, Sequence[Event]], restricted: frozenset[str]
    ) -> Mapping[int, set[str]]:
        """Where each event can be read by everybody there; not where messages do not arrive just now."""
        found: dict[int, set[str]] = {one.id: set() for one in events}
        for route, some in heard.items():
            channel = self._fallback(route) if route.health is RouteHealth.BAD else route.channel
            for one in some if channel else ():
                found[one.id].add(channel or "")
        for one in events:
            if one.place and one.device not in restricted:
                found[one.id].add(one.place)
        return found

    async def _add_persons(
        self, found: Audience, untold: Untold, events: Sequence[Event], channels: Mapping[int, set[str]]
    ) -> None:
        wanted = await self._wanted(untold.event_group.site, events)
        profiles = await profiles_of(wanted)
        held = await deferred_in(untold.event_group.id) if wanted else {}
        members = await self._members(set().union(*channels.values())) if wanted else {}
        for person, some in wanted.items():
            profile = profiles.get(person) or Profile(person=person)
            rooms = {channel for channel, ids in members.items() if person in ids}
            missing = [
                one for one in some if not has_it_already(person, one, channels[one.id], rooms=rooms, profile=profile)
            ]
            try:
                seen = await self._seen(person, untold.event_group.site, missing)
            except SlackTrouble as error:  # the others need not wait for it
                log.warning("cannot tell who somebody is", extra={"person": person, "error": str(error)})
                found.is_complete = False
                continue
            wait = wait_of(profile, self._clock.now())
            _sort_out(found, person, seen, wait, told=untold.told, held=held.get(person, frozenset()))
            await asyncio.sleep(0)  # a storm with many recipients must not keep everything else waiting

    async def _wanted(self, site: str, events: Sequence[Event]) -> dict[str, list[Event]]:
        """What each person wants to hear at once, by the choices alone. Most people choose the same as others."""
        subscriptions = await subscriptions_at(site)
        known = await known_since(one.device for one in events) if any(not one.and_new for one in subscriptions) else {}
        found: dict[str, list[Event]] = {}
        decided: dict[frozenset[tuple[object, ...]], list[Event]] = {}
        for person, group in groupby(subscriptions, lambda subscription: subscription.person):
            own = list(group)
            choice = frozenset(_choice(one) for one in own)
            if choice not in decided:
                decided[choice] = [one for one in events if person_hears(own, one, known_since=known.get(one.device))]
                await asyncio.sleep(0)
            if decided[choice]:
                found[person] = decided[choice]
        return found

    async def _members(self, channels: Iterable[str]) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for channel in sorted(channels):
            try:
                found[channel] = await self._directory.recipients(channel)
            except SlackTrouble as error:  # hearing it twice is better than not at all
                log.warning("members of a channel are not known", extra={"channel": channel, "error": str(error)})
        return found

    async def _seen(self, user: str, site: str, events: Sequence[Event]) -> list[Event]:
        """Those of ``events`` that this person may see."""
        if not events:
            return []
        places = self._access.places((site,), (one.device for one in events))
        person = await self._directory.person(user, places)
        hidden = self._access.hidden_devices(person)
        may_see = self._access.may(person, Action.SEE, site)
        seen = [one for one in events if may_see and one.device not in hidden]
        if len(seen) < len(events) and self._access.is_unsure(person, places):
            raise SlackTrouble(f"not known what {user} may see")
        return seen


def _choice(subscription: Subscription) -> tuple[object, ...]:
    """What of a subscription decides, whoever's it is."""
    since = None if subscription.and_new else subscription.created_at
    return (
        subscription.scope,
        subscription.target,
        subscription.failed,
        subscription.modified,
        subscription.silent,
        since,
    )


def _sort_out(
    found: Audience, person: str, events: Sequence[Event], wait: Wait | None, *, told: int, held: frozenset[int]
) -> None:
    """What of ``events`` stands in the post of ``person``, and what is held back: new ones that have to wait."""
    fresh = [one.id for one in events if one.id > told and one.id not in held] if wait else []
    if wait and fresh:
        found.held.append((person, tuple(fresh), wait))
    hidden = held.union(fresh)
    shown = tuple(one for one in events if one.id not in hidden)
    if shown:
        found.recipients.append(Recipient(id=person, events=shown))
