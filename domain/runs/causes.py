"""Why a time limit ran out."""

from __future__ import annotations

from enum import StrEnum


class TimeoutCause(StrEnum):
    """Why a clock ran out; the value is what the database stores."""

    QUEUE = "queue"  # other runs were before it
    SHORT_LIMIT = "short_limit"  # it usually takes longer than its limit
    AGENT = "agent"  # its agent was disconnected
    NO_AGENT = "no_agent"  # no agent serves its site
