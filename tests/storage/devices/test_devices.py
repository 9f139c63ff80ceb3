"""What is known of devices, and what Slack has already delivered."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.configs.versions import DeviceState
from domain.inventory.declared import Device, Endpoint, Inventory, Site
from domain.messages.outbox import Message, MessageKind
from domain.subscriptions.subscriptions import SubscriptionFields, SubscriptionScope
from storage.devices import devices
from storage.devices.versions import add_found_versions
from storage.messages import outbox, seen
from storage.subscriptions import subscriptions
from tests.storage.values import NOW, add_run, stored

pytestmark = pytest.mark.usefixtures("storage")


def declared(**sites_of_devices: str) -> Inventory:
    """An inventory of devices, each with the site it belongs to."""
    sites = {key: Site(key=key, name=key, timezone=ZoneInfo("UTC")) for key in set(sites_of_devices.values())}
    found = {
        name: Device(name=name, site=site, platform="cisco_ios", endpoint=Endpoint(host="192.0.2.1"))
        for name, site in sites_of_devices.items()
    }
    return Inventory(sites=sites, devices=found, agents={})


async def test_declared_devices_are_known_and_undeclared_ones_keep_their_history() -> None:
    await devices.sync_devices(declared(a="plant-a", b="plant-a"))
    await add_found_versions([stored(await add_run("a"), 1)])

    await devices.sync_devices(declared(b="plant-b", c="plant-b"))

    states = await devices.device_states(["a", "b", "c", "d"])
    assert states == {
        "a": DeviceState(device="a", site="plant-a", version=1, digest="d1", size=100, last_good_at=NOW),
        "b": DeviceState(device="b", site="plant-b"),
        "c": DeviceState(device="c", site="plant-b"),
    }
    assert await devices.device_state("d") is None


async def test_p3_messages_that_wait_say_so_when_a_device_they_name_is_restricted() -> None:
    await devices.sync_devices(declared(core_sw1="plant-a", Büro="plant-a", coreXsw1="plant-a"))
    await outbox.put([_message("waits", "core_sw1, Büro"), _message("other", "coreXsw1")], now=NOW)

    inventory = declared(core_sw1="plant-a", Büro="plant-a", coreXsw1="plant-a")
    restricted = {name: replace(inventory.devices[name], only=frozenset({"U0ANNA"})) for name in ("core_sw1", "Büro")}
    for _ in range(2):
        await devices.sync_devices(replace(inventory, devices={**inventory.devices, **restricted}))

    waits, other = await outbox.delivery_of("waits"), await outbox.delivery_of("other")
    assert waits
    assert other
    assert set(waits.message.devices) == {"core_sw1", "Büro"}
    assert other.message.devices == ()


async def test_n4_subscription_follows_its_device_to_another_site() -> None:
    await devices.sync_devices(declared(a="plant-a", b="plant-a"))
    for name in ("a", "b"):
        fields = SubscriptionFields(person="U0ANNA", scope=SubscriptionScope.DEVICE, target=name, site="plant-a")
        await subscriptions.put_subscription(fields, now=NOW)

    await devices.sync_devices(declared(a="plant-b", b="plant-a"))

    assert {(one.target, one.site) for one in await subscriptions.subscriptions_of("U0ANNA")} == {
        ("a", "plant-b"),
        ("b", "plant-a"),
    }


def _message(key: str, text: str) -> Message:
    content = {"text": text, "blocks": []}
    return Message(key=key, kind=MessageKind.POST, channel="C1", content=content, sites=("plant-a",))


async def test_thousands_of_devices_are_declared_and_looked_up() -> None:
    names = [f"sw{number}" for number in range(3_000)]

    await devices.sync_devices(declared(**dict.fromkeys(names, "plant-a")))

    assert set(await devices.device_states(names)) == set(names)


async def test_a_delivery_from_slack_is_new_once() -> None:
    assert await seen.first_time("Ev1", NOW)
    assert not await seen.first_time("Ev1", NOW + timedelta(hours=1))
    assert await seen.first_time("Ev2", NOW)


async def test_of_two_equal_deliveries_at_once_one_is_new() -> None:
    answers = await asyncio.gather(*(seen.first_time("x" * 5_000, NOW) for _ in range(10)))

    assert sorted(answers) == [False] * 9 + [True]


async def test_old_deliveries_are_forgotten() -> None:
    await seen.first_time("old", NOW)
    await seen.first_time("new", NOW + timedelta(hours=1))

    assert await seen.forget_seen(NOW + timedelta(hours=1)) == 1

    assert await seen.first_time("old", NOW)
    assert not await seen.first_time("new", NOW)
