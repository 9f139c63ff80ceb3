"""Alerts reach the admins of each site that they concern, and name nothing of other sites."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from domain.access.access import Access
from domain.events.alerts import AgentBack, AgentDisconnected, ChannelShared, QueueOverrun, RouteBroken
from domain.roles import Role
from domain.subscriptions.kinds import EventKind
from domain.subscriptions.routes import RouteFields, RouteHealth
from notifications.alerts.alerter import Alerter
from notifications.rendering.renderer import Renderer
from storage.database.opening import database
from storage.messages import outbox
from storage.subscriptions.routes import note_health, sync_routes
from tests.runners.workshop import make_device, make_inventory, make_site
from tests.support.clock import MovedClock
from tests.support.database_fixtures import migrate_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from domain.events.alerts import Alert
    from domain.messages.outbox import Message

ADMIN_A, ADMIN_B, BOTH, OWNER = "U0A", "U0B", "U0BOTH", "U0OWNER"
GROUP = {"S0ADMINS": frozenset({ADMIN_A, BOTH})}


async def members(group: str) -> frozenset[str]:
    return GROUP[group]


class TaskPool:
    """An alerter, and what it has put."""

    def __init__(self) -> None:
        self.clock = MovedClock()
        self.woken = 0
        self.rooms: dict[str, frozenset[str]] = {}
        sites = [
            replace(make_site("plant-a"), access={Role.ADMIN: frozenset({"S0ADMINS"})}),
            replace(make_site("plant-b"), access={Role.ADMIN: frozenset({ADMIN_B, BOTH})}),
            make_site("plant-c"),
        ]
        vault = replace(make_device("a-vault1"), only=frozenset({BOTH}))
        cellar = replace(make_device("a-vault2"), only=frozenset({"U0VERA"}))  # no admin
        devices = [make_device("a-sw1"), vault, cellar, make_device("b-sw1", site="plant-b")]
        inventory = make_inventory(devices, sites=sites)
        access = Access(inventory, owners=frozenset({OWNER}))
        self.alerter = Alerter(
            Renderer(), access=access, clock=self.clock, wake=self._wake, members=members, recipients=self.recipients
        )

    async def told(self, alert: Alert) -> dict[str, Message]:
        """Everything that stands in the outbox after ``alert``, by reader."""
        await self.alerter.tell(alert)
        return {one.message.channel: one.message for one in await outbox.due(self.clock.now(), limit=100)}

    async def recipients(self, channel: str) -> frozenset[str]:
        """Those whom the test put into the channel."""
        return self.rooms.get(channel, frozenset())

    def _wake(self) -> None:
        self.woken += 1


@pytest.fixture
async def task_pool(tmp_path: Path) -> AsyncIterator[TaskPool]:
    await migrate_file(tmp_path / "lastgood.db")
    async with database(f"sqlite://{tmp_path}/lastgood.db"):
        yield TaskPool()


def overrun(site: str, *devices: str) -> QueueOverrun:
    day = MovedClock().now().date()
    return QueueOverrun(site=site, day=day, jobs=("nightly",), devices=devices)


async def test_s6_the_admins_alone_are_told_with_count_and_names(task_pool: TaskPool) -> None:
    told = await task_pool.told(overrun("plant-a", *(f"sw{number}" for number in range(14))))

    assert set(told) == {ADMIN_A, BOTH}
    message = told[ADMIN_A]
    assert message.person == ADMIN_A
    assert message.sites == ("plant-a",)
    assert "14 runs were still waiting" in message.content["text"]
    assert "sw0, sw1" in message.content["text"]
    assert "and 4 more" in message.content["text"]
    assert task_pool.woken == 1


async def test_s6_a_second_overrun_of_the_day_edits_the_first_message(task_pool: TaskPool) -> None:
    await task_pool.told(overrun("plant-b", "sw1"))

    told = await task_pool.told(overrun("plant-b", "sw1", "sw2"))

    assert set(told) == {ADMIN_B, BOTH}
    assert "2 runs" in told[ADMIN_B].content["text"]
    assert len(await outbox.due(task_pool.clock.now(), limit=100)) == 2


async def test_owners_are_told_where_a_site_has_no_admin(task_pool: TaskPool) -> None:
    assert set(await task_pool.told(overrun("plant-c", "sw1"))) == {OWNER}


async def test_a2_each_reader_hears_of_the_own_sites_alone(task_pool: TaskPool) -> None:
    waiting = {"plant-a": ("a-sw1",), "plant-b": ("b-sw1", "b-sw2")}
    told = await task_pool.told(AgentDisconnected(agent="north", since=task_pool.clock.now(), waiting=waiting))

    texts = {person: message.content["text"] for person, message in told.items()}
    assert set(texts) == {ADMIN_A, ADMIN_B, BOTH}
    assert "1 run of Plant A is waiting for it: a-sw1." in texts[ADMIN_A]
    assert "b-sw1" not in texts[ADMIN_A]
    assert "2 runs of Plant B are waiting for it: b-sw1, b-sw2." in texts[ADMIN_B]
    assert "a-sw1" in texts[BOTH]
    assert "b-sw2" in texts[BOTH]


async def test_n9_a_channel_that_wants_it_is_told_and_its_members_not_again(task_pool: TaskPool) -> None:
    events = frozenset({EventKind.AGENT})
    await sync_routes(
        [RouteFields(site=site, channel=f"C0{site[-1].upper()}", events=events) for site in ("plant-a", "plant-b")]
    )
    task_pool.rooms = {"C0A": frozenset({ADMIN_A, BOTH}), "C0B": frozenset({ADMIN_A})}
    waiting = {"plant-a": ("a-sw1",), "plant-b": ("b-sw1",)}

    told = await task_pool.told(AgentDisconnected(agent="north", since=task_pool.clock.now(), waiting=waiting))

    assert set(told) == {"C0A", "C0B", ADMIN_B, BOTH}  # BOTH reads only the half of it there
    assert "b-sw1" not in told["C0A"].content["text"]
    assert (told["C0A"].person, told["C0A"].sites) == (None, ("plant-a",))


@pytest.mark.parametrize(
    ("health", "events"),
    [
        pytest.param(RouteHealth.BAD, {EventKind.QUEUE}, id="messages do not arrive there"),
        pytest.param(RouteHealth.GOOD, {EventKind.AGENT}, id="it wants to hear of something else"),
    ],
)
async def test_n9_admins_are_told_themselves_where_the_channel_does_not_tell_them(
    health: RouteHealth, events: set[EventKind], task_pool: TaskPool
) -> None:
    await sync_routes([RouteFields(site="plant-a", channel="C0A", events=frozenset(events))])
    await note_health("C0A", health, trouble="", now=task_pool.clock.now())
    task_pool.rooms = {"C0A": frozenset({ADMIN_A, BOTH})}

    assert {ADMIN_A, BOTH} <= set(await task_pool.told(overrun("plant-a", "a-sw1")))


async def test_n10_the_admins_of_all_sites_of_a_broken_channel_hear_what_to_do(task_pool: TaskPool) -> None:
    alert = RouteBroken(channel="C0A", code="not_in_channel", sites=("plant-a", "plant-b"), at=task_pool.clock.now())

    told = await task_pool.told(alert)

    assert set(told) == {ADMIN_A, ADMIN_B, BOTH}
    assert "/invite @Lastgood" in told[BOTH].content["text"]
    assert "Plant A, Plant B" in told[BOTH].content["text"]
    assert "Plant B" not in told[ADMIN_A].content["text"]


async def test_a2_the_return_is_a_message_of_its_own(task_pool: TaskPool) -> None:
    since = task_pool.clock.now()
    await task_pool.told(AgentDisconnected(agent="north", since=since, waiting={"plant-c": ()}))

    back = AgentBack(agent="north", since=since, back_at=since + timedelta(minutes=12), sites=("plant-c",))
    await task_pool.alerter.tell(back)

    texts = [one.message.content["text"] for one in await outbox.due(task_pool.clock.now(), limit=100)]
    assert len(texts) == 2
    assert "has reconnected. It was disconnected for 12 min, since 07:00 CET on 02 Mar." in texts[1]


async def test_p3_restricted_device_is_named_to_those_it_is_there_for_and_else_to_owners(task_pool: TaskPool) -> None:
    told = await task_pool.told(overrun("plant-a", "a-sw1", "a-vault1", "a-vault2"))

    named = {
        who: [one for one in ("a-sw1", "a-vault1", "a-vault2") if one in str(m.content)] for who, m in told.items()
    }
    assert named == {ADMIN_A: ["a-sw1"], BOTH: ["a-sw1", "a-vault1"], OWNER: ["a-vault2"]}
    assert {who: message.devices for who, message in told.items()} == {
        ADMIN_A: (),
        BOTH: ("a-vault1",),
        OWNER: ("a-vault2",),
    }
    assert "1 run was still waiting" in told[ADMIN_A].content["text"]


async def test_p3_alert_about_a_restricted_device_alone_is_not_told_to_whom_it_is_not_there_for(
    task_pool: TaskPool,
) -> None:
    assert set(await task_pool.told(overrun("plant-a", "a-vault1"))) == {BOTH}


async def test_p3_disconnected_agent_names_no_restricted_device_to_whom_it_is_not_there_for(
    task_pool: TaskPool,
) -> None:
    waiting = {"plant-a": ("a-sw1", "a-vault1")}

    told = await task_pool.told(AgentDisconnected(agent="local", since=task_pool.clock.now(), waiting=waiting))

    assert "a-vault1" not in str(told[ADMIN_A].content)
    assert "a-vault1" in str(told[BOTH].content)


async def test_channel_that_is_shared_is_told_of_once(task_pool: TaskPool) -> None:
    first = await task_pool.told(ChannelShared(site="plant-a", channel="C0PLANTA"))
    await task_pool.told(ChannelShared(site="plant-a", channel="C0PLANTA"))

    assert set(first) == {ADMIN_A, BOTH}
    assert "its channel is shared with another organisation" in first[ADMIN_A].content["text"]
    assert {one.revision for one in await outbox.due(task_pool.clock.now())} == {1}
