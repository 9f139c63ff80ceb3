"""What becomes of a message after an attempt at it: it stands, waits, goes another way, or is given up."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from domain.messages.outbox import MessageKind
from notifications.delivery.errors import AppRefusal, InDoubt, Paused, SlackRefusal
from notifications.delivery.plainer import MAX_TRIES_AS_IT_IS
from notifications.delivery.targets import GONE, another_file, asks_for_no_token, lane_method, other_way, stayed
from storage.messages import holding, outbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from domain.clock import Clock
    from domain.errors import SlackTrouble
    from domain.messages.outbox import Delivery
    from notifications.delivery.acceptance import Acceptance
    from notifications.delivery.channel_watcher import Watcher
    from notifications.delivery.rate_limits import Pace
    from notifications.delivery.slack_calls import Poster, Standing
    from notifications.delivery.targets import Aim

    TellRefused = Callable[["datetime", str], Awaitable[None]]

log = logging.getLogger(__name__)

RETRY_FIRST_PAUSE: Final = timedelta(seconds=1)  # after a doubtful attempt; doubles with each
RETRY_MAX_PAUSE: Final = timedelta(minutes=1)  # the longest pause between two attempts at one message
REFUSED_ALONE_MAX_PAUSE: Final = timedelta(minutes=15)  # the same for one that needs what the app may not do
MAX_ORDERED_ATTEMPTS: Final = 8  # attempts for which the later messages of a channel wait
MAX_FILE_REFUSALS: Final = 20  # of the app, for one file while messages go through; then it is shown in a message
CLOSED_CHANNEL_RETRY_INTERVAL: Final = timedelta(minutes=15)  # between two tries of a channel that takes no messages
KEPT_WHILE_REFUSED: Final = timedelta(hours=12)  # so long a message lives at least while Slack refuses the app


@dataclass
class Aftermath:
    """Writes down what became of each attempt, and when to look again."""

    clock: Clock
    poster: Poster
    pace: Pace
    acceptance: Acceptance
    watcher: Watcher | None = None
    tell_refused: TellRefused | None = None
    alarms: set[datetime] = field(default_factory=set)  # when something put off becomes due

    async def stands(self, delivery: Delivery, aim: Aim, standing: Standing) -> None:
        """It went through."""
        revision = delivery.revision if standing.revision is None else standing.revision
        await outbox.done(delivery.id, revision=revision, ts=standing.ts, posted_channel=standing.channel)
        if 0 < int(delivery.state.get("faults", 0)) < MAX_TRIES_AS_IT_IS:  # Slack's own trouble, and it is over
            await outbox.save_state(delivery.id, {**delivery.state, "faults": 0})
        if not asks_for_no_token(delivery):
            self.acceptance.passed(self.clock.now())
        if self.watcher and aim.is_public:
            await self.watcher.arrived(aim.message)

    async def withheld(self, delivery: Delivery, aim: Aim, reason: str) -> None:
        """The gate let it not out."""
        log.info("message withheld", extra={"message_key": delivery.message.key, "reason": reason})
        await outbox.refuse(delivery.id, reason)
        if self.watcher and aim.is_public:
            await self.watcher.withheld(aim.message)

    async def failed(self, delivery: Delivery, aim: Aim, trouble: SlackTrouble) -> None:
        """Slack was not asked, did not answer, or said no."""
        match trouble:
            case Paused():
                await self._pause(delivery, aim, trouble)
            case AppRefusal():
                await self._app_refused(delivery, aim, trouble)
            case SlackRefusal():
                await self._try_otherwise(delivery, aim, trouble)
            case _:
                await self._put_off(delivery, aim, trouble)

    async def knocked(self, trouble: SlackTrouble | None) -> None:
        """Slack was asked whether it accepts the app, without any message."""
        now = self.clock.now()
        if trouble is None:
            self.acceptance.passed(now)
        elif isinstance(trouble, AppRefusal):
            await self._everything_waits(trouble, "")
        else:
            self.acceptance.unknown(now)

    def clock_set(self, step: timedelta) -> None:
        """The clock by which alarms are set has been set by ``step``."""
        moved = {alarm + step for alarm in self.alarms}
        self.alarms.clear()
        self.alarms |= moved

    async def set_aside(self, delivery: Delivery) -> None:
        """Leave a message alone for a while whatever is wrong with it, even if it is the database."""
        until = self.clock.now() + RETRY_MAX_PAUSE
        self.alarms.add(until)
        try:
            await outbox.retry_later(delivery.id, not_before=until, still_in_doubt=True)
        except Exception:
            log.exception("outbox cannot be written")
            self.pace.pause(lane_method(delivery), delivery.message.lane, until)

    async def _pause(self, delivery: Delivery, aim: Aim, pause: Paused) -> None:
        until = self.clock.now() + pause.pause
        log.warning("slack asks for a pause", extra={"method": aim.method, "until": until.isoformat()})
        self.pace.pause(aim.method, delivery.message.lane, until)
        self.alarms.add(until)
        await outbox.retry_later(delivery.id, not_before=until, still_in_doubt=delivery.in_doubt)

    async def _app_refused(self, delivery: Delivery, aim: Aim, refusal: AppRefusal) -> None:
        now = self.clock.now()
        if await self._everything_waits(refusal, delivery.message.key):
            # For most the moment at which all may go decides; after a restart that is at once. An answer that asks for
            # no token goes again when it is known how the app stands.
            after = self.acceptance.rests_until(now) + RETRY_FIRST_PAUSE
            until = after if asks_for_no_token(delivery) else now
        elif asks_for_no_token(delivery):
            await self._try_otherwise(delivery, aim, refusal)
            return
        else:
            until = now + await self._refused_alone(delivery, refusal)
        self.alarms.add(until)
        kept = {"not_before": until, "still_in_doubt": delivery.in_doubt}
        await outbox.retry_later(delivery.id, attempts=delivery.attempts, **kept)  # type: ignore[arg-type]

    async def _everything_waits(self, refusal: AppRefusal, key: str) -> bool:
        now = self.clock.now()
        if not self.acceptance.refused(refusal, key, now):
            return False
        await holding.keep(now, now + KEPT_WHILE_REFUSED)
        since = self.acceptance.since
        if self.tell_refused and since and self.acceptance.has_lasted:
            await self.tell_refused(since, refusal.code)
        return True

    async def _refused_alone(self, delivery: Delivery, refusal: AppRefusal) -> timedelta:
        """Count that this message was refused while others went through; returns how long it waits."""
        known = await self._known(delivery)
        times = int(known.state.get("refused", 0)) + 1
        facts = {"message_key": delivery.message.key, "error": str(refusal), "times": times}
        log.error("a message needs what the app may not do", extra=facts)
        state = {**known.state, "refused": times}
        if delivery.message.kind is MessageKind.FILE and times >= MAX_FILE_REFUSALS:
            await outbox.save_state(delivery.id, another_file(state, refusal.code))
            return timedelta(0)
        await outbox.save_state(delivery.id, state)
        pause: timedelta = RETRY_FIRST_PAUSE * 2 ** min(times + 2, 12)
        return min(pause, REFUSED_ALONE_MAX_PAUSE)

    async def _try_otherwise(self, delivery: Delivery, aim: Aim, refusal: SlackRefusal) -> None:
        facts = {"message_key": aim.key, "error": str(refusal)}
        state = other_way(delivery, aim, refusal)
        if refusal.is_about_place and aim.is_public and self.watcher:
            await self.watcher.refused(aim.message, refusal.code)
        if state is None and refusal.is_about_place and delivery.message.expires_at is not None:
            await self._wait_for_place(delivery, facts)
            return
        if state is None:
            log.error("message given up", extra=facts)
            await outbox.refuse(delivery.id, str(refusal))
            return
        log.warning("message goes another way", extra=facts)
        await outbox.save_state(delivery.id, state)
        if aim.ts and refusal.code in GONE - {"message_not_found"}:
            await self.poster.take_away(aim)
        await outbox.retry_later(delivery.id, not_before=self.clock.now(), still_in_doubt=False)

    async def _wait_for_place(self, delivery: Delivery, facts: dict[str, str]) -> None:
        """Keep this one, and whatever else is for its channel, until it may be open again."""
        until = self.clock.now() + CLOSED_CHANNEL_RETRY_INTERVAL
        log.warning("message waits for its channel", extra={**facts, "until": until.isoformat()})
        self.alarms.add(until)
        await outbox.save_state(delivery.id, stayed(delivery.state))
        await outbox.retry_later(delivery.id, not_before=until, still_in_doubt=False)
        await holding.hold_back(delivery.message.channel, until)

    async def _put_off(self, delivery: Delivery, aim: Aim, trouble: SlackTrouble) -> None:
        log.info("message waits", extra={"message_key": aim.key, "error": str(trouble)})
        known = await self._known(delivery)
        attempts = max(known.attempts, delivery.attempts + 1)  # trouble of the gate comes before the attempt is counted
        if isinstance(trouble, InDoubt) and trouble.code:
            faults = int(known.state.get("faults", 0)) + 1
            await outbox.save_state(delivery.id, {**known.state, "faults": faults})
        pause = min(RETRY_FIRST_PAUSE * 2 ** min(delivery.attempts, 10), RETRY_MAX_PAUSE)
        until = self.clock.now() + pause
        self.alarms.add(until)
        if delivery.attempts < MAX_ORDERED_ATTEMPTS:  # later ones may pass only a message that fails on and on
            self.pace.pause(lane_method(delivery), delivery.message.lane, until)
        doubt = isinstance(trouble, InDoubt) or delivery.in_doubt
        await outbox.retry_later(delivery.id, not_before=until, still_in_doubt=doubt, attempts=attempts)

    async def _known(self, delivery: Delivery) -> Delivery:
        """What the outbox knows of it now: the attempt may have come a step further, and a file have an id."""
        return await outbox.delivery_of(delivery.message.key) or delivery
