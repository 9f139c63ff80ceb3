"""Lists of jobs, runs and old backups: pages, filters, orders, and what each row tells."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from commands.input.quoting import action_words
from domain.runs.outcomes import Outcome
from notifications.rendering.buttons import Menu
from storage.jobs.slots import note_begun
from tests.commands.jobs.jobbing import column, control, made, press, sixty, the_job
from tests.commands.plants import PEOPLE, make_device, make_inventory

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.plants import Plant

__all__ = ["sixty"]


async def test_j4_sixty_jobs_come_in_pages_to_the_end_and_back(plant: Plant, sixty: list[str]) -> None:
    pages = [await plant.ask("jobs")]
    while (following := control(pages[-1], "Next page")) is not None:
        pages.append(await plant.ask_words(action_words(following.action, following.value)))
    back = pages[-1]
    while (before := control(back, "Previous page")) is not None:
        back = await plant.ask_words(action_words(before.action, before.value))

    assert [name for page in pages for name in column(page, 0)] == sixty
    assert [len(column(page, 0)) for page in pages] == [15, 15, 15, 15]
    assert column(back, 0) == column(pages[0], 0)
    assert pages[0].context["title"] == "60 jobs that you can see"
    assert all(page.context["command"] == "/backup jobs" for page in pages)


async def test_j4_the_list_is_filtered_and_sorted(plant: Plant, sixty: list[str]) -> None:
    assert len(sixty) == 60

    by_next = await plant.ask("jobs plant-a job sort:next")
    few = await plant.ask("jobs 07")

    times = [row[4]["elements"][0]["elements"][0]["timestamp"] for row in by_next.context["rows"]]
    assert times == sorted(times)
    assert by_next.context["command"] == "/backup jobs plant-a job sort:next"
    assert column(few, 0) == ["job 07"]


async def test_j4_a_row_tells_agent_schedule_next_run_and_last_activity(plant: Plant) -> None:
    await plant.ask("add core-sw1 weekdays 02:00 as nightly")
    begun = await plant.ask("now nightly")
    job = await the_job("nightly")
    run = await plant.ended("core-sw2", Outcome.MODIFIED)
    await note_begun([job.id], at=plant.clock.now(), run=run.id)

    reply = await plant.ask("jobs")

    [row] = reply.context["rows"]
    assert begun.template == "started"
    assert [cell["text"] for cell in row[:4]] == [
        "nightly",
        "core-sw1 (Plant A)",
        "agent-a, anywhere",
        "Weekdays at 02:00",
    ]
    assert row[5]["elements"][0]["elements"][0]["text"] == f"{run.outcome.chip} "


async def test_every_row_has_its_menu_with_everything_one_can_do(plant: Plant) -> None:
    await plant.ask("add core-sw1 daily 02:00 as nightly")
    page = await plant.ask("jobs")
    menu = next(one for one in page.context["buttons"] if isinstance(one, Menu))

    card = await plant.ask_words(action_words(menu.action, menu.entries[0].value))

    assert [button.text for button in card.context["buttons"]] == ["Back up now", "Edit", "Pause", "History", "Delete"]
    answers = [await plant.ask_words(action_words(one.action, one.value)) for one in card.context["buttons"]]
    assert [(one.template, bool(one.form)) for one in answers] == [
        ("started", False),
        ("notice", True),
        ("job", False),
        ("history", False),
        ("notice", False),
    ]


async def test_six_thousand_devices_in_the_form_are_searched_and_only_those_one_may_use(
    make_plant: Callable[..., Plant],
) -> None:
    inventory = make_inventory(
        *(make_device(f"sw{number:05}") for number in range(6_000)), make_device("sw-hidden", "plant-b")
    )
    plant = make_plant(inventory)

    first = await plant.commands.forms.options(PEOPLE["operator"], "job", "device", "")
    found = await plant.commands.forms.options(PEOPLE["operator"], "job", "device", "sw0599")
    sites = await plant.commands.forms.options(PEOPLE["operator"], "job", "site", "")
    none = await plant.commands.forms.options(PEOPLE["viewer"], "job", "device", "")

    assert len(first) == 100
    assert [one.value for one in found][:10] == [f"sw0599{digit}" for digit in range(10)]
    assert "sw-hidden" not in str([*first, *found])
    assert [one.value for one in sites] == ["plant-a"]
    assert none == []


async def test_h4_a_device_is_stale_by_the_threshold_that_is_asked_for(plant: Plant) -> None:
    await plant.stored("core-sw1", 1)
    await plant.clock.advance(timedelta(days=8))
    await plant.stored("core-sw2", 1)

    at_seven, at_nine = await plant.ask("stale"), await plant.ask("stale plant-a 9")

    never = ["Büro Switch", "edge-rt1"]
    assert column(at_seven, 0) == [*never, "core-sw1"]
    assert at_seven.context["rows"][-1][3]["text"] == "8 days"
    assert column(at_nine, 0) == never


async def test_h2_history_is_sorted_both_ways_and_narrowed_by_job_trigger_and_person(plant: Plant) -> None:
    runs = [await plant.ended("core-sw1") for _ in range(12)]

    oldest = await plant.ask("history core-sw1 oldest")
    rest = await press(plant, oldest, "Newer runs")
    mine = await plant.ask("history manual by me until today")
    others = await plant.ask("history by <@U0ADMIN>")
    scheduled = await plant.ask("history core-sw1 scheduled")

    numbers = [f"#{run.id}" for run in runs]
    assert column(oldest, 0) + column(rest, 0) == numbers
    assert oldest.context["command"] == "/backup history core-sw1 oldest"
    assert column(await press(plant, rest, "Older runs"), 0) == numbers[:10]
    assert column(mine, 0) == list(reversed(numbers))[:10]
    assert column(others, 0) == column(scheduled, 0) == []


async def test_h2_pages_stay_right_while_new_runs_arrive(plant: Plant) -> None:
    before = [f"#{(await plant.ended('core-sw1')).id}" for _ in range(15)]
    first = await plant.ask("history core-sw1")

    for _ in range(5):
        await plant.ended("core-sw1")
    second = await press(plant, first, "Older runs")

    assert column(first, 0) + column(second, 0) == before[::-1]


@pytest.mark.parametrize("sort", ["next", "last", "name"])
@pytest.mark.parametrize("key", ["garbage", "2026-05-03", "2026-05-03T02:00:00", "2026-05-03T02:00:00+00:00", ""])
async def test_a_beginning_of_a_page_that_somebody_made_up_breaks_nothing(plant: Plant, sort: str, key: str) -> None:
    await made(plant, "nightly")

    reply = await plant.ask(f"jobs sort:{sort} from:5:{key}")

    assert reply.template == "jobs"


async def test_j4_paused_jobs_are_listed_alone_and_all_of_them_again(plant: Plant) -> None:
    for name in ("nightly", "weekly"):
        await made(plant, name)
    await plant.ask("pause weekly")

    paused = await plant.ask("jobs paused")
    menu = next(one for one in paused.context["buttons"] if isinstance(one, Menu) and one.action == "do:jobs#sort")
    again = await plant.ask_words(action_words(menu.action, menu.entries[-1].value))

    assert (column(paused, 0), paused.context["command"]) == (["weekly"], "/backup jobs paused")
    assert column(again, 0) == ["nightly", "weekly"]
