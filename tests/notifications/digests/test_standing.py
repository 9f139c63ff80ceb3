"""How the devices stand in a digest: each is counted once, in the state that needs somebody most."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from domain.digests.periods import Period
from domain.digests.scopes import Scope
from domain.inventory.declared import Device, Endpoint, Inventory, Site
from domain.runs.health import Health
from domain.runs.outcomes import Outcome
from notifications.digests.facts import DigestRequest, gather
from notifications.digests.pages import digest_page
from notifications.digests.parts import About
from storage.database.opening import database
from storage.database.statements import insert
from storage.tables.core import DeviceRow, RunRow
from tests.notifications.digests.composing import failed_at
from tests.support.database_fixtures import BOTH, migrated_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from notifications.digests.facts import Facts

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
DAY = Period(first=date(2026, 3, 2), days=1, words="yesterday", typed="2026-03-02")
FRESH, OLD = NOW - timedelta(hours=5), NOW - timedelta(days=90)

Known = tuple[datetime | None, Outcome | None]  # last good backup, how the last run ended


@pytest.fixture(params=BOTH)
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """An open database with nothing in its tables, of each kind in turn."""
    async with migrated_database(request.param, tmp_path) as url, database(url):
        yield url


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ([(FRESH, Outcome.UP_TO_DATE)], "1 device now: 🟢 1 good."),
        ([(FRESH, Outcome.FAILED)], "1 device now: 🔴 1 failing."),
        ([(OLD, Outcome.TIMED_OUT), (OLD, Outcome.UP_TO_DATE)], "2 devices now: 🔴 1 failing, ⏰ 1 overdue."),
        ([(None, Outcome.FAILED), (None, None)], "2 devices now: ⚠️ 2 never backed up."),
        (
            [(None, None), (OLD, None), (FRESH, Outcome.FAILED), (FRESH, Outcome.MODIFIED), (FRESH, None)],
            "5 devices now: ⚠️ 1 never backed up, 🔴 1 failing, ⏰ 1 overdue, 🟢 2 good.",
        ),
    ],
)
@pytest.mark.usefixtures("storage")
async def test_n3_each_device_is_counted_once_and_one_that_fails_is_not_good(known: Sequence[Known], said: str) -> None:
    found = await _facts(known)

    totals = digest_page(found, About(name="Plant B", site="plant-b", sites={}))["totals"]
    assert isinstance(totals, list)
    assert totals[-1] == said
    assert sum(found.health.values()) == found.devices == len(known)
    assert found.health.get(Health.NEVER, 0) == len(found.never)


async def _facts(known: Sequence[Known]) -> Facts:
    """What a digest on a site tells whose devices stand like this; an unknown one has no row at all."""
    for number, (good_at, outcome) in enumerate(known, start=1):
        if outcome:
            await insert(RunRow, [_run(number, outcome)])
        if outcome or good_at:
            last_run = number if outcome else None
            await DeviceRow.create(name=f"sw{number}", site="plant-b", last_good_at=good_at, last_run=last_run)
    asked = DigestRequest(scope=Scope(sites=frozenset({"plant-b"})), period=DAY, zone=ZONE)
    return await gather(asked, _inventory(len(known)), (), now=NOW)


def _inventory(count: int) -> Inventory:
    site = Site(key="plant-b", name="Plant B", timezone=ZONE, access=MappingProxyType({}))
    names = [f"sw{number}" for number in range(1, count + 1)]
    endpoint = Endpoint(host="192.0.2.7")
    devices = {name: Device(name=name, site="plant-b", platform="cisco_ios", endpoint=endpoint) for name in names}
    return Inventory({"plant-b": site}, devices, {})


def _run(number: int, outcome: Outcome) -> dict[str, object]:
    return failed_at(FRESH) | {"id": number, "device": f"sw{number}", "site": "plant-b", "outcome": outcome}
