"""Choosing what one hears, in Slack: the form, the one view of everything, and a button to stop each."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

import pytest

from domain.digests.digests import DigestPeriod
from domain.jobs.schedules import Daily
from domain.subscriptions.subscriptions import SubscriptionScope
from storage.subscriptions.digests import digests_of
from storage.subscriptions.profiles import profile_of
from storage.subscriptions.subscriptions import subscriptions_of
from tests.features.jobs.test_jobs import answer, press, window

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town


@pytest.fixture
async def served(town: Town) -> Town:
    """Plant A with two devices; only the test ticks."""
    await town.add_device("core-sw1")
    await town.add_device("core-sw2")
    await town.start(keeps_time=False)
    return town


async def test_n1_everything_is_chosen_in_one_form(served: Town) -> None:
    await served.command(served.anna, "/backup subscribe core-sw1")
    form = await window(served, "Subscribe to")

    await served.slack.submit(
        served.anna,
        form,
        {
            "at_once~0": ["failed", "modified"],
            "digests~0": ["daily"],
            "at~0": "06:45",
            "quiet_from~0": "22:00",
            "quiet_to~0": "06:00",
        },
    )
    await window(served, "You are subscribed to")

    [subscription] = await subscriptions_of(served.anna.id)
    assert (subscription.scope, subscription.target, subscription.failed, subscription.modified) == (
        SubscriptionScope.DEVICE,
        "core-sw1",
        True,
        True,
    )
    [digest] = await digests_of(served.anna.id)
    assert (digest.period, digest.schedule) == (DigestPeriod.DAY, Daily(time(6, 45), weekends=True))
    assert (await profile_of(served.anna.id)).quiet_from == time(22)
    assert served.slack.refused == []


async def test_half_of_the_quiet_hours_is_said_at_its_field_and_nothing_is_written(served: Town) -> None:
    await served.command(served.anna, "/backup subscribe core-sw1")
    form = await window(served, "Subscribe to")

    done = await served.slack.submit(served.anna, form, {"quiet_from~0": "22:00"})

    assert "beginning and an end" in " ".join(done.field_errors.values())
    assert await subscriptions_of(served.anna.id) == []


async def test_all_that_one_gets_is_shown_and_stopped_by_its_buttons(served: Town) -> None:
    await answer(served, "/backup subscribe site:plant-a failed daily 07:00", "You are subscribed to")
    [subscription] = await subscriptions_of(served.anna.id)
    [digest] = await digests_of(served.anna.id)

    listed = await answer(served, "/backup subscriptions", "Your subscriptions and digests")
    await press(served, listed, f"do:unsubscribe#w{subscription.id}", "are no longer subscribed to")
    await press(served, listed, f"do:unsubscribe#r{digest.id}", "Stopped: Daily digest")
    empty = await answer(served, "/backup subscriptions", "You have no subscriptions yet")

    assert "You have no digests" in served.slack.plain(empty)
    assert await subscriptions_of(served.anna.id) == []
    assert await digests_of(served.anna.id) == []


async def test_n11_mute_is_chosen_from_a_menu_and_shown(served: Town) -> None:
    await answer(served, "/backup mute 2h", "Muted until")

    listed = await answer(served, "/backup subscriptions", "Muted until")
    await press(served, listed, "do:unmute", "You are no longer muted")

    assert (await profile_of(served.anna.id)).muted_until is None
