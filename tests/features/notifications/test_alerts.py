"""Rows S6, A2 and A4 through Slack: what admins are told unasked, why a run timed out, and what their buttons do."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from demo.fleet import Fault
from domain.jobs.schedules import Cron, next_time
from domain.runs.outcomes import Outcome
from tests.features.asking import until_shown
from tests.features.jobs.test_jobs import answer, coming, later, rows, window
from tests.features.jobs.timing import (
    OUTCOME,
    all_ended,
    history_of,
    reach,
    start_by_hand,
    tick,
    told,
    until_heard,
    until_state,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.slack import Message, Person
    from tests.support.serve_fixtures import Town

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SOON = timedelta(seconds=5)
BEAT = timedelta(seconds=15)  # from one look to the next while an agent is disconnected
PATIENT = {"waiting": "5h", "running": "5h"}


@pytest.fixture
def ada(town: Town) -> Person:
    """An admin of Plant A, who looks after it beside the owner."""
    person = town.slack.add_person("ada", id="U06ADA")
    town.settings["sites"]["plant-a"]["access"]["admin"] = [person.id]
    return person


def next_hour(town: Town) -> datetime:
    """When an hourly job comes due next."""
    found = next_time(Cron("0 * * * *"), BERLIN, town.clock.now())
    assert found
    return found


async def until_told(town: Town, person: Person, text: str) -> Message:
    """Wait until the bot has told ``person`` this."""
    return await town.until(lambda: next((one for one in told(town, person) if text in town.slack.plain(one)), None))


async def press_there(town: Town, person: Person, message: Message, action: str, holding: str) -> Message:
    """Press a button in a conversation with the bot, and wait for the answer in it."""

    def seen() -> list[Message]:
        return town.slack.messages(town.slack.dm(person), seen_by=person)

    before = {one.ts for one in seen()}
    await town.slack.press(person, message, action)
    return await town.until(
        lambda: next((one for one in seen() if one.ts not in before and holding in town.slack.plain(one)), None)
    )


@contextmanager
def stopped(process: int) -> Iterator[None]:
    """A process that stands still, so that nothing is heard of it."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


async def test_s6_a_queue_that_outlives_the_next_slot_is_told_to_the_admins_alone_and_once(
    town: Town, ada: Person
) -> None:
    slow = await town.add_device("core-sw1", limits=PATIENT)
    for number in (2, 3, 4):
        await town.add_device(f"core-sw{number}", limits=PATIENT)
    slow.fault = Fault.HANGS_IN_CONFIG
    town.settings["sites"]["plant-a"]["concurrency"] = 1
    town.clock.advance(coming(town, "daily 08:00") - town.clock.now())  # far from midnight: one alert a day
    await start_by_hand(town)
    await answer(town, "/backup add plant-a cron 0 * * * * as hourly", "The job is added")
    due = next_hour(town)
    await reach(town, due + SOON)
    await until_state(town, "core-sw1", Outcome.IN_PROGRESS)
    in_time = [told(town, person) for person in (ada, town.olga)]

    await reach(town, due + HOUR + SOON)
    alert = await until_told(town, ada, "backups cannot keep up with their schedule")
    await reach(town, due + 2 * HOUR + SOON)
    await town.serve.settled()

    assert in_time == [[], []]
    text = town.slack.plain(alert)
    assert "3 runs were still waiting when the next one was due: core-sw2, core-sw3, core-sw4." in text
    assert "Job: hourly." in text
    assert len(told(town, ada)) == 1
    assert [told(town, person) for person in (town.olga, town.anna, town.vera, town.stan)] == [[], [], [], []]
    ended = [row for row in await history_of(town, "core-sw2") if row[OUTCOME] == "🔴 Timed Out"]
    assert len(ended) == 2
    agents = await press_there(town, ada, alert, "do:agents", "local")
    jobs = await press_there(town, ada, alert, "do:jobs", "hourly")
    assert rows(agents)[0][0] == "local"
    assert rows(jobs)[0][0] == "hourly"
    assert town.slack.refused == []


