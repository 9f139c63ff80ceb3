"""What holds where nothing is declared, and the questions that are asked of what is."""

from __future__ import annotations

import re
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.configs.platforms import Platform
from domain.inventory.declared import Agent, Device, Endpoint, Inventory, Site
from domain.roles import Role
from domain.subscriptions.kinds import EventKind
from domain.subscriptions.routes import Route, RouteFields, RouteHealth

DAY = timedelta(days=1)
UTC = ZoneInfo("UTC")


def make_site(key: str, **declared: Any) -> Site:  # noqa: ANN401 - any field of a site
    return Site(key=key, name=key.title(), timezone=UTC, **declared)


def make_device(name: str, site: str, **declared: Any) -> Device:  # noqa: ANN401 - any field of a device
    return Device(name=name, site=site, platform="cisco_ios", endpoint=Endpoint(host="192.0.2.1"), **declared)


def make_inventory(*sites: Site, devices: tuple[Device, ...] = (), agents: tuple[Agent, ...] = ()) -> Inventory:
    return Inventory(
        {site.key: site for site in sites}, {one.name: one for one in devices}, {one.name: one for one in agents}
    )


def test_a_site_that_declares_nothing_more_has_the_documented_defaults() -> None:
    site = make_site("plant-a")

    assert (site.concurrency, site.overdue, site.reminder) == (25, 7 * DAY, None)
    assert (site.link_only, site.ignore_secret_changes) == (False, False)
    assert not site.access


def test_a_device_that_declares_nothing_more_has_the_documented_defaults() -> None:
    device = make_device("sw1", "plant-a")

    assert device.endpoint.address == "[192.0.2.1]:22"
    assert (device.waiting_limit, device.running_limit) == (timedelta(minutes=30), timedelta(minutes=5))
    assert (device.retries, device.only, device.overdue) == (2, None, None)
    assert Agent(name="a").concurrency == 50


def test_an_endpoint_is_written_as_ssh_does() -> None:
    assert Endpoint(host="2001:db8::1", port=2222).address == "[2001:db8::1]:2222"


def test_a_platform_is_talked_to_in_a_shell_unless_its_file_says_otherwise() -> None:
    platform = Platform(name="x", title="X", prompt=re.compile("#"), config=("show",))

    assert (platform.use_exec, platform.files, platform.ignore_secret_changes) == (False, False, False)
    assert platform.logout == "exit"


def test_a_route_hears_the_usual_and_is_unproven_at_first() -> None:
    route = Route(id=1, site="plant-a", channel="C1")

    assert route.events == {EventKind.FAILED, EventKind.MODIFIED, EventKind.RECOVERED}
    assert (route.active, route.declared, route.revision, route.health) == (True, False, 1, RouteHealth.UNKNOWN)
    assert [health.dot for health in RouteHealth] == ["❔", "🟢", "🔴"]
    assert RouteFields(site="plant-a", channel="C1").active


def test_devices_are_grouped_by_site_in_their_order_and_an_empty_site_has_none() -> None:
    devices = (make_device("b", "plant-a"), make_device("x", "plant-b"), make_device("a", "plant-a"))

    grouped = make_inventory(make_site("plant-a"), make_site("plant-b"), make_site("plant-c"), devices=devices).by_site

    assert {key: [one.name for one in found] for key, found in grouped.items()} == {
        "plant-a": ["b", "a"],
        "plant-b": ["x"],
        "plant-c": [],
    }


def test_everybody_named_anywhere_is_a_principal() -> None:
    access = MappingProxyType({Role.VIEWER: frozenset({"U1", "S2"}), Role.ADMIN: frozenset({"U3"})})
    inventory = make_inventory(
        make_site("plant-a", access=access),
        make_site("plant-b"),
        devices=(make_device("open", "plant-a"), make_device("fw", "plant-b", only=frozenset({"C4"}))),
    )

    assert inventory.principals == {"U1", "S2", "U3", "C4"}
    assert inventory.restricted == {"fw"}


def test_a_device_that_is_there_for_nobody_is_restricted_too() -> None:
    inventory = make_inventory(make_site("plant-a"), devices=(make_device("fw", "plant-a", only=frozenset()),))

    assert inventory.restricted == {"fw"}


@pytest.mark.parametrize(("own", "limit"), [(None, 3 * DAY), (DAY, DAY), (30 * DAY, 30 * DAY)])
def test_a_device_is_overdue_after_its_own_time_or_that_of_its_site(own: timedelta | None, limit: timedelta) -> None:
    device = make_device("sw1", "plant-a", overdue=own)

    assert make_inventory(make_site("plant-a", overdue=3 * DAY), devices=(device,)).overdue_after(device) == limit


@pytest.mark.parametrize(
    ("device", "site", "link_only"),
    [
        pytest.param("open-sw", None, False, id="of an open site"),
        pytest.param("shut-sw", None, True, id="of a site whose texts stay out of Slack"),
        pytest.param("open-sw", "shut", True, id="once at a site whose texts stay out"),
        pytest.param("shut-sw", "open", True, id="once at an open site"),
        pytest.param("gone-sw", "shut", True, id="no longer declared, once there"),
        pytest.param("gone-sw", "open", False, id="no longer declared, once at an open site"),
        pytest.param("gone-sw", None, False, id="nobody knows it"),
        pytest.param("open-sw", "gone", False, id="once at a site that is gone"),
    ],
)
def test_no_text_stands_in_slack_where_any_of_its_sites_forbids_it(
    device: str, site: str | None, *, link_only: bool
) -> None:
    inventory = make_inventory(
        make_site("open"),
        make_site("shut", link_only=True),
        devices=(make_device("open-sw", "open"), make_device("shut-sw", "shut")),
    )

    assert inventory.is_link_only(device, site) is link_only


def test_the_agent_made_for_the_fewest_sites_is_the_nearest() -> None:
    agents = (
        Agent(name="everywhere"),
        Agent(name="three", sites=frozenset({"plant-a", "plant-b", "plant-c"})),
        Agent(name="one", sites=frozenset({"plant-a"})),
        Agent(name="other", sites=frozenset({"plant-b"})),
        Agent(name="none", sites=frozenset()),
    )
    inventory = make_inventory(make_site("plant-a"), agents=agents)

    assert [agent.name for agent in inventory.agents_for("plant-a")] == ["one", "three", "everywhere"]
    assert [agent.name for agent in inventory.agents_for("plant-z")] == ["everywhere"]


def test_a_channel_belongs_to_the_site_that_names_it() -> None:
    inventory = make_inventory(make_site("plant-a", channel="C1"), make_site("plant-b"))

    found = inventory.site_of_channel("C1")

    assert found is not None
    assert found.key == "plant-a"
    assert inventory.site_of_channel("C2") is None
