"""Who reads a post of news, and what of it: routes, watches, what is hidden, and what they can read elsewhere."""

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
from domain.subscriptions.watches import Profile
from storage.devices.devices import known_since
from storage.events.deferred import held_in
from storage.subscriptions.profiles import profiles_of
from storage.subscriptions.routes import routes_of
from storage.subscriptions.watches import watches_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from domain.access.access import Access
    from domain.access.people import Person
    from domain.clock import Clock
    from domain.events.audiences import News, Wait
    from domain.subscriptions.routes import Route
    from domain.subscriptions.watches import Watch
    from storage.events.events import Untold

log = logging.getLogger(__name__)


class Directory(Protocol):
    """What Slack knows of people."""

    async def person(self, user: str) -> Person:
        """The person with this id. Raises ``SlackTrouble``."""
        ...

    async def readers(self, channel: str) -> frozenset[str]:
        """The ids of all members of a channel. Raises ``SlackTrouble``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who reads the post, and the news that stand in it."""

    id: str  # a channel, or a person
    news: tuple[News, ...]
    fallback: str | None = None  # a channel to use when this one cannot be

    @property
    def is_person(self) -> bool:
        """Whether it is a person's own post."""
        return not self.id.startswith(("C", "G"))


@dataclass(slots=True)
class Audience:
    """All who hear something of a bundle now, and what is held back for whom."""

    readers: list[Reader] = field(default_factory=list)
    held: list[tuple[str, tuple[int, ...], Wait]] = field(default_factory=list)  # person, news
    is_complete: bool = True  # False: Slack could not be asked about somebody


class Readers:
    """Finds them, anew for each change of a post: choices may have changed meanwhile."""

    def __init__(self, access: Access, directory: Directory, *, clock: Clock) -> None:
        self._access = access
        self._directory = directory
        self._clock = clock

    async def of(self, untold: Untold, news: Sequence[News]) -> Audience:
        """Who hears what of ``news``, which are all of one bundle."""
        site, found = untold.bundle.site, Audience()
        routes = await routes_of(site)
        restricted = self._access.restricted_devices()
        heard = {route: [one for one in news if route_hears(route, one, restricted=restricted)] for route in routes}
        for route, some in heard.items():
            if some:
                found.readers.append(Reader(id=route.channel, news=tuple(some), fallback=self._fallback(route)))
        await self._add_persons(found, untold, news, self._channels(news, heard, restricted))
        return found

    def _fallback(self, route: Route) -> str | None:
        site = self._access.inventory.sites.get(route.site)
        return site.fallback if site and site.fallback != route.channel else None

    def _channels(
        self, news: Sequence[News], heard: Mapping[Route, Sequence[News]], restricted: frozenset[str]
    ) -> Mapping[int, set[str]]:
        """Where each piece of news can be read by everybody there; not where messages do not arrive just now."""
        found: dict[int, set[str]] = {one.id: set() for one in news}
        for route, some in heard.items():
            channel = self._fallback(route) if route.health is RouteHealth.BAD else route.channel
            for one in some if channel else ():
                found[one.id].add(channel or "")
        for one in news:
            if one.place and one.device not in restricted:
                found[one.id].add(one.place)
        return found

    async def _add_persons(
        self, found: Audience, untold: Untold, news: Sequence[News], channels: Mapping[int, set[str]]
    ) -> None:
        wanted = await self._wanted(untold.bundle.site, news)
        profiles = await profiles_of(wanted)
        held = await held_in(untold.bundle.id) if wanted else {}
        members = await self._members(set().union(*channels.values())) if wanted else {}
        for person, some in wanted.items():
            profile = profiles.get(person) or Profile(person=person)
            rooms = {channel for channel, ids in members.items() if person in ids}
            missing = [
                one for one in some if not has_it_already(person, one, channels[one.id], rooms=rooms, profile=profile)
            ]
            try:
                seen = await self._seen(person, untold.bundle.site, missing)
            except SlackTrouble as error:  # the others need not wait for it
                log.warning("cannot tell who somebody is", extra={"person": person, "error": str(error)})
                found.is_complete = False
                continue
            wait = wait_of(profile, self._clock.now())
            _sort_out(found, person, seen, wait, told=untold.told, held=held.get(person, frozenset()))
            await asyncio.sleep(0)  # a storm with many readers must not keep everything else waiting

    async def _wanted(self, site: str, news: Sequence[News]) -> dict[str, list[News]]:
        """What each person wants to hear at once, by the choices alone. Most people choose the same as others."""
        watches = await watches_at(site)
        known = await known_since(one.device for one in news) if any(not one.and_new for one in watches) else {}
        found: dict[str, list[News]] = {}
        decided: dict[frozenset[tuple[object, ...]], list[News]] = {}
        for person, group in groupby(watches, lambda watch: watch.person):
            own = list(group)
            choice = frozenset(_choice(one) for one in own)
            if choice not in decided:
                decided[choice] = [one for one in news if person_hears(own, one, known_since=known.get(one.device))]
                await asyncio.sleep(0)
            if decided[choice]:
                found[person] = decided[choice]
        return found

    async def _members(self, channels: Iterable[str]) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for channel in sorted(channels):
            try:
                found[channel] = await self._directory.readers(channel)
            except SlackTrouble as error:  # hearing it twice is better than not at all
                log.warning("members of a channel are not known", extra={"channel": channel, "error": str(error)})
        return found

    async def _seen(self, user: str, site: str, news: Sequence[News]) -> list[News]:
        """Those of ``news`` that this person may see."""
        if not news:
            return []
        person = await self._directory.person(user)
        if not self._access.may(person, Action.SEE, site):
            return []
        hidden = self._access.hidden_devices(person)
        return [one for one in news if one.device not in hidden]


def _choice(watch: Watch) -> tuple[object, ...]:
    """What of a watch decides, whoever's it is."""
    since = None if watch.and_new else watch.created_at
    return (watch.scope, watch.target, watch.failed, watch.modified, watch.silent, since)


def _sort_out(
    found: Audience, person: str, news: Sequence[News], wait: Wait | None, *, told: int, held: frozenset[int]
) -> None:
    """What of ``news`` stands in the post of ``person``, and what is held back: new ones that have to wait."""
    fresh = [one.id for one in news if one.id > told and one.id not in held] if wait else []
    if wait and fresh:
        found.held.append((person, tuple(fresh), wait))
    hidden = held.union(fresh)
    shown = tuple(one for one in news if one.id not in hidden)
    if shown:
        found.readers.append(Reader(id=person, news=shown))
