"""How often somebody is told no: who goes on being refused is told once more, and then not answered for a while."""

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
MAX_REFUSED_PERSONS = 1_000  # whose refusals are remembered


class Answer(Enum):
    """What a refusal is answered with."""

    REFUSAL = "refusal"
    LAST_WORDS = "last words"
    SILENCE = "silence"


class RefusalLimit:
    """Counts refusals, by person."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refused: dict[str, deque[datetime]] = {}

    def refused(self, person: str) -> Answer:
        """Count one more refusal of ``person``, and say how it is answered."""
        now = self._clock.steady()
        times: deque[datetime] = self._refused.pop(person, deque())
        while times and now - times[0] >= REFUSAL_WINDOW:
            times.popleft()
        if len(times) < MAX_REFUSALS:  # further ones do not count, so that the silence ends
            times.append(now)
            answer = Answer.LAST_WORDS if len(times) == MAX_REFUSALS else Answer.REFUSAL
        else:
            answer = Answer.SILENCE
        while len(self._refused) >= MAX_REFUSED_PERSONS:
            del self._refused[next(iter(self._refused))]
        self._refused[person] = times  # the last one to be forgotten
        return answer
