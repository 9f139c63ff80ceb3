"""Who wants which run cancelled, until it has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class CancelWish:
    """Somebody wants this run cancelled, and the agent has been told."""

    by: str
    at: datetime  # a moment of the steady clock


class CancelWishes:
    """The wishes whose runs have not ended, by run."""

    def __init__(self) -> None:
        self._wishes: dict[int, CancelWish] = {}

    def put(self, run: int, *, by: str, at: datetime) -> None:
        """Remember who wants it cancelled; the first one counts."""
        self._wishes.setdefault(run, CancelWish(by, at))

    def find(self, run: int) -> CancelWish | None:
        """Who wants it cancelled."""
        return self._wishes.get(run)

    def drop(self, run: int) -> None:
        """The run has ended."""
        self._wishes.pop(run, None)

    def all(self) -> Mapping[int, CancelWish]:
        """Every wish whose run has not ended."""
        return dict(self._wishes)
