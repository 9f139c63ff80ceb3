"""Bringing digests: composed when they are due, once each, with what may be seen at that moment."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from domain.digests.digests import DigestForm, DigestPeriod
from domain.digests.scopes import Scope, channel_scope, restricted_in, seen_scope, subscribed_scope
from domain.errors import SlackTrouble
from domain.messages.outbox import Message, MessageKind
from domain.subscriptions.subscriptions import SubscriptionScope
from domain.times.zones import zone_or_utc
from notifications.digests.facts import DigestRequest, Facts, gather
from notifications.digests.pages import digest_page, late_words, nothing_subscribed
from notifications.digests.parts import About
from notifications.graphs.graphs import graph_file, graph_of
from storage.devices.devices import known_since
from storage.jobs.jobs import jobs_by_id
from storage.messages import outbox
from storage.subscriptions import digests
from storage.subscriptions.profiles import profile_of
from storage.subscriptions.subscriptions import subscriptions_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from domain.access.access import Access
    from domain.access.people import Person
    from domain.clock import Clock
    from domain.digests.digests import Digest, DueDigest
    from domain.runs.agent_status import AgentStatus
    from domain.subscriptions.subscriptions import Subscription
    from notifications.rendering.renderer import Context, Renderer
    from storage.subscriptions.digests import DigestStanding

log = logging.getLogger(__name__)

DIGEST_LIFETIME: Final = timedelta(days=7)  # so long a digest waits for Slack
MAX_WITHHELD_TRIES: Final = 3  # of composing one whose recipients lost access meanwhile
MAX_COMPOSE_ATTEMPTS: Final = 8  # of composing one that fails, with growing pauses: over half an hour
COMPOSE_RETRY_PAUSE: Final = timedelta(seconds=10)  # after the first of them
SLACK_AWAY_PAUSE: Final = timedelta(seconds=30)  # until it is asked again who somebody is
MAX_UNSURE_DELAY: Final = timedelta(minutes=15)  # so long a digest waits for what Slack leaves open of its recipient


class PersonLookup(Protocol):
    """Who is behind a Slack id."""

    async def person(self, user: str, sites: Iterable[str] | None = None) -> Person:
        """The person with this id, as far as it matters for ``sites`` or for all. Raises ``SlackTrouble``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A digest that is made: what it says, and whose facts it holds."""

    context: Context
    sites: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    graph: Mapping[str, Any] | None = None  # what is drawn for it; None: nothing


class Digester:
    """Composes what is due, one digest after the other, and looks after each until it stands in Slack.

    A digest is withheld if its recipients lost access between composing and sending: it is composed anew then, without
    what was lost, and not at all for somebody to whom nothing is left.
    """

    def __init__(
        self,
        renderer: Renderer,
        *,
        access: Access,
        people: PersonLookup,
        agents: Callable[[frozenset[str]], Sequence[AgentStatus]],
        clock: Clock,
        wake: Callable[[], None],
        slash: str = "/backup",
    ) -> None:
        self._renderer = renderer
        self._access = access
        self._people = people
        self._agents = agents
        self._clock = clock
        self._wake = wake  # delivery, which sleeps while there is nothing to do
        self._slash = slash  # the name of the slash command in this workspace
        self._resting: dict[str, tuple[int, datetime]] = {}  # digests that could not be composed: tries, not before
        self.put = 0  # digests put since the start
        self.last_put_at: datetime | None = None

    async def tick(self) -> None:
        """Take up what is due, compose what is not composed yet, and close what has arrived."""
        while await digests.claim_due(self._clock.now()):
            pass
        due = await digests.open_digests()
        standings = await digests.standings((one.key for one in due), now=self._clock.now())
        await digests.brought([one for one in due if one.key in standings and standings[one.key].is_over])
        known: dict[DigestRequest, Facts] = {}  # many recipients of one site ask for the same
        for one in due:
            standing = standings.get(one.key)
            if (standing is None or (standing.is_refused and not standing.is_over)) and self._may_try(one):
                await self._bring(one, standing, known)

    def _may_try(self, due: DueDigest) -> bool:
        now = self._clock.steady()
        _, not_before = self._resting.get(due.key, (0, now))
        return not_before <= now

    async def _bring(self, due: DueDigest, standing: DigestStanding | None, known: dict[DigestRequest, Facts]) -> None:
        try:
            draft = await self._draft(due, known)
        except SlackTrouble as error:  # however long it lasts, the digest is not given up
            log.info("digest waits for Slack", extra={"digest": due.key, "error": str(error)})
            self._rest(due, self._failed_attempts(due), SLACK_AWAY_PAUSE)
            return
        except Exception:  # an edge: one digest that cannot be made must not stop the others
            log.exception("digest cannot be composed", extra={"digest": due.key})
            await self._note_failed_attempt(due)
            return
        self._resting.pop(due.key, None)
        if draft is None or (standing is not None and _is_same(draft, standing)) or due.tries >= MAX_WITHHELD_TRIES:
            log.info("digest is not sent", extra={"digest": due.key, "composed": due.tries, "is_empty": draft is None})
            await digests.brought([due])
            return
        await self._put(due, draft)

    async def _put(self, due: DueDigest, draft: _Draft) -> None:
        recipient, now = due.digest.recipient, self._clock.now()
        content = await asyncio.to_thread(self._renderer.render, "digest", draft.context)
        message = Message(
            key=due.key,
            kind=MessageKind.POST,
            channel=recipient,
            content=content.as_payload(),
            person=recipient if _is_person(recipient) else None,
            sites=draft.sites,
            devices=draft.devices,
            expires_at=now + DIGEST_LIFETIME,
        )
        messages = [message]
        if draft.graph:
            key = f"{due.key}:graph"
            messages.append(replace(message, key=key, kind=MessageKind.FILE, content=draft.graph, thread_key=due.key))
        await outbox.put(messages, now=now)
        await digests.note_try(due)
        self.put, self.last_put_at = self.put + 1, now
        self._wake()

    async def _note_failed_attempt(self, due: DueDigest) -> None:
        count = self._failed_attempts(due) + 1
        self._rest(due, count, COMPOSE_RETRY_PAUSE * 2**count)
        if count >= MAX_COMPOSE_ATTEMPTS:
            del self._resting[due.key]
            await digests.brought([due])

    def _failed_attempts(self, due: DueDigest) -> int:
        return self._resting[due.key][0] if due.key in self._resting else 0

    def _rest(self, due: DueDigest, failed_attempts: int, pause: timedelta) -> None:
        self._resting[due.key] = (failed_attempts, self._clock.steady() + pause)

    async def _draft(self, due: DueDigest, known: dict[DigestRequest, Facts]) -> _Draft | None:
        """The digest as its recipient may see it now; None: there is nothing left for that recipient."""
        digest = due.digest
        if not digest.active:
            return None
        found = await self._scope(due)
        if found is None:
            return None
        scope, mute = found
        if not scope.every_site:
            return _Draft(context=nothing_subscribed(self._slash))
        asked = DigestRequest(scope=scope, period=due.span, zone=zone_or_utc(digest.zone), mute=mute)
        if asked not in known:
            agents = self._agents(scope.every_site)
            known[asked] = await gather(asked, self._access.inventory, agents, now=self._clock.now())
        late = late_words(due, self._clock.now())
        context = digest_page(known[asked], about_scope(scope, self._access, self._slash), form=digest.form, late=late)
        return _Draft(
            context=context,
            sites=tuple(sorted(scope.every_site)),
            devices=restricted_in(self._access, scope),
            graph=await self._graph(digest, asked) if digest.period is DigestPeriod.WEEK else None,
        )

    async def _graph(self, digest: Digest, asked: DigestRequest) -> Mapping[str, Any] | None:
        """The picture of a channel's long weekly digest; None: there is none, or nothing ran.

        People draw their own when they want one: each takes seconds, and hundreds of digests may come due together.
        """
        scope = asked.scope
        if digest.form is not DigestForm.LONG or _is_person(digest.recipient):
            return None
        names = {key: self._access.inventory.sites[key].name for key in sorted(scope.sites)}
        about = about_scope(scope, self._access, self._slash).name
        graph = await graph_of(
            names,
            about=about,
            period=asked.period,
            zone=asked.zone,
            hidden=scope.hidden,
            declared=scope.declared(self._access.inventory.by_site),
        )
        return None if graph.is_empty else graph_file(graph)

    async def _scope(self, due: DueDigest) -> tuple[Scope, tuple[datetime, datetime] | None] | None:
        digest = due.digest
        if not _is_person(digest.recipient):
            declared = digest.site in self._access.inventory.sites
            return (channel_scope(self._access, digest.site), None) if digest.site and declared else None
        person = await self._people.person(digest.recipient, None if digest.site is None else (digest.site,))
        seen = self._access.visible_sites(person)
        if person.unknown and (not seen or self._clock.now() - due.due_at < MAX_UNSURE_DELAY):
            raise SlackTrouble(f"not known to what {digest.recipient} belongs")
        if not seen:
            return None
        mute = (await profile_of(person.id)).mute
        if digest.site is not None:
            scope = seen_scope(self._access, person, [digest.site])
            return (scope, mute) if scope.sites else None
        return await subscribed(self._access, person), mute


async def subscribed(access: Access, person: Person) -> Scope:
    """What ``person`` subscriptions and may see now."""
    subscriptions = await subscriptions_of(person.id)
    jobs = await jobs_by_id(
        int(one.target) for one in subscriptions if one.scope is SubscriptionScope.JOB and one.target.isdecimal()
    )
    return subscribed_scope(
        access, person, subscriptions, jobs=jobs, known_since=await _known_since(access, subscriptions)
    )


def about_scope(scope: Scope, access: Access, slash: str) -> About:
    """What a digest about ``scope`` is called, and where it leads."""
    names = {key: access.inventory.sites[key].name for key in sorted(scope.every_site)}
    if len(names) != 1:
        return About(name=f"{len(names)} sites", sites=names, slash=slash)
    [(key, name)] = names.items()
    part = "" if scope.sites else f", {len(scope.devices)} subscribed device{'s' if len(scope.devices) > 1 else ''}"
    return About(name=f"{name}{part}", site=key, sites=names, slash=slash)


async def _known_since(access: Access, subscriptions: Sequence[Subscription]) -> Mapping[str, datetime | None]:
    sites = {one.target for one in subscriptions if one.scope is SubscriptionScope.SITE and not one.and_new}
    return await known_since(device.name for site in sites for device in access.inventory.by_site.get(site, ()))


def _is_same(draft: _Draft, standing: DigestStanding) -> bool:
    """Whether it would be refused again: it holds what the refused one held."""
    return (draft.sites, draft.devices) == (standing.sites, standing.devices)


def _is_person(recipient: str) -> bool:
    return recipient.startswith(("U", "W"))
