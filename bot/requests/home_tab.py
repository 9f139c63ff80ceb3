"""The Home tab: published when somebody opens it, and for whoever looked lately again when what it shows changes."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.errors import LastgoodError, NotAllowed, SlackTrouble
from notifications.delivery.errors import AppRefusal, SlackRefusal, asked
from notifications.home.facts import home_facts
from notifications.home.page import home_context, no_home

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from datetime import datetime

    from slack_sdk.web.async_client import AsyncWebClient

    from domain.access.access import Access
    from domain.access.people import Person
    from domain.clock import Clock

log = logging.getLogger(__name__)

HOME_REFRESH_PERIOD = timedelta(hours=1)  # for so long after opening it, a person's tab is kept right
HOME_PUBLISH_INTERVAL = timedelta(seconds=10)  # between two publications for one person
HOME_PUBLISH_PACE = timedelta(seconds=1)  # between two publications by ourselves: Slack limits them over all persons
HOME_REFUSED_FIRST_PAUSE = timedelta(seconds=10)  # after Slack refused the app; doubles with each
HOME_REFUSED_MAX_PAUSE = timedelta(minutes=5)  # the longest pause between two publications while it does
HOME_UNSURE_INTERVAL = timedelta(minutes=1)  # between two, where Slack did not say to what the person belongs
MAX_OPEN_HOMES = 200  # persons whose tabs are kept right at a time
_CHANGING = frozenset(  # commands after which tabs may look different; what becomes of runs is heard otherwise
    {"add", "edit", "pause", "resume", "delete", "trust", "review", "access"}
    | {"subscribe", "unsubscribe", "mute", "unmute"}
)


@dataclass
class _Look:
    """One person's tab."""

    teams: frozenset[str]
    opened_at: datetime
    sites: frozenset[str] = frozenset()  # that it shows
    published_at: datetime | None = None
    hash: str | None = None  # of what Slack shows; None: not known
    is_outdated: bool = False
    is_unsure: bool = False  # Slack left open to what the person belongs, so that something may be missing
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)


