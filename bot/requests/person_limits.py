"""How much one person may ask, and how often somebody is told no: told once more, and then not answered for a while."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from domain.clock import Clock

MAX_REFUSALS = 20  # refusals that are answered within ...
REFUSAL_WINDOW = timedelta(minutes=10)  # in which that many refusals are answered
LAST_WORDS = (
    f"You have been refused {MAX_REFUSALS} times within {REFUSAL_WINDOW // timedelta(minutes=1)} minutes. "
    "Further refusals get no answer for a while. Everything else works."
)
NOT_ANSWERED = "Nothing was done. Close this window and try again in a few minutes."
MAX_REQUESTS = 120  # commands, buttons and mentions of one person that are carried out within ...
REQUEST_WINDOW = timedelta(minutes=2)  # in which that many requests are carried out
TOO_MANY_REQUESTS = (
    f"You have sent {MAX_REQUESTS} requests within {REQUEST_WINDOW // timedelta(minutes=1)} minutes. "
    "This one was not carried out, and further ones get no answer. Wait a minute, then try again."
)
MAX_LOOKS = 300  # entries into forms and pickers, and Home tabs opened, by one person within ...
LOOK_WINDOW = timedelta(minutes=1)  # in which that many looks are answered
TOO_MANY_LOOKS = "Too many requests at once, so nothing was saved. Wait a minute, then send the form again."
MAX_LIMITED_PERSONS = 1_000  # whose requests are remembered


class Answer(Enum):
    """What somebody's next request is answered with."""

    USUAL = "usual"
    LAST_WORDS = "last words"
    SILENCE = "silence"


class PersonLimit:
    """Counts what each person does: ``most`` times within ``window``, the last of them with a word that it is."""

    def __init__(self, clock: Clock, *, most: int, window: timedelta) -> None:
        self._clock = clock
        self._most = most
        self._window = window
        self._counted: dict[str, deque[datetime]] = {}

    def counted(self, person: str) -> Answer:
        """Count one more of ``person``, and say how it is answered."""
        now = self._clock.steady()
        times: deque[datetime] = self._counted.pop(person, deque())
        while times and now - times[0] >= self._window:
            times.popleft()
        if len(times) < self._most:  # further ones do not count, so that the silence ends
            times.append(now)
            answer = Answer.LAST_WORDS if len(times) == self._most else Answer.USUAL
        else:
            answer = Answer.SILENCE
        while len(self._counted) >= MAX_LIMITED_PERSONS:
            del self._counted[next(iter(self._counted))]
        self._counted[person] = times  # the last one to be forgotten
        return answer


class PersonLimits:
    """The limits of one bot: refusals, requests, and looks at what forms and pickers offer."""

    def __init__(self, clock: Clock) -> None:
        self.refusals = PersonLimit(clock, most=MAX_REFUSALS, window=REFUSAL_WINDOW)
        self.requests = PersonLimit(clock, most=MAX_REQUESTS, window=REQUEST_WINDOW)
        self.looks = PersonLimit(clock, most=MAX_LOOKS, window=LOOK_WINDOW)

    def may_look(self, person: str) -> bool:
        """Count one more look of ``person``, and say whether it is answered."""
        return self.looks.counted(person) is Answer.USUAL
