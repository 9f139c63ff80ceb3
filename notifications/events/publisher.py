"""Telling events: runs are taken in once, and each post is brought up to date until everybody has heard."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from domain.messages.places import Place
from notifications.events.posts import Posts
from notifications.pages import answers
from notifications.runs.addresses import Address
from storage.events import deferred, events
from storage.events.events import Ended
from storage.messages import holding, outbox
from storage.runs import runs as run_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from domain.access.access import Access
    from domain.clock import Clock
    from domain.runs.batches import Batch
    from domain.runs.run import Run
    from domain.subscriptions.routes import Route
    from notifications.events.recipients import Recipients
    from notifications.runs.messages import RunMessages
    from storage.events.events import Untold

log = logging.getLogger(__name__)

POST_EDIT_INTERVAL: Final = timedelta(seconds=3)  # between two states of one post
_LARGE: Final = 1_000  # events: making a post anew takes the longer the more there are
POST_RETRY_INTERVAL: Final = timedelta(seconds=30)  # after a post that could not be made, or not for everybody
ROUTE_TEST_LIFETIME: Final = timedelta(minutes=10)  # so long a test message waits for Slack


class EventPublisher:
    """Turns runs that have ended into posts for channels and people.

    What was taken in is in the database, and so is how far each post was told: after a kill at any moment the rest is
    told, and nothing twice, because posts are put into the outbox under keys that name them for ever.
    """

    def __init__(
        self, recipients: Recipients, say: RunMessages, *, access: Access, clock: Clock, wake: Callable[[], None]
    ) -> None:
        self._recipients = recipients
        self._say = say
        self._access = access
        self._clock = clock
        self._wake = wake  # delivery, which sleeps while there is nothing to do
        self._not_before: dict[int, datetime] = {}  # by group: when its post may change again
        self._one_at_a_time = asyncio.Lock()

    async def runs_ended(self, runs: Sequence[Run]) -> None:
        """Take ``runs`` in, and tell at once what can be told. Taken in before, they say nothing more."""
        ended = [run for run in runs if run.outcome.is_final]
        if ended:
            batches = await self._batches(ended)
            await events.take_in(self._ended(run, batches.get(run.batch or 0)) for run in ended)
            await self.tick()

    async def tick(self) -> None:
        """Tell whatever was not told yet, each post at most every few seconds."""
        async with self._one_at_a_time:
            now = self._clock.now()
            self._not_before = {event_group: at for event_group, at in self._not_before.items() if at > now}
            for untold in await events.untold_groups(resting=self._not_before):
                await self._guarded(untold, now)

    async def test_route(self, route: Route) -> None:
        """Put a message for the channel of ``route``, which shows whether messages arrive there."""
        now = self._clock.now()
        sentence = f"This is a test: events of {self._say.site_name(route.site)} arrive in this channel."
        address = Address(Place(channel=route.channel), None, (route.site,), now + ROUTE_TEST_LIFETIME)
        message = address.message(
            f"route-test:{route.id}:{now.timestamp():.6f}", self._say.content("notice", answers.notice(sentence))
        )
        await outbox.put([message], now=now)
        await holding.let_go(route.channel)
        self._wake()

    async def _batches(self, runs: Iterable[Run]) -> Mapping[int, Batch]:
        numbers = dict.fromkeys(run.batch for run in runs if run.batch is not None)
        found = [await run_store.batch_by_id(number) for number in numbers]
        return {batch.id: batch for batch in found if batch is not None}

    def _ended(self, run: Run, batch: Batch | None) -> Ended:
        site = self._access.inventory.sites.get(run.site)
        place = batch.place if batch else run.place
        return Ended(
            run=run,
            at=run.finished_at or self._clock.now(),
            reminder=site.reminder if site else None,
            asked_by=run.asked_by if place else None,
            place=place.channel if place and not place.is_private else None,
        )

    async def _guarded(self, untold: Untold, now: datetime) -> None:
        try:
            is_complete = await self._tell(untold, now)
        except Exception:  # an edge: one post that cannot be made must not keep the others back
            log.exception("events cannot be told", extra={"group": untold.event_group.id})
            is_complete = False
        gap = POST_EDIT_INTERVAL * (1 + untold.event_group.size // _LARGE)
        self._not_before[untold.event_group.id] = now + (gap if is_complete else POST_RETRY_INTERVAL)

    async def _tell(self, untold: Untold, now: datetime) -> bool:
        """Whether everybody was told whom it concerns."""
        event_group, found = untold.event_group, await events.events_in(untold.event_group.id)
        audience = await self._recipients.of(untold, found)
        for person, ids, wait in audience.held:
            await deferred.defer(person, ids, event_group=event_group.id, wait=wait, now=now)
        posts = Posts(self._say, self._access, event_group, untold.told)
        messages = [message for recipient in audience.recipients for message in await posts.of(recipient, now=now)]
        if messages:
            await outbox.put(messages, now=now)
            self._wake()
        if audience.is_complete:
            await events.note_told(event_group.id, max((one.id for one in found), default=untold.told))
        return audience.is_complete
