"""What the tests of the demo's rooms share."""

from __future__ import annotations

from tests.fleet_fixtures import fleet, switch

__all__ = ["fleet", "switch"]
