"""What is known of devices, and what Slack has already delivered."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.inventory import Device, Inventory, Site, Way
from domain.versions import DeviceState
from storage import devices, seen
from storage.versions import add_found_versions
from tests.storage.values import NOW, add_run, stored

pytestmark = pytest.mark.usefixtures("storage")


def declared(**sites_of_devices: str) -> Inventory:
    """An inventory of devices, each with the site it belongs to."""
    sites = {key: Site(key=key, name=key, timezone=ZoneInfo("UTC")) for key in set(sites_of_devices.values())}
    found = {
        name: Device(name=name, site=site, platform="cisco_ios", way=Way(host="192.0.2.1"))
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
