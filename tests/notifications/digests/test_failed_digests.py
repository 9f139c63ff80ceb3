"""Digests that cannot be composed or sent: tried again, composed anew, given up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.digests import composer
from storage.messages import outbox
from storage.subscriptions import digests
from tests.notifications.digests.composing import (
    SEVEN,
    put,
    storage,
    task_pool,
    title,
)

__all__ = ["storage", "task_pool"]


@pytest.mark.usefixtures("storage")
async def test_n3_what_a_kill_left_behind_is_brought_after_the_start_under_the_same_name() -> None:
    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a")
    await here.clock.advance(SEVEN - here.clock.now())
    await digests.claim_due(here.clock.now())  # killed here: begun, and nothing was put

    here.open()
    await here.digester.tick()
    here.open()  # and killed again, after it was put
    await here.digester.tick()

    delivery = await put("U02ANNA")
    assert delivery is not None
    assert delivery.revision == 1
    assert await outbox.waiting() == 1


@pytest.mark.usefixtures("storage")
async def test_p3_a_withheld_digest_is_composed_anew_without_what_was_lost() -> None:
    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a", "plant-b")
    await here.morning()
    first = await put("U02ANNA")
    assert first is not None
    await outbox.refuse(first.id, "U02ANNA may not see plant-b")

    here.viewers["plant-b"] = frozenset()
    here.open()
    await here.digester.tick()

    second = await put("U02ANNA")
    assert second is not None
    assert title(first).startswith("2 sites")
    assert title(second).startswith("Plant-A")
    assert (second.message.sites, await outbox.waiting()) == (("plant-a",), 1)


@pytest.mark.usefixtures("storage")
async def test_a_digest_that_would_be_refused_again_is_given_up() -> None:
    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a")
    await here.morning()
    first = await put("U02ANNA")
    assert first is not None
    await outbox.refuse(first.id, "chat.postMessage: user_not_found")

    await here.digester.tick()

    assert await outbox.waiting() == 0
    assert await digests.open_digests() == []


@pytest.mark.usefixtures("storage")
async def test_p3_nobody_without_access_gets_one() -> None:
    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a")
    here.viewers |= {"plant-a": frozenset(), "plant-b": frozenset()}
    here.open()

    await here.morning()

    assert await put("U02ANNA") is None
    assert await digests.open_digests() == []


@pytest.mark.usefixtures("storage")
async def test_one_that_cannot_be_composed_stops_no_other_and_is_tried_again() -> None:
    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a")
    await here.digest("C0PLANTA", site="plant-a")
    here.people.away = True

    await here.morning()
    here.people.away = False
    await here.digester.tick()  # too soon

    assert await put("C0PLANTA") is not None
    assert await put("U02ANNA") is None
    await here.clock.advance(timedelta(minutes=1))
    await here.digester.tick()
    assert await put("U02ANNA") is not None


@pytest.mark.usefixtures("storage")
async def test_one_that_never_works_is_given_up_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    here = task_pool()
    await here.subscriptions("U02ANNA", "plant-a")
    monkeypatch.setattr(composer, "gather", broken)
    await here.morning()

    for _ in range(20):
        await here.clock.advance(timedelta(hours=1))
        await here.digester.tick()

    assert await digests.open_digests() == []
