"""What admins read of a channel that does not take all messages."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.events.alerts import RouteBroken
from domain.inventory.declared import Site
from domain.subscriptions.routes import Route, RouteHealth
from notifications.alerts.route_words import route_broken
from notifications.pages.subscription_words import health_in_words
from notifications.rendering.renderer import Renderer

NIGHT = datetime(2026, 5, 3, 2, 0, tzinfo=UTC)
SITE = Site(key="plant-c", name="Plant C", timezone=ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("code", "heading"),
    [
        ("shared_with_others", "Diffs and files are not posted in"),
        ("not_in_channel", "Messages do not arrive in"),
        ("is_archived", "Messages do not arrive in"),
        ("a_word_that_nobody_knows", "Messages do not arrive in"),
    ],
)
def test_n10_the_heading_says_what_does_not_arrive_and_the_text_what_to_do(code: str, heading: str) -> None:
    alert = RouteBroken(channel="C0NET", code=code, sites=("plant-c",), at=NIGHT)

    text = Renderer().render("route_broken", route_broken(alert, [SITE])).text

    assert text.startswith(f"⚠️ {heading} <#C0NET> (Plant C). ")
    assert "`/backup routes`" in text


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("shared_with_others", "🔴 diffs are withheld: the channel is shared with another organisation"),
        ("is_archived", "🔴 messages do not arrive: the channel is archived"),
    ],
)
def test_n10_a_shared_channel_is_not_listed_as_one_that_takes_no_messages(trouble: str, said: str) -> None:
    route = Route(id=1, site="plant-c", channel="C0NET", health=RouteHealth.BAD, trouble=trouble)

    assert health_in_words(route) == said
