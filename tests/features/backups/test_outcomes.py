"""Rows H1 and H3: the six outcomes, the baseline, and the story of a run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import pytest

from demo.fleet import Fault
from domain.runs.outcomes import Outcome
from domain.runs.steps import RunEnd
from storage.devices.versions import versions_of
from storage.runs.runs import finish_runs
from tests.features.asking import back_up, every_state, last_run, until_shown

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town


async def test_h1_each_of_the_six_outcomes_is_reached_and_shown_with_emoji_and_word(town: Town) -> None:
    hung = await town.add_device("core-sw1", limits={"running": "2s"})
    switch = await town.add_device("core-sw2")
    town.settings["agents"]["local"]["concurrency"] = 1
    hung.fault = Fault.HANGS_IN_CONFIG
    await town.start()
    shown, chips = town.slack.plain, []

    await town.command(town.anna, "/backup now core-sw1")
    chips.append(shown(await until_shown(town, "core-sw1", Outcome.IN_PROGRESS)))
    await town.command(town.anna, "/backup now core-sw2")
    chips.append(shown(await until_shown(town, "core-sw2", Outcome.PENDING)))
    chips.append(shown(await town.final("core-sw1")))
    chips.append(shown(await town.final("core-sw2")))
    switch.change("add vlan 77")
    chips.append(shown(await back_up(town, "core-sw2")))
    switch.fault = Fault.WRONG_PASSWORD
    chips.append(shown(await back_up(town, "core-sw2")))

    assert [" ".join(text.split("  ")[0].split()) for text in chips] == [
        *("🔵 In Progress", "⚪ Pending", "🔴 Timed Out", "🟢 Up to Date", "🟠 Modified", "🔴 Failed")
    ]
    assert {outcome.chip for outcome in Outcome} == {text.split("  ")[0] for text in chips}


async def test_h1_no_other_value_can_be_stored(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()
    await back_up(town, "core-sw1")
    switch = town.fleet["core-sw1"]
    switch.fault = Fault.HANGS_IN_CONFIG
    await town.command(town.anna, "/backup now core-sw1")
    await until_shown(town, "core-sw1", Outcome.IN_PROGRESS)
    run = await last_run("core-sw1")
    odd = cast("Outcome", "skipped")

    with pytest.raises(ValueError, match="skipped"):
        await finish_runs([RunEnd(run=run.id, outcome=odd, at=datetime.now(UTC))])

    assert await last_run("core-sw1") == run
    assert [outcome.value for outcome in Outcome] == [
        *("pending", "in_progress", "up_to_date", "modified", "failed", "timed_out")
    ]


async def test_h1_new_device_stores_a_baseline_without_diff_or_alert(town: Town) -> None:
    await town.add_device("core-sw1", lines=900)
    await town.start()

    message = await back_up(town, "core-sw1")
    await town.serve.settled()

    text = town.slack.plain(message)
    [version] = await versions_of("core-sw1")
    assert "🟢 Up to Date" in text
    assert "baseline stored, " in text
    assert not [state for state in every_state(town, message) if "Modified" in state]
    assert town.slack.thread(town.plant_a, message.ts) == []
    assert town.slack.files == {}
    assert town.slack.messages(town.slack.dm(town.anna)) == []
    assert version.number == 1


async def test_h3_details_tell_the_story_of_a_run(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    await town.start()
    await back_up(town, "core-sw1")
    switch.change("add vlan 77", by="mira")
    message = await back_up(town, "core-sw1")

    await town.slack.press(town.vera, message, "do:run")

    text = town.slack.plain(await town.private(town.vera, "Attempts"))
    run = await last_run("core-sw1")
    rows = dict(line.split(":* ", 1) for line in text.splitlines() if ":* " in line)
    assert "🟠 Modified  *core-sw1*  ·  Plant A  ·  run 2" in text
    assert (rows["*Started by"], rows["*Agent"], rows["*Attempts"]) == ("a person", "local", "1")
    assert (rows["*Compared with"], rows["*Changed by"]) == ("version 1", "mira")
    assert rows["*Version"] == f"2 (+{run.added} \u2212{run.removed} lines)"
    assert rows["*Took"]
    assert "by @anna" in text
    assert "/backup run 2" in text


async def test_h3_details_of_a_failed_run_show_the_error(town: Town) -> None:
    switch = await town.add_device("core-sw1", retries=0)
    switch.fault = Fault.REJECTS_CONFIG
    await town.start()
    await back_up(town, "core-sw1")

    await town.command(town.vera, "/backup run 1")

    text = town.slack.plain(await town.private(town.vera, "Attempts"))
    assert "🔴 Failed" in text
    assert "The device rejected the command `show running-config`. Check " in text


async def test_h3_details_are_refused_while_pending_or_in_progress(town: Town) -> None:
    hung = await town.add_device("core-sw1")
    await town.add_device("core-sw2")
    town.settings["agents"]["local"]["concurrency"] = 1
    hung.fault = Fault.HANGS_IN_CONFIG
    await town.start()
    await town.command(town.anna, "/backup now core-sw1")
    await until_shown(town, "core-sw1", Outcome.IN_PROGRESS)
    await town.command(town.anna, "/backup now core-sw2")
    await until_shown(town, "core-sw2", Outcome.PENDING)

    await town.command(town.vera, "/backup run 1")
    await town.command(town.vera, "/backup run 2")

    await town.private(town.vera, "Run 1 of `core-sw1` has not ended yet. `/backup cancel #1` ends it.")
    await town.private(town.vera, "Run 2 of `core-sw2` has not ended yet. `/backup cancel #2` ends it.")
