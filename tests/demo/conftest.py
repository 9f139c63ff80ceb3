"""What the tests of the demo's rooms share."""

from __future__ import annotations

from tests.support.fleet_fixtures import fleet, switch
from tests.support.slack_fixtures import anna, bolt, connected, on_http, on_socket, plant_a, slack, slack_clock, web

__all__ = [
    "anna",
    "bolt",
    "connected",
    "fleet",
    "on_http",
    "on_socket",
    "plant_a",
    "slack",
    "slack_clock",
    "switch",
    "web",
]