class Home:
    """Publishes the Home tabs. What a person may see is asked at each publication anew."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        admitted: Callable[[str, frozenset[str]], Awaitable[Person]],
        access: Access,
        view: Callable[[str, Mapping[str, object]], dict[str, Any]],
        clock: Clock,
        slash: str,
    ) -> None:
        """Publish through ``client``; ``admitted`` is ``Admission.admitted`` and ``view`` the renderer's ``home``."""
        self._client = client
        self._admitted = admitted
        self._access = access
        self._view = view
        self._clock = clock
        self._slash = slash
        self._looks: dict[str, _Look] = {}
        self._changed = asyncio.Event()
        self._stopping = False
        self._rests_until: datetime | None = None
        self._pause = HOME_PUBLISH_PACE

    async def publish(self, user: str, teams: frozenset[str]) -> None:
        """Show ``user`` how everything stands now, and keep it right for a while."""
        now = self._clock.steady()
        self._forget(now)
        look = self._looks.setdefault(user, _Look(teams, now))
        look.teams, look.opened_at = teams, now
        await self._publish(user, look)

    def changed(self, sites: Iterable[str]) -> None:
        """Something that tabs show of ``sites`` has changed: they are published again soon."""
        keys = frozenset(sites)
        for look in self._looks.values():
            look.is_outdated = look.is_outdated or bool(look.sites & keys)
        self._changed.set()

    def answered(self, words: Iterable[str]) -> None:
        """Somebody has asked for this: it may have changed what tabs show."""
        if _CHANGING.intersection(word.casefold() for word in words):
            self.all_changed()

    def all_changed(self) -> None:
        """Every tab may look different now."""
        for look in self._looks.values():
            look.is_outdated = True
        self._changed.set()

    def stop(self) -> None:
        """Publish nothing more by itself."""
        self._stopping = True
        self._changed.set()

    async def run(self) -> None:
        """Publish what is outdated until ``stop``. Nothing is asked while nothing changes."""
        while not self._stopping:
            self._changed.clear()
            await self._wait(await self._publish_due())

    async def _publish_due(self) -> datetime | None:
        """Publish the tab that has been outdated the longest, if it may be; returns when to look again."""
        now = self._clock.steady()
        self._forget(now)
        ready = {user: _ready_at(look) for user, look in self._looks.items() if look.is_outdated}
        if not ready:
            return None
        user = min(ready, key=lambda one: ready[one])
        soonest = max(ready[user], self._rests_until or ready[user])
        if soonest > now:
            return soonest
        await self._publish(user, self._looks[user])
        self._rests_until = self._clock.steady() + self._pause
        return self._rests_until

    async def _wait(self, until: datetime | None) -> None:
        deferred: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._changed.wait())]
        if until is not None:
            deferred.append(asyncio.ensure_future(self._clock.sleep(until - self._clock.steady())))
        try:
            await asyncio.wait(deferred, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in deferred:
                wait.cancel()

    async def _publish(self, user: str, look: _Look) -> None:
        """Publish the tab of ``user``; if somebody else has done so meanwhile, read everything again first."""
        async with look.one_at_a_time:
            look.is_outdated, look.published_at = False, self._clock.steady()
            try:
                await self._put_anew(user, look)
                self._pause = HOME_PUBLISH_PACE
            except AppRefusal as error:
                log.warning("home not published", extra={"error": repr(error)})
                look.is_outdated = True
                self._pause = min(max(self._pause * 2, HOME_REFUSED_FIRST_PAUSE), HOME_REFUSED_MAX_PAUSE)
            except SlackRefusal as refusal:
                log.warning("home not published", extra={"error": repr(refusal)})
            except SlackTrouble as error:
                log.warning("home not published", extra={"error": repr(error)})
                look.is_outdated = True
            except Exception:  # an edge: one tab's bug must not stop the others
                log.exception("home crashed", extra={"person": user})

    async def _put_anew(self, user: str, look: _Look) -> None:
        try:
            await self._put(user, look)
        except SlackRefusal as refusal:
            if refusal.code != "hash_conflict":
                raise
            look.hash = None  # somebody else has written it: what is true now, whatever stands there
            await self._put(user, look)

    async def _put(self, user: str, look: _Look) -> None:
        view = self._view("home", await self._context(user, look))
        known = {"hash": look.hash} if look.hash else {}
        answer = await asked("views.publish", self._client.views_publish(user_id=user, view=view, **known))
        look.hash = str((answer.get("view") or {}).get("hash") or "") or None
        look.is_outdated = look.is_outdated or look.is_unsure

    async def _context(self, user: str, look: _Look) -> dict[str, object]:
        try:
            person = await self._admitted(user, look.teams)
        except NotAllowed as error:
            return no_home(error.advice, slash=self._slash)
        except LastgoodError as error:
            log.warning("home not shown", extra={"error": repr(error)})
            return no_home(error.advice, slash=self._slash)
        look.is_unsure = bool(person.unknown)
        facts = await home_facts(self._access, person, now=self._clock.now())
        look.sites = frozenset(site.key for site in facts.sites)
        return home_context(facts, self._access, slash=self._slash)

    def _forget(self, now: datetime) -> None:
        """Keep those who opened it lately, at most so many."""
        fresh = [(user, look) for user, look in self._looks.items() if look.opened_at > now - HOME_REFRESH_PERIOD]
        fresh.sort(key=lambda one: one[1].opened_at)
        self._looks = dict(fresh[-MAX_OPEN_HOMES:])


def _ready_at(look: _Look) -> datetime:
    """From when on it may be published again."""
    pause = HOME_UNSURE_INTERVAL if look.is_unsure else HOME_PUBLISH_INTERVAL
    return (look.published_at or look.opened_at) + pause
