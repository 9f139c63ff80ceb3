"""Outgoing HTTP: the one place that opens sessions, so that all of them go out in the same way."""

from __future__ import annotations

from datetime import timedelta

import aiohttp

DEFAULT_TIMEOUT = timedelta(minutes=5)  # for one whole exchange; most callers set a shorter one


def outgoing_session(*, timeout: timedelta = DEFAULT_TIMEOUT) -> aiohttp.ClientSession:
    """A session for HTTP requests to others; to be closed by whoever opened it."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout.total_seconds()))
