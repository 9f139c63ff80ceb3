"""What can be events at a site: the words of channel routes and of personal subscriptions."""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """What somebody may want to hear at once; the value is what the database stores."""

    FAILED = "failed"  # Failed and Timed Out: a device went from good to bad
    MODIFIED = "modified"
    RECOVERED = "recovered"  # a device that had failed is good again
    AGENT = "agent"  # an agent fell silent, or is back
    QUEUE = "queue"  # runs still waited when their jobs came due again
    OVERDUE = "overdue"  # a device without a good backup for too long

    @property
    def words(self) -> str:
        """As people read it."""
        return _WORDS[self]


_WORDS = {
    EventKind.FAILED: "failed and timed out",
    EventKind.MODIFIED: "modified",
    EventKind.RECOVERED: "recovered",
    EventKind.AGENT: "agent lost",
    EventKind.QUEUE: "queue overrun",
    EventKind.OVERDUE: "overdue",
}

EVERYTHING = frozenset(EventKind)
USUAL = frozenset({EventKind.FAILED, EventKind.MODIFIED, EventKind.RECOVERED})  # of a site's own channel
