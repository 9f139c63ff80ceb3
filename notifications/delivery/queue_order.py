"""Which message of each lane goes next, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from notifications.delivery.targets import is_progress, lane_method, urgency

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.messages.outbox import Delivery
    from notifications.delivery.rate_limits import Pace
    from notifications.delivery.targets import Aim

EDIT_INTERVAL: Final = timedelta(seconds=3)  # between two edits of one message while it goes on
FAIRNESS_WINDOW: Final = timedelta(minutes=1)  # in which whoever was answered lets others pass
MAX_BEFORE_ANSWER: Final = 3  # messages of a channel that go before an answer that waits there
_SPARE: Final = 0.5  # the share of edits kept for messages that have reached their end
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class QueueOrder:
    """Alerts and ends of runs first, then answers, then steps in between; of answers, those of who waited longest.

    After so many others of a channel one answer goes first, or a storm would silence it.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._edited: dict[int, datetime] = {}  # delivery: its last edit
        self._answered: dict[str, datetime] = {}  # person: the last answer
        self._since_answer: dict[str, int] = {}  # lane: messages sent there since the last answer

    def chosen(self, found: Sequence[Delivery], now: datetime) -> tuple[list[Delivery], set[datetime]]:
        """The message of each lane that may go now, and when others may."""
        chosen: dict[str, Delivery] = {}
        later: set[datetime] = set()
        for delivery in sorted(found, key=lambda one: (self._urgency(one), self._last_answer(one))):
            lane, ready = delivery.message.lane, self._ready_at(delivery, now)
            if ready > now:
                later.add(ready)
            elif lane not in chosen:
                chosen[lane] = delivery
        return list(chosen.values()), later

    def started(self, delivery: Delivery, aim: Aim, now: datetime) -> None:
        """It is being sent."""
        self._pace.spend(aim.method, delivery.message.lane, now)
        lane = delivery.message.lane
        self._since_answer[lane] = 0 if delivery.message.is_answer else self._since_answer.get(lane, 0) + 1
        if delivery.message.is_answer:
            recent = {one: at for one, at in self._answered.items() if at > now - FAIRNESS_WINDOW}
            self._answered = recent | {_asker(delivery): now}

    def edited(self, delivery: Delivery, now: datetime) -> None:
        """It was edited."""
        self._edited = {one: at for one, at in self._edited.items() if at > now - EDIT_INTERVAL} | {delivery.id: now}

    def clock_set(self, step: timedelta) -> None:
        """The clock by which all of this is counted has been set by ``step``."""
        self._edited = {delivery: at + step for delivery, at in self._edited.items()}
        self._answered = {person: at + step for person, at in self._answered.items()}

    def _urgency(self, delivery: Delivery) -> int:
        waited = self._since_answer.get(delivery.message.lane, 0) >= MAX_BEFORE_ANSWER
        return -1 if waited and delivery.message.is_answer else urgency(delivery)

    def _last_answer(self, delivery: Delivery) -> datetime:
        return self._answered.get(_asker(delivery), _NEVER) if delivery.message.is_answer else _NEVER

    def _ready_at(self, delivery: Delivery, now: datetime) -> datetime:
        method, lane = lane_method(delivery), delivery.message.lane
        if not is_progress(delivery):
            return self._pace.ready_at(method, lane, now)
        rested = self._edited.get(delivery.id, now - EDIT_INTERVAL) + EDIT_INTERVAL
        return max(rested, self._pace.ready_at(method, lane, now, spare=_SPARE))


def _asker(delivery: Delivery) -> str:
    return delivery.message.person or delivery.message.fallback or ""
