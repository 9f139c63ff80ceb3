"""The whole way: dispatcher, an agent process, real SSH, real database, real archive."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.clock import SystemClock
from demo.fleet import Fault, Fleet
from demo.fleet.device import DEMO_PASSWORD
from domain.failures import FailureKind
from domain.inventory.declared import Device, Endpoint
from domain.runs.outcomes import Outcome
from domain.runs.run import Trigger
from runners.dispatcher import Dispatcher
from runners.platforms.reading import load_platforms
from runners.transport.local import LocalTransport
from storage.archive.archive import Archive
from storage.database.opening import database
from storage.devices.devices import sync_devices
from storage.devices.versions import newest_version
from storage.runs import runs as run_store
from tests.runners.agent_ground import until
from tests.runners.workshop import make_inventory, make_site
from tests.support.database_fixtures import migrate_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from domain.inventory.declared import Inventory
    from domain.runs.run import Run

CONCURRENCY = 20


class Plant:
    """A dispatcher with its agent, and the latest state of each run that was announced."""

    def __init__(self, inventory: Inventory, archive: Archive) -> None:
        self.inventory = inventory
        self.archive = archive
        self._runs: dict[int, Run] = {}
        self._change = asyncio.Condition()
        environment = os.environ | {"LAB_PASSWORD": DEMO_PASSWORD}
        self._transport = LocalTransport({"local": _agent}, clock=SystemClock(), environment=environment)
        self.dispatcher = Dispatcher(
            inventory=inventory,
            platforms=load_platforms(None),
            transport=self._transport,
            archive=archive,
            clock=SystemClock(),
            announce=self._announce,
            pace=timedelta(0),
        )

    async def back_up(self, device: str) -> Run:
        """A whole run of ``device``."""
        return await self.until(await self.start(device), lambda run: run.outcome.is_final)

    async def start(self, device: str) -> Run:
        """Ask for a run."""
        return await self.dispatcher.start(
            self.inventory.devices[device], asked_by="U02ANNA", trigger=Trigger.MANUAL, place=None
        )

    async def until(self, run: Run, is_so: Callable[[Run], bool]) -> Run:
        """Wait until it is announced that the run is so."""
        async with self._change:
            await self._change.wait_for(lambda: run.id in self._runs and is_so(self._runs[run.id]))
            return self._runs[run.id]

    def kill_agent(self) -> None:
        """End the agent process without a word."""
        [child] = self._transport._children  # noqa: SLF001 - the test needs its process id
        assert child.pid
        os.kill(child.pid, signal.SIGKILL)

    async def _announce(self, runs: Sequence[Run]) -> None:
        async with self._change:
            self._runs |= {run.id: run for run in runs}
            self._change.notify_all()
        await run_store.mark_announced([run.id for run in runs])


def _agent(socket: Path) -> list[str]:
    return [sys.executable, "-m", "tests.runners.agent_child", "local", str(CONCURRENCY), str(socket)]


@asynccontextmanager
async def plant(folder: Path, fleet: Fleet, *, concurrency: int = 25, **limits: timedelta) -> AsyncIterator[Plant]:
    """A dispatcher for every device of ``fleet``; ``limits`` of a run for those that are to meet one."""
    devices = [
        Device(
            name=device.name,
            site="plant-a",
            platform=device.platform,
            endpoint=Endpoint(host=device.host, port=device.port, credentials=("lab",)),
            running_limit=limits.get(device.name, timedelta(hours=1)),
        )
        for device in fleet
    ]
    inventory = make_inventory(devices, sites=[make_site("plant-a", concurrency=concurrency)])
    await migrate_file(folder / "lastgood.db")
    async with database(f"sqlite://{folder}/lastgood.db"):
        await sync_devices(inventory)
        archive = Archive(folder / "archive", durable=False)
        await archive.open(inventory.sites)
        try:
            one = Plant(inventory, archive)
            async with one.dispatcher:
                yield one
        finally:
            await archive.close()


@pytest.fixture
async def fleet() -> AsyncIterator[Fleet]:
    """No devices yet."""
    async with Fleet() as one:
        yield one


async def test_h1_all_six_outcomes_are_reached_over_real_ssh(tmp_path: Path, fleet: Fleet) -> None:
    switch, stuck = [await fleet.add(name, platform="cisco_ios") for name in ("core-sw1", "stuck")]
    stuck.fault = Fault.HANGS_IN_CONFIG
    async with plant(tmp_path, fleet, stuck=timedelta(seconds=1)) as one:
        first = await one.start("core-sw1")
        going = await one.until(first, lambda run: run.outcome is Outcome.IN_PROGRESS or run.outcome.is_final)
        baseline = await one.until(first, lambda run: run.outcome.is_final)
        same = await one.back_up("core-sw1")
        switch.change("add vlan 77")
        changed = await one.back_up("core-sw1")
        switch.fault = Fault.WRONG_PASSWORD
        refused = await one.back_up("core-sw1")
        hung = await one.back_up("stuck")

        version = await newest_version("core-sw1")
        assert version
        stored = await one.archive.read("plant-a", version.commit, "core-sw1")

    assert first.outcome is Outcome.PENDING
    assert going.started_at is not None
    assert (baseline.outcome, baseline.is_baseline) == (Outcome.UP_TO_DATE, True)
    assert (same.outcome, same.is_baseline) == (Outcome.UP_TO_DATE, False)
    assert (changed.outcome, changed.version, changed.added > 0) == (Outcome.MODIFIED, 2, True)
    assert (refused.outcome, refused.reason, refused.attempts) == (Outcome.FAILED, FailureKind.AUTHENTICATION, 1)
    assert (hung.outcome, hung.reason) == (Outcome.TIMED_OUT, FailureKind.RUNNING_LIMIT)
    assert b"vlan 77" in stored


async def test_a6_batch_goes_on_past_a_device_that_is_down_with_sessions_capped(tmp_path: Path, fleet: Fleet) -> None:
    devices = [await fleet.add(f"sw{number}", platform="cisco_ios", lines=40) for number in range(10)]
    devices[2].fault = Fault.WRONG_PASSWORD
    most = 0
    async with plant(tmp_path, fleet, concurrency=3) as one:
        _, runs = await one.dispatcher.start_site(
            one.inventory.sites["plant-a"], asked_by="U02ANNA", trigger=Trigger.MANUAL, place=None
        )
        ends = []
        for run in runs:
            ends.append(await one.until(run, lambda run: run.outcome.is_final))
            most = max(most, sum(device.sessions for device in devices))

    assert [run.outcome for run in ends].count(Outcome.UP_TO_DATE) == 9
    assert [run.device for run in ends if run.outcome is Outcome.FAILED] == ["sw2"]
    assert most <= 3
    assert max(device.max_sessions_seen for device in devices) == 1


async def test_killed_agent_costs_an_attempt_and_not_the_run(tmp_path: Path, fleet: Fleet) -> None:
    switch = await fleet.add("core-sw1", platform="cisco_ios")
    switch.fail_next(Fault.HANGS_IN_CONFIG)
    async with plant(tmp_path, fleet) as one:
        run = await one.start("core-sw1")
        await one.until(run, lambda run: run.outcome is Outcome.IN_PROGRESS)
        await until(lambda: switch.shows > 0)

        one.kill_agent()
        ended = await one.until(run, lambda run: run.outcome.is_final)

    assert (ended.outcome, ended.attempts) == (Outcome.UP_TO_DATE, 2)


async def test_a7_cancel_closes_the_session_with_the_device(tmp_path: Path, fleet: Fleet) -> None:
    switch = await fleet.add("core-sw1", platform="cisco_ios")
    switch.fault = Fault.HANGS_IN_CONFIG
    async with plant(tmp_path, fleet) as one:
        run = await one.start("core-sw1")
        await one.until(run, lambda run: run.outcome is Outcome.IN_PROGRESS)

        await one.dispatcher.cancel(run, by="U02ANNA")
        ended = await one.until(run, lambda run: run.outcome.is_final)

        switch.fault = None
        again = await one.back_up("core-sw1")

    assert (ended.outcome, ended.cancelled_by) == (Outcome.FAILED, "U02ANNA")
    assert again.outcome is Outcome.UP_TO_DATE
    assert switch.max_sessions_seen == 1