async def test_a2_a_disconnected_agent_is_told_once_with_its_five_runs_and_once_when_it_is_back(
    town: Town, ada: Person
) -> None:
    names = [f"core-sw{number}" for number in range(1, 6)]
    for name in names:
        await town.add_device(name, limits=PATIENT)
    transport = await start_by_hand(town)
    [agent] = transport.pids()
    await answer(town, "/backup add plant-a cron 0 * * * * as hourly", "The job is added")
    due = next_hour(town)
    await reach(town, due - BEAT)
    disconnected_since = town.clock.now()

    with stopped(agent):
        for _ in range(10):
            town.clock.advance(BEAT)
            await tick(town)
        alert = await until_told(town, ada, "has been disconnected since")
        listed = await answer(town, "/backup agents", "Disconnected")
        for _ in range(10):
            town.clock.advance(BEAT)
            await tick(town)
        silent = [town.slack.plain(one) for one in told(town, ada)]
        pressed = await press_there(town, ada, alert, "do:agents", "🔴 Disconnected")
    await until_heard(town)
    await tick(town)
    back = await until_told(town, ada, "Agent local has reconnected")
    await tick(town)
    await all_ended(town)

    [row] = rows(listed)
    assert row[:2] == ["local", "🔴 Disconnected"]
    assert abs(int(row[2]) - disconnected_since.timestamp()) < MINUTE.total_seconds()
    assert row[4] == "5"
    assert rows(pressed)[0][1] == "🔴 Disconnected"
    [one] = silent
    assert f"Agent local has been disconnected since {disconnected_since.astimezone(BERLIN):%H:%M}" in one
    assert f"5 runs of Plant A are waiting for it: {', '.join(names)}." in one
    assert "It was disconnected for" in town.slack.plain(back)
    texts = list(map(town.slack.plain, told(town, ada)))
    assert [text for text in texts if "has reconnected" in text] == [town.slack.plain(back)]
    assert [told(town, person) for person in (town.olga, town.anna, town.vera, town.stan)] == [[], [], [], []]
    assert {row[OUTCOME] for row in await history_of(town, "plant-a")} == {"🟢 Up to Date"}
    assert town.slack.refused == []


async def test_a2_owners_are_told_where_a_site_has_no_admin(town: Town) -> None:
    await town.add_device("core-sw1")
    transport = await start_by_hand(town)
    [agent] = transport.pids()

    with stopped(agent):
        for _ in range(8):
            town.clock.advance(BEAT)
            await tick(town)
        alert = await until_told(town, town.olga, "has been disconnected since")

    assert "No run of Plant A is waiting for it." in town.slack.plain(alert)
    assert [told(town, person) for person in (town.anna, town.vera)] == [[], []]


async def test_a4_a_limit_that_is_too_short_offers_the_form_where_it_is_raised(town: Town) -> None:
    slow = await town.add_device("core-sw1")
    slow.fault = Fault.HANGS_IN_CONFIG
    await start_by_hand(town)
    await answer(town, "/backup add core-sw1 cron 0 * * * * as hourly", "The job is added")
    await reach(town, next_hour(town) + SOON)
    await until_state(town, "core-sw1", Outcome.IN_PROGRESS)

    town.clock.advance(6 * MINUTE)
    await until_heard(town)
    await tick(town)

    message = await until_shown(town, "core-sw1", Outcome.TIMED_OUT)
    assert "raise the job's `Running time limit`, or `limits.running` of the device in app.yaml" in town.slack.plain(
        message
    )
    await town.slack.press(town.anna, message, "do:edit")
    form = await window(town, "Running time limit")
    await town.slack.submit(town.anna, form, {"running~0": "20m"})
    await window(town, "is saved")
    card = await answer(town, "/backup job hourly", "Running time limit")
    assert "20m" in town.slack.plain(card)
    assert town.slack.refused == []


