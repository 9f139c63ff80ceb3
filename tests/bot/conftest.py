"""The whole bot, for tests of the shell."""

from __future__ import annotations

from tests.support.serve_fixtures import town, town_clock, town_slack

__all__ = ["town", "town_clock", "town_slack"]
