"""Composing digests: once for many recipients, again when it was withheld, and never at the cost of the others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.subscriptions.subscriptions import Profile, SubscriptionFields, SubscriptionScope
from notifications.digests import composer, facts
from storage.database.statements import insert
from storage.messages import outbox
from storage.subscriptions import digests
from storage.subscriptions.profiles import put_profile
from storage.subscriptions.subscriptions import put_subscription
from storage.tables.core import RunRow
from tests.notifications.digests.composing import (
    DAY,
    SEVEN,
    TaskPool,
    failed_at,
    put,
    sent,
    storage,
    task_pool,
    title,
)

__all__ = ["storage", "task_pool"]


@pytest.mark.usefixtures("storage")
async def test_n3_a_digest_is_put_once_and_closed_when_it_stands_in_slack() -> None:
    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a")
    await here.morning()
    first = await put("U02ANNA")

    for _ in range(3):
        await here.digester.tick()
    assert len(await digests.open_digests()) == 1
    await sent(first)
    await here.digester.tick()

    again = await put("U02ANNA")
    assert first is not None
    assert again is not None
    assert (first.message.person, first.message.sites) == ("U02ANNA", ("plant-a",))
    assert again.revision == first.revision == 1
    assert await digests.open_digests() == []


@pytest.mark.usefixtures("storage")
async def test_a_digest_waits_for_slack_however_long_it_is_away_and_comes_soon_after() -> None:
    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a")
    here.people.away = True
    await here.morning()
    for _ in range(120):
        await here.clock.advance(timedelta(minutes=1))
        await here.digester.tick()
    during = await put("U02ANNA")

    here.people.away = False
    await here.clock.advance(timedelta(minutes=1))
    await here.digester.tick()

    assert during is None
    assert "0 runs" in title(await put("U02ANNA"))


@pytest.mark.usefixtures("storage")
async def test_two_hundred_readers_of_one_site_cost_one_look_at_its_history(monkeypatch: pytest.MonkeyPatch) -> None:
    recipients = [f"U{number:04}" for number in range(200)]
    here = TaskPool({"plant-a": frozenset(recipients)})
    gathered = []
    real = facts.gather

    async def counted(*args: Any, **rest: Any) -> Any:  # noqa: ANN401 - as the real one
        gathered.append(args)
        return await real(*args, **rest)

    monkeypatch.setattr(composer, "gather", counted)
    for recipient in recipients:
        await here.subscriptions(recipient, "plant-a")

    await here.morning()

    assert await outbox.waiting() == 200
    assert len(gathered) == 1


@pytest.mark.usefixtures("storage")
async def test_somebody_whose_subscriptions_lead_nowhere_is_told_that() -> None:
    here = task_pool()
    await here.digest("U02ANNA")

    await here.morning()

    assert title(await put("U02ANNA")) == "Your digest is empty"


@pytest.mark.usefixtures("storage")
async def test_n11_runs_of_a_mute_are_counted_for_whoever_had_muted() -> None:
    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a")
    muted = Profile(person="U02ANNA", muted_at=SEVEN - DAY, muted_until=SEVEN - DAY + timedelta(hours=2))
    await put_profile(muted.unmuted(SEVEN - DAY + timedelta(hours=1)))
    await insert(RunRow, [failed_at(SEVEN - DAY + timedelta(minutes=minutes)) for minutes in (30, 50, 90)])

    await here.morning()

    delivery = await put("U02ANNA")
    assert delivery is not None
    said = str(delivery.message.content["blocks"])
    assert "3 failed" in title(delivery)
    assert "While you had messages muted: 🔴 2 failed" in said


@pytest.mark.usefixtures("storage")
async def test_n3_one_watched_device_is_named_however_many_others_of_its_site_fail_after_it() -> None:
    here = task_pool()
    subscription = SubscriptionFields(
        person="U02ANNA", scope=SubscriptionScope.DEVICE, target="plant-a-sw1", site="plant-a"
    )
    await put_subscription(subscription, now=SEVEN - DAY)
    await here.digest("U02ANNA")
    own = failed_at(SEVEN - timedelta(hours=20))
    await insert(RunRow, [own, *({**own, "device": f"other-sw{number}"} for number in range(400))])

    await here.morning()

    delivery = await put("U02ANNA")
    shown = str(delivery.message.content) if delivery else ""
    assert "1 failed" in title(delivery)
    assert "plant-a-sw1" in shown
    assert "at least" not in shown
    assert "other-sw" not in shown
