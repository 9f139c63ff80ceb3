"""Bringing Slack in line with the outbox: once, in order, with backoff, and no faster than Slack likes."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from domain.errors import SlackTrouble
from domain.messages.outbox import RESPOND_LANE, MessageKind
from domain.messages.refusals import may_be_of_one_method
from notifications.delivery.acceptance import Acceptance
from notifications.delivery.aftermath import RETRY_FIRST_PAUSE, Aftermath
from notifications.delivery.errors import AppRefusal, InDoubt, SlackRefusal
from notifications.delivery.queue_order import QueueOrder
from notifications.delivery.rate_limits import Pace
from notifications.delivery.slack_calls import Poster, Standing
from notifications.delivery.targets import aim_of, asks_for_no_token
from notifications.delivery.uploading import Uploader
from notifications.delivery.wake_signal import WakeSignal
from storage.messages import outbox

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from datetime import datetime
    from typing import Any

    from slack_sdk.web.async_client import AsyncWebClient

    from domain.clock import Clock
    from domain.messages.outbox import Delivery, Message
    from notifications.delivery.aftermath import TellRefused
    from notifications.delivery.channel_watcher import Watcher
    from notifications.delivery.targets import Aim
    from notifications.delivery.uploading import Draw
    from notifications.rendering.renderer import Renderer

log = logging.getLogger(__name__)

LOOK_ANYWAY_INTERVAL: Final = timedelta(seconds=30)  # for what another process put, or a stop left behind
SEND_TIMEOUT: Final = timedelta(minutes=2)  # all calls of one attempt together
MAX_UPLOAD_TRIES: Final = 3  # attempts at one file; then it is shown in the message
MAX_MESSAGES_AT_ONCE: Final = 200  # messages looked at in one go
_KNOCK: Final = "knock"  # the lane in which Slack is asked whether it accepts the app


class Gate(Protocol):
    """Asked right before each message is sent, with the channel and the person it really goes to."""

    async def verdict(self, message: Message) -> str | None:
        """Why ``message`` is withheld; None: it may be sent.

        Raises:
            SlackTrouble: it cannot be told now; the message waits.
        """
        ...


class Deliverer:
    """Works until every message of the outbox stands in Slack as it should.

    One call at a time in each lane. A message that fails stays in the outbox and is tried again after a pause that
    grows, or in another way; it is given up only when there is none left.

    A post or file that may have arrived is looked for before it is sent again. An answer to one person cannot be
    looked for: it is sent again, since seeing it twice is better than not at all.

    What Slack does not take for a channel waits there and is tried again from time to time, until it expires. While
    Slack refuses the app itself everything waits but answers through response URLs, which ask for no token.
    """

    def __init__(self, client: AsyncWebClient, *, clock: Clock, gate: Gate, renderer: Renderer, draw: Draw) -> None:
        self._clock = clock
        self._gate = gate
        self._poster = Poster(client, renderer)
        self._uploader = Uploader(client, draw=draw)
        self._pace = Pace()
        self._order = QueueOrder(self._pace)
        self._acceptance = Acceptance(clock.now())
        self._aftermath = Aftermath(clock, self._poster, self._pace, self._acceptance)
        self._wake_signal = WakeSignal(clock)
        self._busy: set[str] = set()  # lanes in which something is being sent
        self._stopping = False

    @property
    def is_accepted(self) -> bool:
        """Whether Slack accepts the app, as far as its last answers tell."""
        return not self._acceptance.is_refused

    def watch(self, watcher: Watcher) -> None:
        """Tell ``watcher`` from now on how it goes with each channel."""
        self._aftermath.watcher = watcher

    def when_refused(self, tell: TellRefused) -> None:
        """Have ``tell`` called while Slack refuses the app, with since when and why; the same may come again."""
        self._aftermath.tell_refused = tell

    def wake(self) -> None:
        """Look at the outbox now: something was put."""
        self._wake_signal.ring()

    async def clock_set(self, step: timedelta) -> None:
        """Somebody has set the machine's clock by ``step``: nothing waits longer or shorter for that."""
        for part in (self._pace, self._order, self._acceptance, self._aftermath):
            part.clock_set(step)
        self._wake_signal.ring()

    async def settled(self) -> None:
        """Wait until nothing can be sent before the clock moves on or something is put."""
        await self._wake_signal.quiet()

    async def stop(self) -> None:
        """Send nothing new; what is being sent is finished by the time that ``run`` returns."""
        self._stopping = True
        self._wake_signal.ring()

    async def run(self) -> None:
        """Deliver until ``stop``."""
        async with asyncio.TaskGroup() as lanes:
            while not self._stopping:
                soonest = await self._start_due(lanes)
                await self._wake_signal.wait(until=soonest, at_rest=not self._busy)

    async def _start_due(self, lanes: asyncio.TaskGroup) -> datetime:
        """Start one call in each lane that is free; returns when to look again."""
        now, alarms = self._clock.now(), self._aftermath.alarms
        resting = self._pace.waiting_channels(now)
        try:
            found = await outbox.due(now, limit=MAX_MESSAGES_AT_ONCE, busy=self._busy | set(resting))
        except Exception:  # the database may be away for a moment; the messages are safe in it
            log.exception("outbox cannot be read")
            return now + RETRY_FIRST_PAUSE
        alarms -= {alarm for alarm in alarms if alarm <= now}
        alarms |= set(resting.values())
        chosen, soonest = self._chosen(found, now)
        alarms |= soonest
        for delivery in chosen:
            self._start(lanes, delivery.message.lane, self._attempt(delivery), name=f"send {delivery.message.key}")
        if self._should_knock(chosen, now):
            self._start(lanes, _KNOCK, self._knock(), name="knock")
        return min(alarms, default=now + LOOK_ANYWAY_INTERVAL)

    def _chosen(self, found: Sequence[Delivery], now: datetime) -> tuple[list[Delivery], set[datetime]]:
        """What goes now, and when to look at the rest. While the app is refused, one message tries how it stands."""
        if not self._acceptance.is_refused:
            return self._order.chosen(found, now)
        free = [one for one in found if asks_for_no_token(one)]
        chosen, soonest = self._order.chosen(free, now)
        if self._is_trying:
            return chosen, soonest
        tried_at = {one.id: self._acceptance.may_try_at(one, now) for one in found if one not in free}
        others, later = self._order.chosen([one for one in found if tried_at.get(one.id) == now], now)
        probes = sorted(others, key=self._acceptance.was_refused)[:1]  # rather one that was not refused yet
        alarms = {*tried_at.values(), self._acceptance.rests_until(now)} - {now}
        return [*chosen, *probes], soonest | later | alarms

    @property
    def _is_trying(self) -> bool:
        """Whether a message, or a mere question, is on its way that will tell how the app stands."""
        return any(not lane.startswith(RESPOND_LANE) for lane in self._busy)

    def _should_knock(self, chosen: Sequence[Delivery], now: datetime) -> bool:
        """Whether Slack is asked without a message, since none will tell."""
        if self._is_trying:
            return False
        return self._acceptance.is_due(now) or (
            self._acceptance.is_refused and self._acceptance.rests_until(now) <= now and not chosen
        )

    def _start(self, lanes: asyncio.TaskGroup, lane: str, work: Coroutine[Any, Any, None], *, name: str) -> None:
        self._busy.add(lane)
        lanes.create_task(self._in_lane(lane, work), name=name)

    async def _in_lane(self, lane: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            async with asyncio.timeout(SEND_TIMEOUT.total_seconds()):
                await work
        except Exception:  # an edge: nothing may end the loop
            log.exception("delivery hit an internal error", extra={"lane": lane})
        finally:
            self._busy.discard(lane)
            self._wake_signal.ring()

    async def _knock(self) -> None:
        trouble: SlackTrouble | None = None
        try:
            await self._poster.knock()
        except SlackTrouble as error:
            trouble = error
        await self._aftermath.knocked(trouble)

    async def _attempt(self, delivery: Delivery) -> None:
        try:
            await self._deliver(delivery)
        except Exception as error:  # one message's bug must not stop the others; a timeout is one of its ends
            facts = {"message_key": delivery.message.key, "error": repr(error)}
            log.exception("delivery hit an internal error", extra=facts)
            await self._aftermath.set_aside(delivery)

    async def _deliver(self, delivery: Delivery) -> None:
        aim = aim_of(delivery, await self._parent_of(delivery))
        self._order.started(delivery, aim, self._clock.now())
        try:
            if self._acceptance.is_refused and not asks_for_no_token(delivery):
                await self._poster.knock()
            reason = await self._verdict(aim)
            if reason is not None:
                await self._aftermath.withheld(delivery, aim, reason)
                return
            standing = await self._carry(delivery, aim)
        except SlackTrouble as trouble:
            await self._aftermath.failed(delivery, aim, trouble)
        else:
            if aim.ts:
                self._order.edited(delivery, self._clock.now())
            await self._aftermath.stands(delivery, aim, standing)

    async def _verdict(self, aim: Aim) -> str | None:
        """The gate's word. A question of its own that Slack refuses is no word on the message."""
        try:
            return await self._gate.verdict(aim.message)
        except AppRefusal:
            raise
        except SlackRefusal as refusal:
            raise SlackTrouble(str(refusal)) from refusal

    async def _parent_of(self, delivery: Delivery) -> Delivery | None:
        key = delivery.message.thread_key
        return await outbox.delivery_of(key) if key else None

    async def _carry(self, delivery: Delivery, aim: Aim) -> Standing:
        if aim.message.kind is MessageKind.FILE:
            return await self._share(delivery, aim)
        if delivery.in_doubt and aim.ts is None and aim.message.kind is MessageKind.POST:
            found = await self._found(aim)
            if found is not None:
                return found
        await outbox.begin(delivery.id, self._clock.now())
        return await self._poster.send(aim, delivery.revision, faults=int(delivery.state.get("faults", 0)))

    async def _found(self, aim: Aim) -> Standing | None:
        try:
            found = await self._poster.find(aim)
        except SlackRefusal as refusal:
            if isinstance(refusal, AppRefusal) and not may_be_of_one_method(refusal.code):
                raise
            # The app may not look, or the channel is closed: then nobody can know.
            log.warning("cannot look for a message", extra={"message_key": aim.key, "error": str(refusal)})
            return None
        if found is not None:
            log.info("message found again", extra={"message_key": aim.key})
        return found

    async def _share(self, delivery: Delivery, aim: Aim) -> Standing:
        channel = await self._poster.conversation(aim.message.channel)
        file = delivery.state.get("file")
        if delivery.in_doubt and file and await self._uploader.is_shared(file, channel):
            return Standing(None, channel)
        await outbox.begin(delivery.id, self._clock.now())
        if not file:
            file = await self._bring(delivery, aim)
            await outbox.save_state(delivery.id, {**delivery.state, "file": file})
        return await self._uploader.share(file, aim, channel)

    async def _bring(self, delivery: Delivery, aim: Aim) -> str:
        try:
            return await self._uploader.bring(aim.message.content)
        except InDoubt as doubt:
            if delivery.attempts >= MAX_UPLOAD_TRIES:
                raise SlackRefusal("upload", "unable_to_share_files") from doubt
            raise
