"""``stale`` in plain words when there is nothing to list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.runs.health import ages_of
from notifications.pages import lists
from notifications.rendering.renderer import Renderer

NOW = datetime(2026, 5, 3, tzinfo=UTC)
FRESH = NOW - timedelta(hours=2)


@pytest.mark.parametrize(
    ("devices", "days", "is_one_site", "said"),
    [
        (0, 7, False, "You can see no device."),
        (0, 7, True, "You can see no device at this site."),
        (1, 3, True, "🟢 The only device that you can see has a good backup from the last 3 days."),
        (4, 1, False, "🟢 Every one of 4 devices that you can see has a good backup from the last day."),
    ],
)
def test_what_is_seen_of_good_devices_is_said_in_their_number(
    devices: int, days: int, said: str, *, is_one_site: bool
) -> None:
    ages = ages_of({f"fw{number}": FRESH for number in range(devices)}, before=NOW - timedelta(days=days))

    page = lists.stale([], ages, days=days, now=NOW, command="/backup stale", is_one_site=is_one_site)

    assert Renderer().render("stale", page).text == said
