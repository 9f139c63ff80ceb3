"""What can be news at a site: the words of channel routes and of personal subscriptions."""

from __future__ import annotations

from enum import StrEnum


class NewsKind(StrEnum):
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
    NewsKind.FAILED: "failed and timed out",
    NewsKind.MODIFIED: "modified",
    NewsKind.RECOVERED: "recovered",
    NewsKind.AGENT: "agent lost",
    NewsKind.QUEUE: "queue overrun",
    NewsKind.OVERDUE: "overdue",
}

EVERYTHING = frozenset(NewsKind)
USUAL = frozenset({NewsKind.FAILED, NewsKind.MODIFIED, NewsKind.RECOVERED})  # of a site's own channel
