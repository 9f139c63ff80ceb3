"""What is known of a device that moves to another site, or of a name that is used again there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.configs.versions import DeviceState
from domain.events.transitions import Notice
from domain.inventory.declared import Device, Endpoint, Inventory, Site
from domain.runs.outcomes import Outcome
from domain.runs.queries import RunQuery
from domain.runs.steps import RunEnd
from storage.devices import devices, overdue, reviews, versions
from storage.events import events
from storage.runs import runs
from storage.tables.core import DeviceRow
from storage.tables.events import TroubleRow
from tests.storage.values import HOUR, NOW, add_run, good_end, stored

pytestmark = pytest.mark.usefixtures("storage")

LATER = NOW + timedelta(days=3)


def declared(site: str) -> Inventory:
    """One router, at ``site``."""
    sites = {key: Site(key=key, name=key, timezone=ZoneInfo("UTC")) for key in ("plant-a", "plant-b")}
    found = Device(name="wan-rt4", site=site, platform="cisco_ios", endpoint=Endpoint(host="192.0.2.1"))
    return Inventory(sites=sites, devices={found.name: found}, agents={})


async def _captured(number: int, *, site: str, base: int | None, hours: int = 0) -> None:
    run = await add_run("wan-rt4", site=site)
    at = NOW + hours * HOUR
    outcome = Outcome.MODIFIED if base else Outcome.UP_TO_DATE
    version = stored(run, number, at=at, commit=f"{site}{number}")
    await runs.finish_runs([good_end(run, number, at=at, base_version=base, outcome=outcome, stored=version)])


async def _state() -> DeviceState:
    found = await devices.device_state("wan-rt4")
    assert found
    return found


async def test_p3_a_device_that_moves_is_as_new_at_its_new_site_and_keeps_its_host_key() -> None:
    await devices.sync_devices(declared("plant-a"), now=NOW)
    await _captured(1, site="plant-a", base=None)
    await devices.pin_host_key("wan-rt4", "ssh-ed25519 AAAA")
    await DeviceRow.filter(name="wan-rt4").update(offered_host_key="ssh-ed25519 BBBB", overdue_told_at=NOW)

    await devices.sync_devices(declared("plant-b"), now=LATER)

    assert await _state() == DeviceState(
        device="wan-rt4", site="plant-b", host_key="ssh-ed25519 AAAA", known_since=LATER
    )
    [aging] = await overdue.aging_devices(["plant-b"], before=LATER)
    assert (aging.good_at, aging.since, aging.is_told) == (None, LATER, False)


async def test_p3_a_start_without_a_move_changes_nothing_that_is_known() -> None:
    await devices.sync_devices(declared("plant-a"), now=NOW)
    await _captured(1, site="plant-a", base=None)
    run = await add_run("wan-rt4")
    await runs.finish_runs([RunEnd(run=run.id, outcome=Outcome.FAILED, at=NOW + HOUR)])
    before = await _state()

    await devices.sync_devices(declared("plant-a"), now=LATER)

    assert await _state() == before
    assert (before.version, before.last_run, before.known_since) == (1, run.id, NOW)


async def test_p3_a_run_of_the_old_site_that_ends_after_the_move_tells_nothing_of_the_device() -> None:
    await devices.sync_devices(declared("plant-a"), now=NOW)
    run = await add_run("wan-rt4")
    await devices.sync_devices(declared("plant-b"), now=LATER)

    await runs.finish_runs([good_end(run, 1, at=LATER + HOUR, is_new=True, host_key="ssh-ed25519 CCCC")])

    assert await _state() == DeviceState(device="wan-rt4", site="plant-b", known_since=LATER)
    assert await versions.newest_version("wan-rt4", sites=["plant-b"]) is None


async def test_p3_back_at_a_site_a_device_has_what_that_site_has_of_it() -> None:
    await devices.sync_devices(declared("plant-a"), now=NOW)
    await _captured(1, site="plant-a", base=None)
    await _captured(2, site="plant-a", base=1, hours=1)
    await devices.sync_devices(declared("plant-b"), now=LATER)
    await _captured(3, site="plant-b", base=None, hours=100)

    await devices.sync_devices(declared("plant-a"), now=LATER + 99 * HOUR)

    state = await _state()
    second = await versions.version_of("wan-rt4", 2)
    assert second
    assert (state.version, state.digest, state.last_good_at) == (2, "d2", NOW + HOUR)
    assert state.last_run == second.run


async def test_p3_what_an_older_lastgood_left_after_a_move_is_set_right_at_the_start() -> None:
    await devices.sync_devices(declared("plant-a"), now=NOW)
    await _captured(1, site="plant-a", base=None)
    await DeviceRow.filter(name="wan-rt4").update(site="plant-b")

    await devices.sync_devices(declared("plant-b"), now=LATER)

    state = await _state()
    assert (state.version, state.size, state.last_good_at, state.last_run) == (None, None, None, None)


async def test_p3_versions_are_found_by_the_sites_that_they_belong_to() -> None:
    for number, site, base in ((1, "plant-a", None), (2, "plant-a", 1), (3, "plant-b", None), (4, "plant-b", 3)):
        await _captured(number, site=site, base=base, hours=number)
    every = [await versions.version_of("wan-rt4", number) for number in (1, 2, 3, 4)]
    first, second, third, fourth = [one for one in every if one]

    assert await versions.newest_version("wan-rt4") == fourth
    assert await versions.newest_version("wan-rt4", sites=["plant-a"]) == second
    assert await versions.newest_version("wan-rt4", sites=["plant-c"]) is None
    assert await versions.version_at("wan-rt4", NOW + 9 * HOUR, sites=["plant-a"]) == second
    assert await versions.version_at("wan-rt4", NOW + 2 * HOUR, sites=["plant-b"]) is None
    assert [await versions.version_before(one) for one in (first, second, third, fourth)] == [None, first, None, third]
    assert [one.valid_until for one in (second, third)] == [None, NOW + 4 * HOUR]
    asked = [("wan-rt4", 4), ("wan-rt4", 1), ("wan-rt4", 9), ("other", 1)]
    assert {one.number for one in await versions.versions_numbered(asked)} == {1, 4}


async def test_p3_the_first_version_at_a_site_waits_for_no_review_and_counts_are_by_site() -> None:
    for number, site, base in ((1, "plant-a", None), (2, "plant-a", 1), (3, "plant-b", None), (4, "plant-b", 3)):
        await _captured(number, site=site, base=base, hours=number)

    assert [one.number for one in await reviews.unreviewed(["plant-a", "plant-b"])] == [4, 2]
    assert await reviews.count_unreviewed_of(["wan-rt4"], ["plant-b"]) == 1
    assert await reviews.count_unreviewed_of(["wan-rt4"], []) == 0


async def test_p3_the_latest_run_of_a_device_is_that_of_its_site() -> None:
    old = await add_run("wan-rt4", site="plant-a")
    new = await add_run("wan-rt4", site="plant-b")

    assert await runs.latest_runs_of({"wan-rt4": "plant-a"}) == {"wan-rt4": old}
    assert await runs.latest_runs_of({"wan-rt4": "plant-b"}) == {"wan-rt4": new}
    assert await runs.latest_runs_of({"wan-rt4": "plant-c"}) == {}


async def test_p3_a_failure_at_the_old_site_is_no_news_when_the_device_is_good_at_the_new_one() -> None:
    await devices.sync_devices(declared("plant-a"), now=NOW)
    bad = await add_run("wan-rt4", site="plant-a")
    [bad] = await runs.finish_runs([RunEnd(run=bad.id, outcome=Outcome.FAILED, at=NOW)])
    await events.take_in([events.Ended(run=bad, at=NOW)])
    assert await TroubleRow.filter(device="wan-rt4").exists()

    await devices.sync_devices(declared("plant-b"), now=LATER)
    good = await add_run("wan-rt4", site="plant-b")
    [good] = await runs.finish_runs([good_end(good, 1, at=LATER, is_new=True)])
    await events.take_in([events.Ended(run=replace(good), at=LATER)])

    event_groups = await events.untold_groups()
    assert {(one.event_group.site, one.event_group.notice) for one in event_groups} == {("plant-a", Notice.FAILED)}


async def test_p3_what_a_restricted_device_leaves_behind_stays_with_owners_under_a_name_of_its_own() -> None:
    await devices.sync_devices(_only(declared("plant-a")), now=NOW)
    await _captured(1, site="plant-a", base=None)
    await _captured(2, site="plant-a", base=1, hours=1)

    await devices.sync_devices(declared("plant-b"), now=LATER)
    await _captured(1, site="plant-b", base=None, hours=99)

    past = "wan-rt4 (plant-a)"
    assert past in await devices.sealed_devices()
    assert "wan-rt4" not in await devices.sealed_devices()
    kept = await versions.newest_version(past)
    assert kept
    assert (kept.number, kept.site) == (2, "plant-a")
    fresh = await versions.versions_of("wan-rt4")
    assert [(one.number, one.site) for one in fresh] == [(1, "plant-b")]
    shown = await runs.runs_page(RunQuery(sites=frozenset({"plant-a", "plant-b"}), limit=9))
    assert [one.device for one in shown] == ["wan-rt4", past, past]
    assert await reviews.count_unreviewed(["plant-a"], frozenset({past})) == 0


async def test_p3_a_restricted_device_that_moves_twice_leaves_two_pasts() -> None:
    await devices.sync_devices(_only(declared("plant-a")), now=NOW)
    await _captured(1, site="plant-a", base=None)
    await devices.sync_devices(_only(declared("plant-b")), now=LATER)
    await devices.sync_devices(_only(declared("plant-a")), now=LATER)
    await _captured(1, site="plant-a", base=None, hours=99)

    await devices.sync_devices(declared("plant-b"), now=LATER)

    pasts = {"wan-rt4 (plant-a)", "wan-rt4 (plant-a 2)"}
    assert pasts <= await devices.sealed_devices()
    assert {(await versions.newest_version(past)) is not None for past in pasts} == {True}


async def test_p3_a_restriction_that_is_lifted_in_place_leaves_the_history_where_it_is() -> None:
    await devices.sync_devices(_only(declared("plant-a")), now=NOW)
    await _captured(1, site="plant-a", base=None)

    await devices.sync_devices(declared("plant-a"), now=LATER)

    assert await devices.sealed_devices() == frozenset()
    assert (await _state()).version == 1


def _only(inventory: Inventory) -> Inventory:
    restricted = {name: replace(one, only=frozenset({"U0ANNA"})) for name, one in inventory.devices.items()}
    return replace(inventory, devices=restricted)
