"""Who has left what, as Slack told: it counts at once, before anything is asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.slack.cache import next_moment

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from domain.clock import Clock

EVERYBODY: Final = "*"
MAX_DEPARTURES = 1_000  # that are kept before those are dropped that no kept answer can contradict any more


class Departures:
    """Answers of Slack that were asked for before somebody left are not believed about that person."""

    def __init__(self, clock: Clock, *, lifetime: timedelta) -> None:
        """``lifetime`` is how long answers are kept."""
        self._clock = clock
        self._lifetime = lifetime
        self._left: dict[tuple[str, str], tuple[int, datetime]] = {}

    def note(self, place: str, user: str = EVERYBODY) -> None:
        """``user`` is no longer in this group or channel; without one, nobody is: it is gone, or the bot left it."""
        if len(self._left) >= MAX_DEPARTURES:
            self._drop_old()
        self._left[place, user] = (next_moment(), self._clock.now())

    def since(self, moment: int, place: str, user: str) -> bool:
        """Whether ``user`` has left ``place`` after that moment."""
        return any(self._left.get((place, one), (0,))[0] > moment for one in (user, EVERYBODY))

    def _drop_old(self) -> None:
        now = self._clock.now()
        self._left = {key: note for key, note in self._left.items() if now - note[1] <= self._lifetime}
