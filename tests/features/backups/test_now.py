"""Row J1: run now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.runs.run import Trigger
from tests.features.asking import back_up, runs_of, until_reply

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town


async def test_j1_command_makes_one_manual_run_and_its_result_lands_in_its_thread(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    await town.start()
    await back_up(town, "core-sw1")
    switch.change("add vlan 77")

    message = await back_up(town, "core-sw1")

    diff = await until_reply(town, message)
    run, _ = await runs_of("core-sw1")
    assert (run.trigger, run.asked_by) == (Trigger.MANUAL, town.anna.id)
    assert "🟠 Modified" in town.slack.plain(message)
    assert f"asked by @anna  ·  run {run.id}" in town.slack.plain(message)
    assert "+vlan 77" in town.slack.plain(diff)
    assert town.slack.refused == []


async def test_j1_mention_in_a_thread_is_answered_in_that_thread(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    await town.start()
    await back_up(town, "core-sw1")
    switch.change("add vlan 77")
    talk = await town.slack.say(town.vera, town.plant_a, "I am changing the office network")

    await town.slack.mention(town.anna, town.plant_a, "now core-sw1", thread_ts=talk.ts)

    diff = await until_reply(town, talk, "+vlan 77")
    replies = town.slack.thread(town.plant_a, talk.ts)
    assert [one.ephemeral_for for one in replies] == [None] * len(replies)
    assert [one for one in replies if "🟠 Modified" in town.slack.plain(one)]
    assert diff.thread_ts == talk.ts
    assert len(await runs_of("core-sw1")) == 2
