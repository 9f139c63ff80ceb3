"""What is known of an agent: its sites, its load, and when it was last heard of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStatus:
    """An agent as ``serve`` sees it. Exactly one of ``connected_since`` and ``disconnected_since`` is set."""

    name: str
    sites: frozenset[str] | None  # None: all
    concurrency: int  # sessions at once
    running: int  # runs it is at
    waiting: int  # runs that wait for it, here or in its own queue
    connected_since: datetime | None
    disconnected_since: datetime | None  # when it was last heard; for one never heard, when Lastgood started
    disconnected_for: timedelta | None = None  # the same as a span, whatever happened to clocks; None: it is connected
