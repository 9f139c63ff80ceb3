"""Rows A3 and A4: the two clocks of a run."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.serving.agents import local_transport
from demo.fleet import Fault
from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from runners.transport.local import LocalTransport
from tests.features.asking import back_up, last_run, let_time_pass, until_shown

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town


async def test_a3_device_that_hangs_is_ended_at_its_limit_and_the_next_run_starts(town: Town) -> None:
    hung = await town.add_device("core-sw1", limits={"running": "2s"})
    await town.add_device("core-sw2")
    town.settings["agents"]["local"]["concurrency"] = 1
    hung.fault = Fault.HANGS_IN_CONFIG
    await town.start()

    await town.command(town.anna, "/backup now core-sw1")
    await town.command(town.anna, "/backup now core-sw2")

    message = await town.final("core-sw1")
    following = await town.final("core-sw2")
    run, next_run = await last_run("core-sw1"), await last_run("core-sw2")
    assert "🔴 Timed Out" in town.slack.plain(message)
    assert "exceeded its time limit" in town.slack.plain(message)
    assert run.reason is FailureKind.RUNNING_LIMIT
    assert "🟢 Up to Date" in town.slack.plain(following)
    assert run.finished_at
    assert next_run.started_at
    assert next_run.started_at >= run.finished_at - timedelta(seconds=1)  # two clocks of two processes
    assert (hung.sessions, hung.max_sessions_seen) == (0, 1)


async def test_a4_never_started_because_no_agent_serves_the_site(town: Town) -> None:
    await town.add_device("core-sw1")
    town.settings["sites"]["plant-b"] = {"name": "Plant B"}
    town.settings["agents"] = {"local": {"sites": ["plant-b"]}}
    await town.start()
    await town.command(town.anna, "/backup now core-sw1")
    await until_shown(town, "core-sw1", Outcome.PENDING)

    await let_time_pass(town, timedelta(minutes=31))

    text = town.slack.plain(await town.final("core-sw1"))
    assert "🔴 Timed Out" in text
    assert "No agent started it in time." in text
    assert "No agent serves the site plant-a. Add the site to an agent under `agents` in app.yaml." in text


async def test_a4_never_started_because_its_agent_is_disconnected(town: Town) -> None:
    await town.add_device("core-sw1")
    settings = town.write_settings()
    transport = local_transport(settings, settings.to_inventory())
    assert isinstance(transport, LocalTransport)
    await town.start(transport=transport)
    await back_up(town, "core-sw1")
    [agent] = transport.pids()
    os.kill(agent, signal.SIGSTOP)
    try:
        await town.command(town.anna, "/backup now core-sw1")
        await until_shown(town, "core-sw1", Outcome.PENDING)

        await let_time_pass(town, timedelta(minutes=31))

        text = town.slack.plain(await until_shown(town, "core-sw1", Outcome.TIMED_OUT))
    finally:
        os.kill(agent, signal.SIGCONT)
    assert "No agent started it in time." in text
    assert "Agent local has been disconnected since " in text
    assert "Is it running, and can it reach Lastgood?" in text


async def test_a4_never_started_because_others_were_before_it(town: Town) -> None:
    busy = await town.add_device("core-sw1")
    await town.add_device("core-sw2", limits={"waiting": "10s"})
    town.settings["agents"]["local"]["concurrency"] = 1
    busy.fault = Fault.HANGS_IN_CONFIG
    await town.start()
    await town.command(town.anna, "/backup now core-sw1")
    await until_shown(town, "core-sw1", Outcome.IN_PROGRESS)
    await town.command(town.anna, "/backup now core-sw2")
    await until_shown(town, "core-sw2", Outcome.PENDING)

    await let_time_pass(town, timedelta(seconds=11))

    text = town.slack.plain(await town.final("core-sw2"))
    assert "🔴 Timed Out" in text
    assert "No agent started it in time." in text
    assert "behind 1 run of its site on agent local" in text
    assert "Raise `concurrency` of the agent or the site, add an agent" in text
