"""Rows N6 and O1 over the wire: old backups are told of whatever the digests do, and a dead reporter is noticed."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web

from tests.features.asking import back_up
from tests.support.serve_fixtures import TIMEOUT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from demo.slack import Message, Person
    from tests.support.serve_fixtures import Town

DAY = timedelta(days=1)
EVERY = timedelta(seconds=2)  # less than makes a connection look dead


async def check(town: Town) -> None:
    """Do what the timetable does every hour."""
    await town.serve.engine.overdue.tick()
    await town.serve.engine.deliverer.settled()


def alarms(town: Town, person: Person) -> list[str]:
    """What ``person`` was told of old backups."""
    seen = town.slack.messages(town.slack.dm(person))
    return [town.slack.plain(one) for one in seen if re.search("good backup for too long|never backed up", one.text)]


async def alarm(town: Town, person: Person, count: int) -> str:
    """Wait until ``person`` was told so often; what was told last."""
    return (await town.until(lambda: alarms(town, person) if len(alarms(town, person)) >= count else None))[-1]


async def test_n6_an_old_backup_is_told_once_in_each_stretch_whatever_the_reports(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    await back_up(town, "core-sw1")
    town.clock.advance(6 * DAY)
    await check(town)
    assert alarms(town, town.olga) == []

    town.clock.advance(DAY + timedelta(hours=1))
    await check(town)

    assert "core-sw1" in await alarm(town, town.olga, 1)
    for _ in range(3):
        town.clock.advance(DAY)
        await check(town)
    assert len(alarms(town, town.olga)) == 1
    await back_up(town, "core-sw1")
    await check(town)
    town.clock.advance(8 * DAY)
    await check(town)
    await alarm(town, town.olga, 2)


async def test_n6_a_device_that_was_never_backed_up_counts_from_its_declaration(town: Town) -> None:
    await town.add_device("core-sw1")
    town.settings["devices"]["core-sw1"]["overdue"] = "2d"
    await town.add_device("core-sw2")
    await town.start(keeps_time=False)

    town.clock.advance(3 * DAY)
    await check(town)

    told = await alarm(town, town.olga, 1)
    assert "`core-sw1`: never backed up" in told
    assert "core-sw2" not in told


async def test_n6_a_restart_does_not_repeat_it(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    town.clock.advance(8 * DAY)
    await check(town)
    await alarm(town, town.olga, 1)
    await town.stop()

    await town.start(keeps_time=False)
    town.clock.advance(DAY)
    await check(town)

    assert len(alarms(town, town.olga)) == 1


async def test_n6_a_channel_whose_route_wants_it_hears_it_too(town: Town) -> None:
    town.settings["sites"]["plant-a"]["routes"] = [{"channel": "C0PLANTA", "events": ["overdue"]}]
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    town.clock.advance(8 * DAY)

    await check(town)

    def found() -> Message | None:
        seen = town.slack.messages(town.plant_a)
        return next((one for one in seen if "1 device never backed up" in one.text), None)

    assert "core-sw1" in town.slack.plain(await town.until(found))


@dataclass
class Outside:
    """Whoever waits for signs of life."""

    url: str = ""
    beats: int = 0
    status: int = 200

    async def answer(self, _: web.Request) -> web.Response:
        """One more beat."""
        self.beats += 1
        return web.Response(status=self.status)


@asynccontextmanager
async def outside() -> AsyncIterator[Outside]:
    here = Outside()
    app = web.Application()
    app.router.add_get("/ping/0123456789abcdef", here.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    here.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ping/0123456789abcdef"
    try:
        yield here
    finally:
        await runner.cleanup()


def heartbeats(town: Town, fate: str) -> float:
    """How many heartbeats had this ``fate``, as /metrics counts them."""
    lines = town.serve.core.metrics.text().decode().splitlines()
    found = [line for line in lines if line.startswith(f'lastgood_heartbeats_total{{fate="{fate}"}}')]
    return float(found[0].split()[-1]) if found else 0.0


async def beat(town: Town) -> None:
    """Let one interval pass, and wait until the heartbeat has decided."""
    fates = ("sent", "failed", "withheld")
    before = sum(heartbeats(town, fate) for fate in fates)
    for _ in range(20):  # so that it has begun to wait
        await asyncio.sleep(0)
    town.clock.advance(EVERY)
    async with asyncio.timeout(TIMEOUT):
        while sum(heartbeats(town, fate) for fate in fates) == before:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)


async def ready(town: Town) -> tuple[int, dict[str, bool]]:
    async with aiohttp.ClientSession() as session, session.get(f"{town.serve.front.web.url}/readyz") as answer:
        found = await answer.json()
        return answer.status, found["parts"]


async def test_o1_the_heartbeat_ends_when_only_the_scheduler_stops_and_health_names_it(town: Town) -> None:
    async with outside() as there:
        town.settings["heartbeat"] = {"url": there.url, "every": "2s"}
        await town.start()
        await beat(town)
        assert there.beats == 1
        assert (await ready(town))[0] == 200

        town.serve.timetable.stop()
        await beat(town)
        await beat(town)

        status, parts = await ready(town)
        assert there.beats == 1
        assert status == 503
        assert [name for name, works in parts.items() if not works] == ["timetable", "digests"]
        await town.stop()


async def test_o1_an_unreachable_watcher_is_counted_and_stops_nothing(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    async with outside() as there:
        town.settings["heartbeat"] = {"url": "env:HEARTBEAT_URL", "every": "2s"}
        town.environ["HEARTBEAT_URL"] = there.url
        there.status = 500
        await town.start()
        await beat(town)
        there.status = 200
        await beat(town)

        assert (heartbeats(town, "failed"), heartbeats(town, "sent")) == (1, 1)
        assert "0123456789abcdef" not in caplog.text
        await town.stop()
