"""Rows J2 to J6, S2, H2 and H4: jobs and history as people use them in Slack, with a moved clock."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from domain.jobs.job import JobFields, JobKind
from domain.jobs.schedules import next_time
from domain.jobs.spoken import parse_schedule
from domain.runs.outcomes import Outcome
from domain.runs.queries import RunQuery
from domain.runs.run import NewRun, Trigger
from domain.runs.steps import RunEnd
from storage.jobs.jobs import add_job
from storage.runs.endings import finish_runs
from storage.runs.history import runs_page
from storage.runs.runs import add_runs
from tests.features.asking import back_up, runs_of
from tests.support.serve_fixtures import TIMEOUT

if TYPE_CHECKING:
    from datetime import datetime

    from demo.slack import Message
    from demo.slack.state.values import View
    from domain.runs.run import Run
    from tests.support.serve_fixtures import Town

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SOON = timedelta(seconds=5)


@pytest.fixture
async def served(town: Town) -> Town:
    """Plant A with two devices; only the test ticks."""
    await town.add_device("core-sw1")
    await town.add_device("core-sw2")
    await town.start(keeps_time=False)
    return town


def coming(town: Town, schedule: str) -> datetime:
    """When ``schedule`` comes due next at Plant A."""
    found = next_time(parse_schedule(schedule), BERLIN, town.clock.now())
    assert found
    return found


async def pass_to(town: Town, moment: datetime) -> None:
    """Let it become ``moment``, and tick."""
    town.clock.advance(moment - town.clock.now())
    await town.serve.engine.due_jobs.tick()
    await town.serve.settled()


async def window(town: Town, holding: str) -> View:
    """The form in front of Anna, once it shows ``holding``."""

    def found() -> View | None:
        stack = town.slack.views(town.anna)
        return stack[-1] if stack and holding in town.slack.plain(stack[-1]) else None

    return await town.until(found)


async def answer(town: Town, command: str, holding: str) -> Message:
    """Type ``command`` as Anna, and wait for the answer that shows ``holding``."""
    before = {one.ts for one in town.slack.messages(town.plant_a, seen_by=town.anna)}
    await town.command(town.anna, command)
    return await later(town, before, holding)


async def press(town: Town, message: Message, action: str, holding: str) -> Message:
    """Press a button as Anna, and wait for the answer that shows ``holding``."""
    before = {one.ts for one in town.slack.messages(town.plant_a, seen_by=town.anna)}
    await town.slack.press(town.anna, message, action)
    return await later(town, before, holding)


async def later(town: Town, before: set[str], holding: str) -> Message:
    def found() -> Message | None:
        seen = town.slack.messages(town.plant_a, seen_by=town.anna)
        new = [one for one in seen if one.ephemeral_for and one.ts not in before]
        return next((one for one in new if holding in town.slack.plain(one)), None)

    return await town.until(found)


def rows(message: Message) -> list[list[str]]:
    """The cells of the table in ``message``, without its header."""
    table = next(block for block in message.blocks if block["type"] == "table")
    return [[_words(cell) for cell in row] for row in table["rows"][1:]]


def _words(part: dict[str, Any]) -> str:
    inner = part.get("elements")
    if inner:
        return "".join(_words(one) for one in inner)
    return str(part.get("text", part.get("timestamp", "")))


async def test_j2_an_added_job_that_is_moved_to_three_runs_at_three_alone(served: Town) -> None:
    await served.command(served.anna, "/backup add core-sw1")
    form = await window(served, "Name of the job")
    await served.slack.submit(served.anna, form, {"weekends~0": ["on"]})
    await served.slack.close_view(served.anna, await window(served, "is added"))
    await served.command(served.anna, "/backup edit core-sw1")
    form = await window(served, "Name of the job")

    await served.slack.submit(served.anna, form, {"at~0": "03:00"})
    await window(served, "is saved")
    listed = await answer(served, "/backup jobs", "core-sw1 (Plant A)")
    at_two, at_three = coming(served, "daily 02:00"), coming(served, "daily 03:00")
    first, second = min(at_two, at_three), max(at_two, at_three)
    await pass_to(served, first + SOON)
    after_first = len(await runs_of("core-sw1"))
    await pass_to(served, second + SOON)

    [row] = rows(listed)
    assert row[0] == "core-sw1"
    assert row[3] == "Every day at 03:00"
    assert int(row[4]) == at_three.timestamp()
    assert after_first == (1 if first == at_three else 0)
    [run] = await runs_of("core-sw1")
    assert (run.trigger, run.slot) == (Trigger.SCHEDULE, at_three)
    assert served.slack.refused == []


async def test_j3_a_job_without_schedule_never_fires_and_runs_when_asked(served: Town) -> None:
    await answer(served, "/backup add core-sw1 on demand as wanted", "The job is added")
    listed = await answer(served, "/backup jobs", "wanted")

    for _ in range(7 * 24):
        served.clock.advance(HOUR)
        await served.serve.engine.due_jobs.tick()
    after_a_week = await runs_of("core-sw1")
    card = await answer(served, "/backup job wanted", "Last activity: none yet")
    await served.slack.press(served.anna, card, "do:now")
    await served.final("core-sw1")

    [row] = rows(listed)
    assert (row[3], row[4]) == ("On demand", "on demand")
    assert after_a_week == []
    [run] = await runs_of("core-sw1")
    assert (run.trigger, run.asked_by) == (Trigger.MANUAL, served.anna.id)
    again = await answer(served, "/backup jobs wanted", "Up to Date")
    assert rows(again)[0][5].startswith("🟢 Up to Date ")


async def test_j4_sixty_jobs_page_correctly_and_each_can_be_opened(served: Town) -> None:
    names = [f"job {number:02}" for number in range(60)]
    for name in names:
        fields = JobFields(
            name=name, kind=JobKind.SITE, site="plant-a", device=None, schedule=parse_schedule("daily 02:00")
        )
        await add_job(fields, zone=BERLIN, by=served.anna.id, now=served.clock.now())

    page = await answer(served, "/backup jobs", "job 00")
    seen = [row[0] for row in rows(page)]
    for first in ("job 15", "job 30", "job 45"):
        page = await press(served, page, "do:jobs#more", first)
        seen += [row[0] for row in rows(page)]
    back = await press(served, page, "do:jobs#back", "job 30")
    card = await _choose(served, back, "do:job", 7, "job 37")

    assert seen == names
    assert [row[0] for row in rows(back)] == names[30:45]
    assert "do:jobs#more" not in str(page.blocks)
    assert "Every day at 02:00, Plant A time (Europe/Berlin)" in served.slack.plain(card).replace("*", "")
    assert served.slack.refused == []


async def _choose(town: Town, message: Message, action: str, place: int, holding: str) -> Message:
    menu = next(one for block in message.blocks for one in block.get("elements", ()) if one.get("action_id") == action)
    before = {one.ts for one in town.slack.messages(town.plant_a, seen_by=town.anna)}
    await town.slack.select(town.anna, message, action, menu["options"][place]["value"])
    return await later(town, before, holding)


async def test_j5_a_device_added_to_a_site_is_covered_at_the_next_slot(served: Town) -> None:
    await answer(served, "/backup add plant-a daily 04:00 as nightly", "The job is added")
    await served.stop()
    await served.add_device("new-sw9")
    await served.start(keeps_time=False)

    await pass_to(served, coming(served, "daily 04:00") + SOON)
    await until_ended(served, "new-sw9")

    [run] = await runs_of("new-sw9")
    assert run.trigger is Trigger.SCHEDULE
    assert {one.batch for name in ("core-sw1", "core-sw2") for one in await runs_of(name)} == {run.batch}
    details = await answer(served, f"/backup run {run.id}", "nightly")
    assert "Due " in served.slack.plain(details)


async def until_ended(town: Town, device: str) -> Run:
    """Wait until the last run of ``device`` has ended. One that is not to start yet has the clock moved on for it."""
    async with asyncio.timeout(TIMEOUT):
        while True:
            found = await runs_of(device)
            if found and found[0].outcome.is_final:
                return found[0]
            if found and found[0].ready_at > town.clock.now():
                town.clock.advance(found[0].ready_at - town.clock.now())
            await town.serve.engine.due_jobs.tick()
            await town.serve.settled()
            await asyncio.sleep(0.05)  # agents are processes: nothing in this one tells when they are at it


async def test_j6_a_pause_leaves_its_trace_a_resumed_job_runs_and_a_deleted_one_keeps_its_runs(served: Town) -> None:
    await answer(served, "/backup add core-sw1 daily 02:00 as nightly", "The job is added")
    await answer(served, "/backup pause nightly", "The job is paused until somebody resumes it")

    await pass_to(served, coming(served, "daily 02:00") + SOON)
    skipped = await runs_of("core-sw1")
    card = await answer(served, "/backup job nightly", "skipped: paused")
    await press(served, card, "do:resume", "The job is resumed")
    await pass_to(served, coming(served, "daily 02:00") + SOON)
    run = await until_ended(served, "core-sw1")
    question = await answer(served, "/backup delete nightly", "It never runs again")
    await press(served, question, "do:delete", "is deleted")
    await pass_to(served, coming(served, "daily 02:00") + SOON)

    assert skipped == []
    assert "skipped: paused by @anna" in served.slack.plain(card)
    assert [one.id for one in await runs_of("core-sw1")] == [run.id]
    opened = await answer(served, f"/backup run {run.id}", "nightly (deleted)")
    assert "Up to Date" in served.slack.plain(opened)


async def test_s2_the_next_three_times_stand_in_the_form_before_it_is_saved(served: Town) -> None:
    await served.command(served.anna, "/backup add core-sw1")
    form = await window(served, "Name of the job")
    await served.slack.select(served.anna, form, "form:pattern", "cron")
    form = await window(served, "Cron line")

    await served.slack.select(served.anna, form, "form:cron", "30 4 * * *")
    read = await window(served, "Every day at 04:30")

    moments, after = [], served.clock.now()
    for _ in range(3):
        after = next_time(parse_schedule("cron 30 4 * * *"), BERLIN, after) or after
        moments.append(after)
    text = served.slack.plain(read)
    for moment in moments:
        there = moment.astimezone(BERLIN)
        assert f"{there:%a} {there.day} {there:%b} 04:30" in text
        assert f"<!date^{int(moment.timestamp())}^" in str(read.blocks)


async def test_h2_failed_in_seven_days_equals_a_direct_count_in_both_orders(served: Town) -> None:
    now = served.clock.now()
    made = await add_runs(
        [
            NewRun(
                device=f"core-sw{1 + number % 2}",
                site="plant-a",
                trigger=Trigger.MANUAL,
                created_at=now - (60 - number) * 6 * HOUR,
                waiting_limit=HOUR,
                running_limit=HOUR,
            )
            for number in range(60)
        ]
    )
    await finish_runs(
        [
            RunEnd(
                run=run.id,
                outcome=Outcome.FAILED if number % 3 else Outcome.UP_TO_DATE,
                at=run.created_at + MINUTE,
                version=None,
            )
            for number, run in enumerate(made)
        ]
    )
    counted = [
        f"#{run.id}"
        for number, run in enumerate(made)
        if number % 3 and run.created_at >= served.clock.now() - timedelta(days=7)
    ]

    newest = await _all_pages(served, "/backup history plant-a failed 7d", "do:history#older")
    oldest = await _all_pages(served, "/backup history plant-a failed 7d oldest", "do:history#newer")

    assert newest == counted[::-1]
    assert oldest == counted
    assert len(await runs_page(RunQuery(sites=frozenset({"plant-a"}), limit=100))) == 60


async def _all_pages(town: Town, command: str, step: str) -> list[str]:
    page = await answer(town, command, "History of Plant A")
    seen = [row[0] for row in rows(page)]
    while step in str(page.blocks):
        page = await press(town, page, step, "History of Plant A")
        seen += [row[0] for row in rows(page)]
    return seen


async def test_h4_a_device_last_good_eight_days_ago_is_stale_at_seven_and_not_at_nine(served: Town) -> None:
    await back_up(served, "core-sw1")
    served.clock.advance(timedelta(days=8))
    await back_up(served, "core-sw2")

    at_seven = await answer(served, "/backup stale", "for more than 7 days")
    at_nine = await answer(served, "/backup stale 9", "9 days")

    assert [(row[0], row[3]) for row in rows(at_seven)] == [("core-sw1", "8 days")]
    assert "🟢 Every one of 2 devices that you can see has a good backup" in served.slack.plain(at_nine)
