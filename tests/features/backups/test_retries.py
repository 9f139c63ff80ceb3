"""Rows A5 and A6: blips are not reported, and one device's trouble is its own."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from demo.fleet import Fault
from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from tests.features.asking import back_up, every_state, last_run, runs_of

if TYPE_CHECKING:
    from demo.fleet import Device
    from tests.support.serve_fixtures import Town


class MostSessions:
    """Looks every few milliseconds, a tenth of what a session takes, how many are open at once."""

    def __init__(self, devices: list[Device]) -> None:
        self.seen = 0
        self._devices = devices

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            self.seen = max(self.seen, sum(device.sessions for device in self._devices))
            await asyncio.sleep(0.005)


async def test_a5_failure_that_passes_is_one_run_of_two_attempts_and_no_failure_message(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    switch.fail_next(Fault.DROPS)
    await town.start()

    message = await back_up(town, "core-sw1")

    [run] = await runs_of("core-sw1")
    states = every_state(town, message)
    assert (run.outcome, run.attempts) == (Outcome.UP_TO_DATE, 2)
    assert "2 attempts" in town.slack.plain(message)
    assert len(states) >= 2
    assert not [state for state in states if Outcome.FAILED.word in state]


async def test_a5_refused_password_is_never_tried_again(town: Town) -> None:
    switch = await town.add_device("core-sw1", retries=5)
    switch.fault = Fault.WRONG_PASSWORD
    await town.start()

    message = await back_up(town, "core-sw1")

    run = await last_run("core-sw1")
    assert "🔴 Failed" in town.slack.plain(message)
    assert "The device refused the log-in. Lastgood did not try again" in town.slack.plain(message)
    assert (run.reason, run.attempts) == (FailureKind.AUTHENTICATION, 1)
    assert (switch.logins.attempts, switch.logins.connections) == (1, 1)


async def test_a6_batch_goes_on_past_a_device_that_is_down_with_sessions_capped(town: Town) -> None:
    names = [f"sw{number}" for number in range(1, 11)]
    pause = timedelta(milliseconds=20)
    devices = [await town.add_device(name, lines=40, retries=0, delay=pause) for name in names]
    await devices[2].stop()
    town.settings["sites"]["plant-a"]["concurrency"] = 3
    await town.start()
    most = MostSessions(devices)
    watch = asyncio.create_task(most.watch())

    await town.command(town.anna, "/backup now plant-a")
    shown = await town.until(lambda: _done(town))
    watch.cancel()
    with suppress(asyncio.CancelledError):
        await watch

    runs = {name: await last_run(name) for name in names}
    assert "🔴 Failed 1  ·  🟢 Up to Date 9" in shown
    assert [name for name, run in runs.items() if run.outcome is not Outcome.UP_TO_DATE] == ["sw3"]
    assert runs["sw3"].reason is FailureKind.REFUSED
    assert most.seen == 3
    assert {device.max_sessions_seen for device in devices} == {0, 1}


def _done(town: Town) -> str | None:
    texts = map(town.slack.plain, town.slack.messages(town.plant_a))
    return next((text for text in texts if "is done: 1 " in text), None)