async def test_a4_a_run_that_waited_behind_others_offers_the_agents(town: Town) -> None:
    slow = await town.add_device("core-sw1", limits=PATIENT)
    await town.add_device("core-sw2")
    slow.fault = Fault.HANGS_IN_CONFIG
    town.settings["sites"]["plant-a"]["concurrency"] = 1
    await start_by_hand(town)
    await town.command(town.anna, "/backup now core-sw1")
    await until_state(town, "core-sw1", Outcome.IN_PROGRESS)
    await answer(town, "/backup add core-sw2 cron 0 * * * * as hourly", "The job is added")
    await reach(town, next_hour(town) + SOON)

    town.clock.advance(31 * MINUTE)
    await until_heard(town)
    await tick(town)

    message = await until_shown(town, "core-sw2", Outcome.TIMED_OUT)
    text = town.slack.plain(message)
    assert "behind 1 run of its site on agent local" in text
    assert "add an agent, or raise the job's `Waiting time limit`." in text
    before = {one.ts for one in town.slack.messages(town.plant_a, seen_by=town.anna)}
    await town.slack.press(town.anna, message, "do:agents")
    [row] = rows(await later(town, before, "local"))
    assert row[3] == "1 of 20"
    assert town.slack.refused == []


async def test_a4_a_run_whose_agent_is_disconnected_offers_the_agents(town: Town) -> None:
    await town.add_device("core-sw1")
    transport = await start_by_hand(town)
    [agent] = transport.pids()
    await answer(town, "/backup add core-sw1 cron 0 * * * * as hourly", "The job is added")
    await reach(town, next_hour(town) - BEAT)

    with stopped(agent):
        town.clock.advance(BEAT)
        await tick(town)
        town.clock.advance(31 * MINUTE)
        await tick(town)
        message = await until_shown(town, "core-sw1", Outcome.TIMED_OUT)
        before = {one.ts for one in town.slack.messages(town.plant_a, seen_by=town.anna)}
        await town.slack.press(town.anna, message, "do:agents")
        listed = await later(town, before, "Disconnected")

    assert "Agent local has been disconnected since" in town.slack.plain(message)
    assert rows(listed)[0][:2] == ["local", "🔴 Disconnected"]
    assert town.slack.refused == []


async def test_a4_an_agent_with_room_that_does_not_start_it_in_time_offers_the_limits(town: Town) -> None:
    await town.add_device("core-sw1", limits={"waiting": "10s"})
    transport = await start_by_hand(town)
    [agent] = transport.pids()
    await answer(town, "/backup add core-sw1 cron 0 * * * * as hourly", "The job is added")
    due = next_hour(town)
    await reach(town, due - SOON)

    with stopped(agent):  # for less time than makes it silent
        town.clock.advance(2 * SOON)
        await tick(town)
        town.clock.advance(2 * SOON)
        await tick(town)
        message = await until_shown(town, "core-sw1", Outcome.TIMED_OUT)

    text = town.slack.plain(message)
    assert "The agent local had a free place but did not start it within 10 s." in text
    assert "If that limit is too short, raise the job's `Waiting time limit`" in text
    await town.slack.press(town.anna, message, "do:edit")
    form = await window(town, "Waiting time limit")
    await town.slack.submit(town.anna, form, {"waiting~0": "45m"})
    await window(town, "is saved")
    assert "45m" in town.slack.plain(await answer(town, "/backup job hourly", "Waiting time limit"))
    assert town.slack.refused == []


async def test_a4_a_site_without_any_agent_says_so_and_offers_the_agents(town: Town) -> None:
    await town.add_device("core-sw1")
    town.settings["sites"]["plant-b"] = {"name": "Plant B"}
    town.settings["agents"] = {"local": {"sites": ["plant-b"]}}
    await start_by_hand(town)
    await answer(town, "/backup add core-sw1 cron 0 * * * * as hourly", "The job is added")
    due = next_hour(town)
    await reach(town, due + SOON)

    await reach(town, due + 31 * MINUTE)

    message = await until_shown(town, "core-sw1", Outcome.TIMED_OUT)
    assert "No agent serves the site plant-a. Add the site to an agent under `agents`" in town.slack.plain(message)
    before = {one.ts for one in town.slack.messages(town.plant_a, seen_by=town.anna)}
    await town.slack.press(town.anna, message, "do:agents")
    await later(town, before, "No agent serves a site that you can see.")
    assert town.slack.refused == []
