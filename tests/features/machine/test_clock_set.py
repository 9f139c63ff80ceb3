"""The machine's clock is really set under a real ``serve`` (libfaketime): Slack, schedules and runs go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from demo.fleet import Fault
from tests.support.real_devices import free_port, skip_or_fail
from tests.support.serve_process import Works, named, until, works

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


class Machine:
    """A machine whose clock the test sets, with an installation on it."""

    def __init__(self, here: Works, folder: Path) -> None:
        self.here = here
        self._file = folder / "faketime"
        self._ahead = timedelta(0)
        self._times_set = 0
        here.more["http"] = {"listen": f"127.0.0.1:{free_port()}"}
        here.serve.environ |= {
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",  # seconds; each look costs the process a file
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        self._file.write_text("+0")

    def now(self) -> datetime:
        """What the machine's clock says."""
        return datetime.now(UTC) + self._ahead

    async def set_clock(self, now: datetime) -> None:
        """Set it, and wait until serve has noticed."""
        self._ahead = now - datetime.now(UTC)
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{self._ahead.total_seconds():+.0f}")
        beside.replace(self._file)
        self._times_set += 1

        async def noticed() -> bool:
            return len(self.here.serve.lines("timetable counted anew")) >= self._times_set

        await until(noticed, "serve notices that the clock was set", every=0.1)

    async def ticks(self, *, beyond: timedelta) -> None:
        """Wait until the timetable has ticked so long after this moment, by the clock as it was set."""
        moment = (self.now() + beyond).timestamp()
        url = f"http://{self.here.more['http']['listen']}/metrics"

        async def ticked() -> bool:
            async with aiohttp.ClientSession() as session, session.get(url) as answer:
                lines = (await answer.text()).splitlines()
            last = next(line for line in lines if line.startswith("lastgood_last_tick_seconds "))
            return moment <= float(last.split()[1]) < moment + 600

        await until(ticked, "the timetable ticks", every=0.2)


def _library() -> Path | None:
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


@pytest.mark.long
async def test_a_clock_that_is_set_stops_neither_slack_nor_schedules_and_times_nothing_out(
    tmp_path: Path,
) -> None:
    if _library() is None:
        skip_or_fail("libfaketime is not installed, which sets the clock of one process")
    async with works("sqlite", tmp_path, devices=["sw01", "sw02"]) as here:
        machine, site = Machine(here, tmp_path), here.next_site()
        patient = {"limits": {"silence": "5m"}}
        here.more["sites"] = {site: {"channel": "C0PLANT01", **patient}, "plant-02": patient}
        good, hanging = (named(site, device) for device in here.devices)
        await here.ready(site)
        await here.ask(f"/backup add {good} daily 02:00", site)
        here.fleet["sw02"].fault = Fault.HANGS_IN_CONFIG
        await here.ask(f"/backup now {hanging}", site)
        await until(lambda: here.count("run", f"device = '{hanging}' AND outcome = 'in_progress'"), "a run hangs")
        await until(lambda: here.count("job", "live_name IS NOT NULL"), "the job is there")

        await machine.set_clock(machine.now() + DAY)
        await machine.ticks(beyond=7 * SECOND)  # the watchdog has looked twice
        going_on = await here.count("run", "outcome = 'in_progress'")
        await until(lambda: _scheduled(here), "what came due by that has run")

        await machine.set_clock(machine.now() - 3 * DAY)
        await machine.ticks(beyond=2 * SECOND)
        before = await here.count("run", "trigger = 'manual' AND outcome = 'up_to_date'")
        await here.ask(f"/backup now {good}", site)
        await until(lambda: _more(here, "trigger = 'manual' AND outcome = 'up_to_date'", before), "Slack reaches it")

        done = await _scheduled(here)
        night = (machine.now() + DAY).replace(hour=1, minute=59, second=57)
        await machine.set_clock(night)
        await until(lambda: _more(here, "trigger = 'schedule' AND outcome = 'up_to_date'", done), "a job at its time")
        await until(lambda: _told(here), "Slack is told all of it")

        assert going_on == 1
        assert await here.count("run", f"device = '{hanging}' AND outcome = 'in_progress'") == 1
        assert await here.count("run", "outcome IN ('timed_out', 'failed')") == 0


async def _more(here: Works, where: str, than: int) -> bool:
    return await here.count("run", where) > than


async def _scheduled(here: Works) -> int:
    return await here.count("run", "trigger = 'schedule' AND outcome = 'up_to_date'")


async def _told(here: Works) -> bool:
    return not await here.count("outbox", "waiting") and not await here.count(
        "run", "NOT announced AND finished_at IS NOT NULL"
    )
