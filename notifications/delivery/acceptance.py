"""Whether Slack accepts the app. While it does not, everything waits, for growing pauses, until it is past."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from domain.messages.refusals import may_be_of_one_method

if TYPE_CHECKING:
    from datetime import datetime

    from domain.messages.outbox import Delivery
    from notifications.delivery.errors import AppRefusal

log = logging.getLogger(__name__)

APP_REFUSED_FIRST_PAUSE: Final = timedelta(seconds=10)  # after Slack refused the app; doubles with each
APP_REFUSED_MAX_PAUSE: Final = timedelta(minutes=5)  # the longest pause between two looks whether it accepts the app
ACCEPTANCE_CHECK_INTERVAL: Final = timedelta(minutes=5)  # between two looks while nothing is sent
MAX_REFUSED_ALONE: Final = 3  # messages refused one after the other; from then on it is no matter of one method
_WRITING: Final = "chat."  # methods that almost every message needs


class Acceptance:
    """What Slack's last answers say of the app. Asks nobody and waits for nothing.

    A code that may concern one method alone (a scope that was never granted) stops the others once. If they go through
    afterwards, it is known to be that method's, and only what needs it waits.
    """

    def __init__(self, now: datetime) -> None:
        self.since: datetime | None = None  # refused since then
        self.code = ""
        self._rests_until = now
        self._pause = APP_REFUSED_FIRST_PAUSE
        self._heard_at = now
        self._in_a_row: set[str] = set()  # messages that were refused since one went through
        self._alone: set[tuple[str, str]] = set()  # methods and codes that stop nothing else
        self._closed_by: set[tuple[str, str]] = set()

    @property
    def is_refused(self) -> bool:
        """Whether everything waits."""
        return self.since is not None

    @property
    def has_lasted(self) -> bool:
        """Whether Slack has said so more than once."""
        return self._pause > APP_REFUSED_FIRST_PAUSE * 2

    def rests_until(self, now: datetime) -> datetime:
        """When something may be tried again: ``now``, or a later moment."""
        return max(now, self._rests_until) if self.is_refused else now

    def may_try_at(self, delivery: Delivery, now: datetime) -> datetime:
        """When ``delivery`` may find out how the app stands: ``now``, or a later moment.

        One that was not refused yet need not wait for as long, if the reason may be one method's that it does not need.
        """
        rests_until = self.rests_until(now)
        few = len(self._in_a_row) < MAX_REFUSED_ALONE
        if few and not self.was_refused(delivery) and all(may_be_of_one_method(code) for _, code in self._closed_by):
            return min(rests_until, max(now, self._heard_at + APP_REFUSED_FIRST_PAUSE))
        return rests_until

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to ask, since nothing else has told for a while."""
        return not self.is_refused and now - self._heard_at >= ACCEPTANCE_CHECK_INTERVAL

    def was_refused(self, delivery: Delivery) -> bool:
        """Whether it is one of those that Slack refused since the last one went through."""
        return delivery.message.key in self._in_a_row

    def refused(self, refusal: AppRefusal, key: str, now: datetime) -> bool:
        """Slack refused the app when ``key`` was sent; returns whether everything waits now."""
        self._heard_at = now
        self._in_a_row.add(key)
        cause = (refusal.method, refusal.code)
        if not self.is_refused:
            says_little = len(self._in_a_row) < MAX_REFUSED_ALONE or not refusal.method.startswith(_WRITING)
            if cause in self._alone and says_little:
                return False
            self.since, self._pause = now, APP_REFUSED_FIRST_PAUSE
        self.code = refusal.code
        self._closed_by.add(cause)
        self._rests_until, self._pause = now + self._pause, min(self._pause * 2, APP_REFUSED_MAX_PAUSE)
        log.error(
            "slack refuses the app, everything waits",
            extra={"code": refusal.code, "method": refusal.method, "until": self._rests_until.isoformat()},
        )
        return True

    def passed(self, now: datetime) -> None:
        """Something that needs the app to be accepted went through."""
        self._heard_at = now
        self._in_a_row.clear()
        if self.since is None:
            return
        log.warning("slack accepts the app again", extra={"code": self.code, "since": self.since.isoformat()})
        self._alone |= {cause for cause in self._closed_by if may_be_of_one_method(cause[1])}
        self._closed_by.clear()
        self.since = None

    def clock_set(self, step: timedelta) -> None:
        """The clock by which the pauses are counted has been set by ``step``; since when it was refused stays said."""
        self._rests_until += step
        self._heard_at += step

    def unknown(self, now: datetime) -> None:
        """It was asked and not answered: asked again after the usual while."""
        self._heard_at = now
        if self.is_refused:
            self._rests_until = now + self._pause
