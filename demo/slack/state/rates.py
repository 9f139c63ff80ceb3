"""How often each method may be called: a bucket that refills with time, per method and per posting channel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from domain.clock import Clock


@dataclass(frozen=True)
class Rate:
    """``per_minute`` calls in the long run, ``burst`` of them at once."""

    per_minute: int
    burst: int


TIER_1: Final = Rate(per_minute=1, burst=10)
TIER_2: Final = Rate(per_minute=20, burst=20)
TIER_3: Final = Rate(per_minute=50, burst=50)
TIER_4: Final = Rate(per_minute=100, burst=100)
SPECIAL: Final = Rate(per_minute=600, burst=100)  # "hundreds per minute"
POSTING: Final = Rate(per_minute=300, burst=60)  # the whole workspace
CHANNEL: Final = Rate(per_minute=60, burst=5)  # one channel: one a second, with a short burst


@dataclass
class _Bucket:
    left: float
    filled: datetime
    closed_until: datetime | None = None


class Rates:
    """The buckets of one app in one workspace. After a refusal a key stays shut until its time has come."""

    def __init__(self, clock: Clock, *, enabled: bool) -> None:
        self._clock = clock
        self.enabled = enabled
        self._buckets: dict[str, _Bucket] = {}

    def wait(self, key: str, rate: Rate) -> int:
        """Take one call out of the bucket; returns 0, or the whole seconds to wait if there was none."""
        if not self.enabled:
            return 0
        now = self._clock.now()
        bucket = self._buckets.setdefault(key, _Bucket(left=rate.burst, filled=now))
        if bucket.closed_until is not None and now < bucket.closed_until:
            return math.ceil((bucket.closed_until - now).total_seconds())
        gained = (now - bucket.filled).total_seconds() * rate.per_minute / 60
        bucket.left, bucket.filled = min(float(rate.burst), bucket.left + gained), now
        bucket.closed_until = None
        if bucket.left >= 1 - 1e-9:  # a microsecond clock never refills to exactly one
            bucket.left -= 1
            return 0
        seconds = max(1, math.ceil((1 - bucket.left) * 60 / rate.per_minute))
        bucket.closed_until = now + timedelta(seconds=seconds)
        return seconds
