"""What to look for in the history of runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from domain.runs.outcomes import Outcome
    from domain.runs.run import Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class RunQuery:
    """Which runs a person wants to see, newest first. ``sites`` is what that person may see.

    Pages go by the number of the run, so they stay right while new runs arrive.
    """

    sites: frozenset[str]
    hidden: frozenset[str] = frozenset()  # devices that this person may not see although their sites
    devices: frozenset[str] = frozenset()  # only these; empty: all
    device: str | None = None
    site: str | None = None
    job: int | None = None
    trigger: Trigger | None = None
    asked_by: str | None = None  # Slack user id
    outcomes: frozenset[Outcome] = frozenset()  # empty: all
    since: datetime | None = None  # asked for at this time or later
    until: datetime | None = None  # asked for earlier than this
    ascending: bool = False  # the oldest first
    before: int | None = None  # run id: only runs older than this one
    after: int | None = None  # run id: only runs younger than this one
    limit: int = 10
