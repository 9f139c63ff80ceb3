"""``cancel``, ``run`` and ``history``: runs by number, by device, and in pages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from commands.input.quoting import action_words
from domain.failures import FailureKind
from domain.messages.outbox import Quote
from domain.runs.evidence import Evidence, Step
from domain.runs.outcomes import Outcome
from notifications.rendering.buttons import Button
from tests.commands.plants import PEOPLE, sentence

PLENTY = timedelta(days=8)

if TYPE_CHECKING:
    from collections.abc import Callable

    from commands.request import Reply
    from tests.commands.plants import Plant


@pytest.mark.parametrize("line", ["cancel {run}", "cancel #{run}", "cancel core-sw1", "cancel Core-SW1"])
async def test_a7_cancel_ends_the_unfinished_run(plant: Plant, line: str) -> None:
    run = await plant.going("core-sw1")

    reply = await plant.ask(line.format(run=run.id))

    assert plant.dispatcher.cancelled == [(run.id, "U0OPER")]
    assert reply.context["command"] == f"/backup cancel #{run.id}"


async def test_cancel_of_an_ended_run_says_how_it_ended(plant: Plant) -> None:
    run = await plant.ended("core-sw1", Outcome.FAILED, reason=FailureKind.REFUSED)

    by_number = await plant.ask(f"cancel {run.id}")
    by_device = await plant.ask("cancel core-sw1")

    assert f"Run {run.id} has already ended as 🔴 Failed." in sentence(by_number)
    assert "`core-sw1` has no pending run and none in progress." in sentence(by_device)
    assert plant.dispatcher.cancelled == []


async def test_cancel_by_a_viewer_is_refused_and_nothing_is_cancelled(plant: Plant) -> None:
    run = await plant.going("core-sw1")

    reply = await plant.ask(f"cancel {run.id}", by="viewer")

    assert "You may not cancel runs at Plant A" in sentence(reply)
    assert plant.dispatcher.cancelled == []


async def test_picker_of_cancel_offers_the_unfinished_runs(plant: Plant) -> None:
    run = await plant.going("core-sw1")
    await plant.going("hidden-fw1")
    await plant.ended("core-sw2")

    options = await plant.commands.options(PEOPLE["operator"], "pick:cancel", "core")

    assert [(one.text, one.value, one.description) for one in options] == [
        (f"core-sw1 · run {run.id}", f"#{run.id}", "Pending")
    ]


@pytest.mark.parametrize("outcome", [Outcome.UP_TO_DATE, Outcome.MODIFIED, Outcome.FAILED, Outcome.TIMED_OUT])
async def test_h3_details_are_there_for_every_way_to_end(plant: Plant, outcome: Outcome) -> None:
    reason = None if outcome.is_good else FailureKind.SILENT
    run = await plant.ended("core-sw1", outcome, reason=reason, facts="it said s3cret", base_version=1, version=1)

    reply = await plant.ask(f"run {run.id}", by="viewer")

    rows = dict(reply.context["rows"])
    assert reply.context["run"].chip == outcome.chip
    assert (rows["Started by"], rows["Agent"], rows["Attempts"]) == ("a person", "agent-a", "1")
    assert "s3cret" not in str(reply.context)


async def test_details_and_history_tell_how_far_a_run_came_and_what_its_device_said_last(plant: Plant) -> None:
    seen = Evidence(
        step=Step.CONFIG,
        command="show startup-config",
        received=2_048,
        awaited="the prompt `core-sw1`#",
        screen=("% s3cret", "% Cannot open NVRAM"),
    )
    run = await plant.ended("core-sw1", Outcome.FAILED, reason=FailureKind.SILENT, evidence=seen)

    details = await plant.ask(f"run {run.id}")
    history = await plant.ask("history core-sw1")

    told = details.context["run"].told
    assert told.far == (
        "Reading the configuration: sent `show startup-config`, received 2,048 bytes, "
        "was waiting for the prompt `'core-sw1'#`."
    )
    assert told.screen == "% <hidden>\n% Cannot open NVRAM"
    assert "% Cannot open NVRAM" in str(history.context["rows"])
    assert details.quotes == history.quotes == (Quote("core-sw1"),)


async def test_h3_details_are_refused_while_the_run_is_unfinished(plant: Plant) -> None:
    run = await plant.going("core-sw1")

    reply = await plant.ask(f"run {run.id}")

    assert sentence(reply).startswith(f"Run {run.id} of `core-sw1` has not ended yet. `")


@pytest.mark.parametrize("words", ["abc", "1 2", "12.5", "core-sw1"])
async def test_run_wants_one_number(plant: Plant, words: str) -> None:
    reply = await plant.ask(f"run {words}")

    assert sentence(reply) == "Name one run by its number. Usage: `/backup run NUMBER`"


async def test_number_beyond_any_database_is_a_run_that_is_not_there(plant: Plant) -> None:
    reply = await plant.ask("run 999999999999999999")

    assert "There is no run called `#999999999999999999`" in sentence(reply)


async def test_history_is_paged_to_the_end_and_back(plant: Plant) -> None:
    made = [(await plant.ended("core-sw1")).id for _ in range(23)]

    first = await plant.ask("history core-sw1")
    second = await _press(plant, first, "Older runs")
    third = await _press(plant, second, "Older runs")
    back = await _press(plant, await _press(plant, third, "Newer runs"), "Newer runs")

    newest_first = [f"#{run}" for run in reversed(made)]
    assert [_numbers(page) for page in (first, second, third)] == [
        newest_first[:10],
        newest_first[10:20],
        newest_first[20:],
    ]
    assert _numbers(back) == _numbers(first)
    assert [one.text for one in third.context["buttons"] if isinstance(one, Button)] == ["Newer runs"]
    assert third.context["command"] == "/backup history core-sw1"


async def test_h2_history_filters_by_outcome_and_time(plant: Plant) -> None:
    await plant.ended("core-sw1", Outcome.FAILED, reason=FailureKind.REFUSED)
    await plant.clock.advance(PLENTY)
    failed = await plant.ended("core-sw1", Outcome.FAILED, reason=FailureKind.REFUSED)
    await plant.ended("core-sw1")
    await plant.ended("core-sw2", Outcome.FAILED, reason=FailureKind.REFUSED)

    reply = await plant.ask("history core-sw1 failed since 7d")

    assert _numbers(reply) == [f"#{failed.id}"]
    assert reply.context["command"] == "/backup history core-sw1 failed 7d"


@pytest.mark.parametrize(
    ("line", "devices"),
    [
        pytest.param("history", {"core-sw1", "edge-rt1"}, id="everything one can see"),
        pytest.param("history plant-a", {"core-sw1", "edge-rt1"}, id="a site"),
        pytest.param("history Plant A up to date", {"core-sw1"}, id="a site's name and three words"),
        pytest.param("history bad", {"edge-rt1"}, id="only an outcome"),
        pytest.param("history yesterday", {"core-sw1", "edge-rt1"}, id="only a time"),
        pytest.param("history 2030-01-01", set(), id="a time to come"),
    ],
)
async def test_history_understands_its_words_in_any_measure(plant: Plant, line: str, devices: set[str]) -> None:
    await plant.ended("core-sw1")
    await plant.ended("edge-rt1", Outcome.TIMED_OUT, reason=FailureKind.RUNNING_LIMIT)
    await plant.ended("hidden-fw1")

    reply = await plant.ask(line)

    assert {row[1]["text"] for row in reply.context["rows"]} == devices


async def test_history_says_what_it_does_not_understand(plant: Plant) -> None:
    unknown_filter = await plant.ask("history core-sw1 blue")
    unknown_name = await plant.ask("history core-sw9")

    assert "Filter by an outcome such as `failed`" in sentence(unknown_filter)
    assert "Did you mean `core-sw1`" in sentence(unknown_name)


async def test_long_trail_of_pages_stays_within_the_limit_of_a_word(plant: Plant) -> None:
    trail = ",".join(str(10**17 + number) for number in range(7))
    for _ in range(12):
        await plant.ended("core-sw1")

    reply = await plant.ask_words(("history", "core-sw1", f"trail:{trail}"))
    again = await _press(plant, reply, "Older runs")

    assert again.template == "history"


async def test_owner_reads_the_runs_of_a_site_that_is_no_longer_declared(
    plant: Plant, make_plant: Callable[..., Plant]
) -> None:
    run = await plant.ended("hidden-fw1")
    inventory = plant.services.inventory
    sites = {"plant-a": inventory.sites["plant-a"]}
    kept = {name: device for name, device in inventory.devices.items() if device.site == "plant-a"}
    smaller = make_plant(type(inventory)(sites=sites, devices=kept, agents={}))

    reply = await smaller.ask(f"run {run.id}", by="owner")
    refused = await smaller.ask(f"run {run.id}", by="other_plant")

    assert reply.context["run"].site == "plant-b"
    assert refused.template == "refusal"


async def _press(plant: Plant, page: Reply, text: str) -> Reply:
    button: Any = next(one for one in page.context["buttons"] if getattr(one, "text", "") == text)
    return await plant.ask_words(action_words(button.action, button.value))


def _numbers(page: Reply) -> list[str]:
    return [row[0]["text"] for row in page.context["rows"]]
