"""Slack's rate limits: one call a second for each channel, a budget a minute for each method.

A pause that Slack asks for stops that method in that channel only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

CHANNEL_INTERVAL: Final = timedelta(seconds=1)  # between two messages in one channel


@dataclass(frozen=True, slots=True)
class Budget:
    """``per_minute`` calls in the long run, ``burst`` of them at once."""

    per_minute: int
    burst: int


# Below what Slack grants (tier 3: 50, tier 4: 100, posting: some hundreds), so that others of the app find room.
BUDGETS: Final = {
    "chat.postMessage": Budget(per_minute=200, burst=20),
    "chat.update": Budget(per_minute=45, burst=10),
    "chat.postEphemeral": Budget(per_minute=90, burst=20),
    "files.completeUploadExternal": Budget(per_minute=90, burst=10),
    "response_url": Budget(per_minute=300, burst=50),
}


@dataclass(slots=True)
class _Bucket:
    left: float
    filled: datetime


class Pace:
    """Says when the next call may be made. Asks nobody and waits for nothing."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}
        self._channels: dict[str, datetime] = {}  # channel: free again at
        self._pauses: dict[tuple[str, str], datetime] = {}  # method and channel: free again at

    def ready_at(self, method: str, channel: str, now: datetime, *, spare: float = 0.0) -> datetime:
        """When ``method`` may be called for ``channel``: ``now``, or a later moment.

        ``spare`` is the share of the method's budget that must stay for more urgent calls.
        """
        moments = (
            now,
            self._channels.get(channel, now),
            self._pauses.get((method, channel), now),
            self._refilled_at(method, now, spare),
        )
        return max(moments)

    def spend(self, method: str, channel: str, now: datetime) -> None:
        """Count one call that is being made."""
        self._forget_past(now)
        self._channels[channel] = now + CHANNEL_INTERVAL
        if method in BUDGETS:
            self._bucket(method, now).left -= 1

    def pause(self, method: str, channel: str, until: datetime) -> None:
        """Make no call of ``method`` for ``channel`` before ``until``."""
        self._pauses[method, channel] = until

    def clock_set(self, step: timedelta) -> None:
        """The clock by which all of this is counted has been set by ``step``."""
        self._channels = {channel: free + step for channel, free in self._channels.items()}
        self._pauses = {key: free + step for key, free in self._pauses.items()}
        for bucket in self._buckets.values():
            bucket.filled += step

    def waiting_channels(self, now: datetime) -> dict[str, datetime]:
        """The channels that have just been written to, and when each is free again."""
        return {channel: free for channel, free in self._channels.items() if free > now}

    def _refilled_at(self, method: str, now: datetime, spare: float) -> datetime:
        budget = BUDGETS.get(method)
        if budget is None:
            return now
        missing = 1 + spare * budget.burst - self._bucket(method, now).left
        return now + timedelta(minutes=max(missing, 0.0) / budget.per_minute)

    def _bucket(self, method: str, now: datetime) -> _Bucket:
        budget = BUDGETS[method]
        bucket = self._buckets.setdefault(method, _Bucket(left=budget.burst, filled=now))
        gained = (now - bucket.filled).total_seconds() / 60 * budget.per_minute
        # A moment is whole microseconds: without the tiny extra a bucket would never be quite full enough.
        bucket.left, bucket.filled = min(float(budget.burst), bucket.left + gained + 1e-6), now
        return bucket

    def _forget_past(self, now: datetime) -> None:
        self._channels = {channel: free for channel, free in self._channels.items() if free > now}
        self._pauses = {key: free for key, free in self._pauses.items() if free > now}
