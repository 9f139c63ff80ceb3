"""How a device stands. One that was never backed up is a state of its own: nothing good is known of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from domain.runs.outcomes import Outcome


class Health(StrEnum):
    """Each device has exactly one, so that counts of them add up; the value is what exports and metrics say."""

    NEVER = "never_backed_up"  # not one good backup at its site, whatever its last run was
    FAILING = "failing"  # the last run failed; an older backup is there
    OVERDUE = "overdue"  # the last good backup is older than the device may be without one
    GOOD = "good"

    @property
    def word(self) -> str:
        """The state in plain text: ``never backed up``."""
        return self.value.replace("_", " ")

    @property
    def sign(self) -> str:
        """What stands before a count of it."""
        return _SIGNS[self]


_SIGNS: Final = {Health.NEVER: "⚠️", Health.FAILING: "🔴", Health.OVERDUE: "⏰", Health.GOOD: "🟢"}


def health_of(*, good_at: datetime | None, outcome: Outcome | None, before: datetime) -> Health:
    """How a device stands.

    Args:
        good_at: its last good backup; None: never.
        outcome: of its last run that has ended; None: none has.
        before: a good backup from before that is too old.
    """
    if good_at is None:
        return Health.NEVER
    if outcome is not None and outcome.is_bad:
        return Health.FAILING
    return Health.OVERDUE if good_at < before else Health.GOOD


def counted(found: Iterable[Health]) -> dict[Health, int]:
    """How many of each, what needs somebody first; states that nothing has are left out."""
    counts = Counter(found)
    return {health: counts[health] for health in Health if counts[health]}


def counts_in_words(counts: Mapping[Health, int]) -> list[str]:
    """Each count with its sign: ``🟢 3 good``."""
    return [f"{health.sign} {count:,} {health.word}" for health, count in counts.items()]


@dataclass(frozen=True, slots=True)
class Ages:
    """Devices by the age of their last good backup: each is in one of the three."""

    never: tuple[str, ...]  # by name
    old: tuple[str, ...]  # the oldest first
    fresh: tuple[str, ...]

    @property
    def total(self) -> int:
        """All of them."""
        return len(self.never) + len(self.old) + len(self.fresh)


def ages_of(good_at: Mapping[str, datetime | None], *, before: datetime) -> Ages:
    """Sort devices by their last good backup (by name; None: never); what is from before ``before`` is old."""
    known = [(at, name) for name, at in good_at.items() if at is not None]
    return Ages(
        never=tuple(sorted(name for name, at in good_at.items() if at is None)),
        old=tuple(name for at, name in sorted(known) if at < before),
        fresh=tuple(name for at, name in sorted(known) if at >= before),
    )
