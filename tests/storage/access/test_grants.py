"""Access that was given in Slack, and devices that stay restricted."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest

from domain.access.grants import Grant
from domain.inventory.declared import Device, Endpoint, Inventory, Site
from domain.roles import Role
from storage.access import grants
from storage.devices import devices
from tests.storage.values import NOW

pytestmark = pytest.mark.usefixtures("storage")


def grant(principal: str, role: Role, site: str = "plant-a") -> Grant:
    """Given by Olga at NOW."""
    return Grant(site=site, principal=principal, role=role, given_by="U0OLGA", given_at=NOW)


async def test_the_last_grant_of_a_principal_at_a_site_counts_and_can_be_taken_back() -> None:
    first = await grants.put_grant(grant("U02ANNA", Role.VIEWER))
    second = await grants.put_grant(grant("U02ANNA", Role.ADMIN))
    await grants.put_grant(grant("U02ANNA", Role.OPERATOR, "plant-b"))
    stored = await grants.all_grants()

    taken = [await grants.drop_grant("plant-a", "U02ANNA") for _ in range(2)]

    assert (first, second) == (None, Role.VIEWER)
    assert stored == [grant("U02ANNA", Role.ADMIN), grant("U02ANNA", Role.OPERATOR, "plant-b")]
    assert taken == [Role.ADMIN, None]
    assert await grants.all_grants() == [grant("U02ANNA", Role.OPERATOR, "plant-b")]


def declared(*named: Device) -> Inventory:
    """Plant A with these devices."""
    site = Site(key="plant-a", name="Plant A", timezone=ZoneInfo("UTC"))
    return Inventory(
        MappingProxyType({"plant-a": site}),
        MappingProxyType({one.name: one for one in named}),
        MappingProxyType({}),
    )


def device(name: str, *only: str) -> Device:
    """A device, restricted if somebody is named."""
    endpoint = Endpoint(host="192.0.2.1")
    return Device(name=name, site="plant-a", platform="cisco_ios", endpoint=endpoint, only=frozenset(only) or None)


async def test_p3_device_stays_sealed_when_it_is_no_longer_declared_and_is_opened_by_a_declaration() -> None:
    await devices.sync_devices(declared(device("vault-fw1", "U02ANNA"), device("core-sw1")), now=NOW)
    restricted = await devices.sealed_devices()
    await devices.sync_devices(declared(device("core-sw1")), now=NOW + timedelta(days=1))
    gone = await devices.sealed_devices()

    await devices.sync_devices(declared(device("vault-fw1"), device("core-sw1")), now=NOW + timedelta(days=2))

    assert restricted == gone == {"vault-fw1"}
    assert await devices.sealed_devices() == frozenset()
