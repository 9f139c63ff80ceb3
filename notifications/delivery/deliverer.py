"""Bringing Slack in line with the outbox: once, in order, with backoff, and no faster than Slack likes."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from domain.errors import SlackTrouble
from domain.messages.outbox import MessageKind
from notifications.delivery.errors import InDoubt, Paused, SlackRefusal
from notifications.delivery.rate_limits import Pace
from notifications.delivery.slack_calls import Poster, Standing
from notifications.delivery.targets import CHANNEL_CLOSED, aim_of, is_progress, other_way, refusal_limit
from notifications.delivery.uploading import Uploader
from notifications.delivery.wake_signal import WakeSignal
from storage.messages import outbox

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from slack_sdk.web.async_client import AsyncWebClient

    from domain.clock import Clock
    from domain.messages.outbox import Delivery, Message
    from notifications.delivery.channel_watcher import Watcher
    from notifications.delivery.targets import Aim
    from notifications.delivery.uploading import Draw
    from notifications.rendering.renderer import Renderer

log = logging.getLogger(__name__)

EDIT_INTERVAL: Final = timedelta(seconds=3)  # between two edits of one message while it goes on
_SPARE: Final = 0.5  # the share of edits kept for messages that have reached their end
RETRY_FIRST_PAUSE: Final = timedelta(seconds=1)  # after a doubtful attempt; doubles with each
RETRY_MAX_PAUSE: Final = timedelta(minutes=1)  # the longest pause between two attempts at one message
LOOK_ANYWAY_INTERVAL: Final = timedelta(seconds=30)  # for what another process put, or a stop left behind
SEND_TIMEOUT: Final = timedelta(minutes=2)  # all calls of one attempt together
MAX_UPLOAD_TRIES: Final = 3  # attempts at one file; then it is shown in the message
MAX_ORDERED_ATTEMPTS: Final = 8  # attempts for which the later messages of a channel wait
MAX_MESSAGES_AT_ONCE: Final = 200  # messages looked at in one go
CLOSED_CHANNEL_RETRY_INTERVAL: Final = timedelta(minutes=15)  # between two tries of a channel that takes no messages


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

    One call at a time for each channel. A message that fails stays in the outbox and is tried again after a pause
    that grows, or in another way; it is given up only when there is none left.

    A post or file that may have arrived is looked for before it is sent again. An answer to one person cannot be
    looked for: it is sent again, since seeing it twice is better than not at all.

    What Slack does not take for a channel waits there and is tried again from time to time, until it expires.
    """

    def __init__(self, client: AsyncWebClient, *, clock: Clock, gate: Gate, renderer: Renderer, draw: Draw) -> None:
        self._clock = clock
        self._gate = gate
        self._watcher: Watcher | None = None
        self._poster = Poster(client, renderer)
        self._uploader = Uploader(client, draw=draw)
        self._pace = Pace()
        self._wake_signal = WakeSignal(clock)
        self._busy: set[str] = set()  # channels that are being written to
        self._edited: dict[int, datetime] = {}  # delivery: its last edit
        self._alarms: set[datetime] = set()  # when something put off becomes due
        self._stopping = False

    def watch(self, watcher: Watcher) -> None:
        """Tell ``watcher`` from now on how it goes with each channel."""
        self._watcher = watcher

    def wake(self) -> None:
        """Look at the outbox now: something was put."""
        self._wake_signal.ring()

    async def clock_set(self, step: timedelta) -> None:
        """Somebody has set the machine's clock by ``step``: nothing waits longer or shorter for that."""
        self._pace.clock_set(step)
        self._alarms = {alarm + step for alarm in self._alarms}
        self._edited = {delivery: at + step for delivery, at in self._edited.items()}
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
        """Start one call in each channel that is free; returns when to look again."""
        now = self._clock.now()
        resting = self._pace.waiting_channels(now)
        try:
            found = await outbox.due(now, limit=MAX_MESSAGES_AT_ONCE, busy=self._busy | set(resting))
        except Exception:  # the database may be away for a moment; the messages are safe in it
            log.exception("outbox cannot be read")
            return now + RETRY_FIRST_PAUSE
        self._alarms = {alarm for alarm in self._alarms if alarm > now} | set(resting.values())
        for delivery in self._chosen(found, now):
            self._busy.add(delivery.message.channel)
            lanes.create_task(self._lane(delivery), name=f"send {delivery.message.key}")
        return min(self._alarms, default=now + LOOK_ANYWAY_INTERVAL)

    def _chosen(self, found: Sequence[Delivery], now: datetime) -> list[Delivery]:
        """The first message of each channel that may go now: answers, then events, then progress."""
        chosen: dict[str, Delivery] = {}
        for delivery in sorted(found, key=refusal_limit):
            channel = delivery.message.channel
            ready = self._ready_at(delivery, now)
            if ready > now:
                self._alarms.add(ready)
            elif channel not in chosen:
                chosen[channel] = delivery
        return list(chosen.values())

    def _ready_at(self, delivery: Delivery, now: datetime) -> datetime:
        method, lane = aim_of(delivery, None).method, delivery.message.channel
        if not is_progress(delivery):
            return self._pace.ready_at(method, lane, now)
        rested = self._edited.get(delivery.id, now - EDIT_INTERVAL) + EDIT_INTERVAL
        return max(rested, self._pace.ready_at(method, lane, now, spare=_SPARE))

    async def _lane(self, delivery: Delivery) -> None:
        try:
            async with asyncio.timeout(SEND_TIMEOUT.total_seconds()):
                await self._deliver(delivery)
        except Exception as error:  # an edge: one message's bug must not stop the others
            log.exception(
                "delivery hit an internal error", extra={"message_key": delivery.message.key, "error": repr(error)}
            )
            await self._set_aside(delivery)
        finally:
            self._busy.discard(delivery.message.channel)
            self._wake_signal.ring()

    async def _deliver(self, delivery: Delivery) -> None:
        parent = await self._parent_of(delivery)
        aim = aim_of(delivery, parent)
        self._pace.spend(aim.method, delivery.message.channel, self._clock.now())
        try:
            reason = await self._gate.verdict(aim.message)
            if reason is not None:
                await self._withhold(delivery, aim, reason)
                return
            standing = await self._carry(delivery, aim)
        except Paused as pause:
            await self._pause(delivery, aim, pause)
        except SlackRefusal as refusal:
            await self._try_otherwise(delivery, aim, refusal)
        except SlackTrouble as trouble:
            log.info("message waits", extra={"message_key": aim.key, "error": str(trouble)})
            await self._put_off(delivery, doubt=isinstance(trouble, InDoubt) or delivery.in_doubt)
        else:
            await self._settle(delivery, aim, standing)

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
        return await self._poster.send(aim, delivery.revision)

    async def _found(self, aim: Aim) -> Standing | None:
        try:
            found = await self._poster.find(aim)
        except SlackRefusal as refusal:  # such as a scope that was not granted: then nobody can know
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
                raise SlackRefusal("upload", "upload_failed") from doubt
            raise

    async def _settle(self, delivery: Delivery, aim: Aim, standing: Standing) -> None:
        if aim.ts:
            self._remember_edit(delivery.id)
        revision = delivery.revision if standing.revision is None else standing.revision
        await outbox.done(delivery.id, revision=revision, ts=standing.ts, posted_channel=standing.channel)
        if self._watcher and aim.is_public:
            await self._watcher.arrived(aim.message)

    def _remember_edit(self, delivery: int) -> None:
        now = self._clock.now()
        self._edited = {one: at for one, at in self._edited.items() if at > now - EDIT_INTERVAL} | {delivery: now}

    async def _withhold(self, delivery: Delivery, aim: Aim, reason: str) -> None:
        log.info("message withheld", extra={"message_key": delivery.message.key, "reason": reason})
        await outbox.refuse(delivery.id, reason)
        if self._watcher and aim.is_public:
            await self._watcher.withheld(aim.message)

    async def _pause(self, delivery: Delivery, aim: Aim, pause: Paused) -> None:
        until = self._clock.now() + pause.pause
        log.warning("slack asks for a pause", extra={"method": aim.method, "until": until.isoformat()})
        self._pace.pause(aim.method, delivery.message.channel, until)
        self._alarms.add(until)
        await outbox.retry_later(delivery.id, not_before=until, still_in_doubt=delivery.in_doubt)

    async def _try_otherwise(self, delivery: Delivery, aim: Aim, refusal: SlackRefusal) -> None:
        facts = {"message_key": aim.key, "error": str(refusal)}
        state = other_way(delivery, aim, refusal.code)
        is_closed = refusal.code in CHANNEL_CLOSED and aim.is_public
        if is_closed and self._watcher:
            await self._watcher.refused(aim.message, refusal.code)
        if is_closed and state is None and delivery.message.expires_at is not None:
            await self._wait_for_channel(delivery, facts)
            return
        if state is None:
            log.error("message given up", extra=facts)
            await outbox.refuse(delivery.id, str(refusal))
            return
        log.warning("message goes another way", extra=facts)
        await outbox.save_state(delivery.id, state)
        await outbox.retry_later(delivery.id, not_before=self._clock.now(), still_in_doubt=False)

    async def _wait_for_channel(self, delivery: Delivery, facts: dict[str, str]) -> None:
        """Keep this one, and whatever else is for its channel, until it may be open again."""
        until = self._clock.now() + CLOSED_CHANNEL_RETRY_INTERVAL
        log.warning("message waits for its channel", extra={**facts, "until": until.isoformat()})
        self._alarms.add(until)
        await outbox.save_state(delivery.id, {key: value for key, value in delivery.state.items() if key != "to"})
        await outbox.retry_later(delivery.id, not_before=until, still_in_doubt=False)
        await outbox.hold_back(delivery.message.channel, until)

    async def _set_aside(self, delivery: Delivery) -> None:
        """Leave a message alone for a while whatever is wrong with it, even if it is the database."""
        until = self._clock.now() + RETRY_MAX_PAUSE
        self._alarms.add(until)
        try:
            await outbox.retry_later(delivery.id, not_before=until, still_in_doubt=True)
        except Exception:
            log.exception("outbox cannot be written")
            self._pace.pause(aim_of(delivery, None).method, delivery.message.channel, until)

    async def _put_off(self, delivery: Delivery, *, doubt: bool) -> None:
        pause = min(RETRY_FIRST_PAUSE * 2 ** min(delivery.attempts, 10), RETRY_MAX_PAUSE)
        until = self._clock.now() + pause
        self._alarms.add(until)
        if delivery.attempts < MAX_ORDERED_ATTEMPTS:  # later ones may pass only a message that fails on and on
            self._pace.pause(aim_of(delivery, None).method, delivery.message.channel, until)
        await outbox.retry_later(delivery.id, not_before=until, still_in_doubt=doubt)
