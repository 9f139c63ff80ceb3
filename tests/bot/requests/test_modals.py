"""The form of a job over the wire: opened, answering while it is filled in, refused and saved."""

from __future__ import annotations

import asyncio
import copy
import itertools
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest

from demo.slack.transport.payloads import submission_payload
from domain.jobs.job import JobQuery
from domain.jobs.readings import in_words
from storage.jobs.lists import jobs_page

if TYPE_CHECKING:
    from demo.slack import Message, Person
    from demo.slack.state.values import View
    from domain.jobs.job import Job
    from tests.support.serve_fixtures import Town

PLANT_A = frozenset({"plant-a"})
NONSENSE = {
    "nonsense": "banana",
    "long": "x" * 10_000,
    "emoji": "🍌🍌🍌",
    "sql": "'; DROP TABLE job; --",
    "broadcast": "<!channel>",
    "empty": "",
}


async def saved() -> list[Job]:
    return list((await jobs_page(JobQuery(sites=PLANT_A, limit=100))).jobs)


def modal(town: Town, person: Person, holding: str = "") -> View | None:
    """The window in front of ``person``, once it shows ``holding``."""
    stack = town.slack.views(person)
    return stack[-1] if stack and holding in town.slack.plain(stack[-1]) else None


async def opened(town: Town, person: Person, command: str, holding: str = "Name of the job") -> View:
    done = await town.command(person, command)
    assert done.acked
    return await town.until(lambda: modal(town, person, holding))


def initial(view: View, name: str) -> Any:  # noqa: ANN401 - the value object of a field
    """What the person sees in field ``name``."""
    return next(held for actions in view.state.values() for action, held in actions.items() if action == f"form:{name}")


def named_as(town: Town, name: str) -> View | None:
    view = modal(town, town.anna)
    return view if view and initial(view, "name")["value"] == name else None


async def deliver(town: Town, body: dict[str, Any]) -> dict[str, Any]:
    """Hand a payload to Bolt as it would come from Slack; the ack."""
    answer = await town.serve.front.app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
    assert answer.status == 200
    ack: dict[str, Any] = json.loads(answer.body) if answer.body else {}
    return ack


def submission(town: Town, view: View, name: str, typed: str) -> dict[str, Any]:
    """What would come if a client let ``typed`` into field ``name``, whatever the field allows."""
    body = copy.deepcopy(submission_payload(town.slack.workspace, town.anna, view))
    for actions in body["view"]["state"]["values"].values():
        held = actions.get(f"form:{name}")
        if held is not None:
            option = {"text": {"type": "plain_text", "text": "x"}, "value": typed} if typed else None
            held.update({key: _as(key, typed, option) for key in held if key != "type"})
            return body
    raise AssertionError(name)


def _as(key: str, typed: str, option: dict[str, Any] | None) -> object:
    if key == "selected_options":
        return [option] if option else []
    return option if key == "selected_option" else typed or None


@pytest.fixture
async def plant(town: Town) -> Town:
    """Plant A with two devices, served."""
    await town.add_device("core-sw1")
    await town.add_device("core-sw2")
    await town.start()
    return town


async def test_j2_the_name_is_filled_in_from_the_device_until_somebody_changes_it(plant: Town) -> None:
    view = await opened(plant, plant.anna, "/backup add")

    await plant.slack.select(plant.anna, view, "form:device", "core-sw1")
    named = await plant.until(lambda: modal(plant, plant.anna, "Plant A time"))
    assert initial(named, "name")["value"] == "core-sw1"

    await plant.slack.select(plant.anna, named, "form:device", "core-sw2")
    again = await plant.until(lambda: named_as(plant, "core-sw2"))

    done = await plant.slack.submit(plant.anna, again, {"name~2": "by hand"})
    assert done.error is None
    [job] = await saved()
    assert (job.name, job.device, in_words(job.schedule), job.created_by) == (
        "by hand",
        "core-sw2",
        "Weekdays at 02:00",
        plant.anna.id,
    )
    assert "The job by hand is added" in plant.slack.plain(plant.slack.views(plant.anna)[-1]).replace("`", "")


async def test_s2_a_cron_line_is_read_aloud_while_it_is_typed_and_a_wrong_one_is_not_saved(plant: Town) -> None:
    view = await opened(plant, plant.anna, "/backup add core-sw1")
    await plant.slack.select(plant.anna, view, "form:pattern", "cron")
    view = await plant.until(lambda: modal(plant, plant.anna, "Cron line"))

    await plant.slack.select(plant.anna, view, "form:cron", "0 2 * * 1-5")
    read = await plant.until(lambda: modal(plant, plant.anna, "Weekdays at 02:00"))
    text = plant.slack.plain(read)
    assert text.count("02:00") >= 4  # the words and three times
    assert "Your time:" in text

    await plant.slack.select(plant.anna, read, "form:cron", "0 25 * * *")
    wrong = await plant.until(lambda: modal(plant, plant.anna, "⚠️"))
    done = await plant.slack.submit(plant.anna, wrong)

    assert done.error == "field_errors"
    [(place, sentence)] = done.field_errors.items()
    assert place.startswith("cron")
    assert "25" in sentence
    assert await saved() == []


FIELDS = {  # each with the pattern under which it is shown
    "kind": "daily",
    "device": "daily",
    "name": "daily",
    "at": "daily",
    "days": "days",
    "cron": "cron",
    "waiting": "daily",
    "running": "daily",
    "retries": "daily",
    "missed": "daily",
}
FINE = {("name", "nonsense"), ("name", "sql"), ("waiting", "empty"), ("running", "empty"), ("retries", "empty")}


async def test_nonsense_is_answered_at_its_field_and_nothing_is_stored(plant: Town) -> None:
    views = {"daily": await opened(plant, plant.anna, "/backup add core-sw1")}
    for pattern, shown in (("days", "Days:"), ("cron", "Cron line")):
        await plant.slack.select(plant.anna, views["daily"], "form:pattern", pattern)
        views[pattern] = await plant.until(lambda words=shown: modal(plant, plant.anna, words))  # type: ignore[misc]

    for name, (kind, typed) in itertools.product(FIELDS, NONSENSE.items()):
        if (name, kind) in FINE:
            continue
        answer = await deliver(plant, submission(plant, views[FIELDS[name]], name, typed))

        assert answer.get("response_action") == "errors", (name, kind)
        place, sentence = next(iter(answer["errors"].items()))
        assert place == f"{name}~0", (name, kind)
        assert 5 < len(sentence) <= 200, (name, kind)
    assert await saved() == []


async def test_a_name_that_looks_like_sql_is_a_name(plant: Town) -> None:
    view = await opened(plant, plant.anna, "/backup add core-sw1")

    await deliver(plant, submission(plant, view, "name", NONSENSE["sql"]))

    assert [job.name for job in await saved()] == [NONSENSE["sql"]]


MEMORIES = ("{", "[]", '{"job": 999}', '{"job": "x"}', '{"job": 1e999}', '{"hidden": 3}', "x" * 3_000, "null", "")


async def test_a_memory_that_somebody_made_up_breaks_nothing(plant: Town) -> None:
    view = await opened(plant, plant.anna, "/backup add core-sw1")
    body = submission(plant, view, "name", "mine")

    for memory in MEMORIES:
        answer = await deliver(plant, {**body, "view": {**body["view"], "private_metadata": memory}})

        assert answer["response_action"] == "update", memory
        assert len(await saved()) == (1 if memory == "" else 0), memory


async def test_who_was_demoted_while_the_form_was_open_is_refused_and_loses_nothing(town: Town) -> None:
    await town.add_device("core-sw1")
    group = town.slack.add_group("night", members=[town.stan])
    town.settings["sites"]["plant-a"]["access"]["operator"].append(group.id)
    await town.start()
    view = await opened(town, town.stan, "/backup add core-sw1")

    town.slack.happenings.group_changed(group, members=[])
    await town.slack.settled()
    await town.slack.select(town.stan, view, "form:weekends", ["on"])
    updated = await town.until(lambda: modal(town, town.stan, "⚠️"))
    offered = await town.slack.options(town.stan, updated, "form:device", "core")
    done = await town.slack.submit(town.stan, updated, {"name~0": "my own name"})

    assert done.error is None
    kept = town.slack.views(town.stan)[-1]
    assert "⚠️" in town.slack.plain(kept)
    assert "Plant A" not in town.slack.plain(kept)
    assert initial(kept, "name")["value"] == "my own name"
    assert offered == []
    assert await saved() == []


async def test_a_viewer_may_open_no_form_and_hears_who_can_grant_it(plant: Town) -> None:
    await plant.command(plant.vera, "/backup add core-sw1")

    refusal = await plant.private(plant.vera, "You may not add or change jobs at Plant A")

    assert "olga" in plant.slack.plain(refusal)
    assert plant.slack.views(plant.vera) == []


async def test_when_the_database_fails_at_the_end_the_form_stays_with_everything_in_it(
    plant: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = await opened(plant, plant.anna, "/backup add core-sw1")

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("commands.jobs.form.jobs.add_job", broken)
        await plant.slack.submit(plant.anna, view, {"name~0": "nightly", "running~0": "7m"})
    kept = plant.slack.views(plant.anna)[-1]
    text = plant.slack.plain(kept)
    done = await plant.slack.submit(plant.anna, kept)

    assert "Your entries are kept" in text
    assert "disk" not in text
    assert done.error is None
    [job] = await saved()
    assert (job.name, job.running_limit) == ("nightly", timedelta(minutes=7))


async def test_the_second_of_two_people_is_told_what_the_first_one_changed(plant: Town) -> None:
    await plant.command(plant.anna, "/backup add core-sw1 weekdays 02:00 as nightly")
    await plant.private(plant.anna, "The job is added")
    annas = await opened(plant, plant.anna, "/backup edit nightly")
    olgas = await opened(plant, plant.olga, "/backup edit nightly")

    await plant.slack.submit(plant.anna, annas, {"at~0": "03:00"})
    await plant.slack.submit(plant.olga, olgas, {"at~0": "04:00"})
    told = plant.slack.views(plant.olga)[-1]
    times = [in_words(job.schedule) for job in await saved()]
    done = await plant.slack.submit(plant.olga, told)

    text = plant.slack.plain(told)
    assert "anna changed this job while you had it open" in text
    assert "Schedule: Weekdays at 02:00 → Weekdays at 03:00" in text
    assert initial(told, "at")["selected_time"] == "04:00"
    assert times == ["Weekdays at 03:00"]
    assert done.error is None
    assert [in_words(job.schedule) for job in await saved()] == ["Weekdays at 04:00"]


async def test_a_form_that_is_sent_twice_adds_one_job(plant: Town) -> None:
    view = await opened(plant, plant.anna, "/backup add core-sw1")
    body = submission(plant, view, "name", "nightly")

    answers = [await deliver(plant, body) for _ in range(2)]

    assert [one["response_action"] for one in answers] == ["update", "update"]
    assert len(await saved()) == 1


async def test_a_slow_answer_opens_a_window_before_its_trigger_runs_out(
    plant: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, asked, go_on = plant.serve.front.handler.commands.answer, asyncio.Event(), asyncio.Event()

    async def slow(*args: Any) -> Any:  # noqa: ANN401 - hands everything on
        asked.set()
        await go_on.wait()
        return await answer(*args)

    monkeypatch.setattr(plant.serve.front.handler.commands, "answer", slow)
    await plant.command(plant.anna, "/backup add core-sw1")
    await asked.wait()
    await plant.until(lambda: modal(plant, plant.anna, "One moment"))
    go_on.set()

    form = await plant.until(lambda: modal(plant, plant.anna, "Name of the job"))

    assert initial(form, "name")["value"] == "core-sw1"
    assert len(plant.slack.views(plant.anna)) == 1


async def test_a_mention_gets_a_button_that_opens_the_form(plant: Town) -> None:
    await plant.slack.mention(plant.anna, plant.plant_a, "add core-sw1")

    def offered() -> Message | None:
        seen = plant.slack.messages(plant.plant_a, seen_by=plant.anna)
        answers = [*seen, *(one for start in seen for one in plant.slack.thread(plant.plant_a, start.ts))]
        return next((one for one in answers if "This needs a form" in plant.slack.plain(one)), None)

    await plant.slack.press(plant.anna, await plant.until(offered), "do:add")

    form = await plant.until(lambda: modal(plant, plant.anna, "Name of the job"))
    assert initial(form, "name")["value"] == "core-sw1"


async def test_the_home_tab_opens_the_form_for_whoever_may_use_it(plant: Town) -> None:
    await plant.slack.open_home(plant.anna)
    await plant.slack.open_home(plant.vera)
    annas = await plant.until(lambda: plant.slack.home(plant.anna))
    veras = await plant.until(lambda: plant.slack.home(plant.vera))

    await plant.slack.press(plant.anna, annas, "do:add")

    form = await plant.until(lambda: modal(plant, plant.anna, "Name of the job"))
    assert form.title == "Add a job"
    assert "Add a job" not in plant.slack.plain(veras)


async def test_of_quick_keystrokes_the_last_one_is_answered(plant: Town) -> None:
    view = await opened(plant, plant.anna, "/backup add core-sw1")
    await plant.slack.select(plant.anna, view, "form:pattern", "cron")
    view = await plant.until(lambda: modal(plant, plant.anna, "Cron line"))
    typed = "30 4 * * 1-5"

    await asyncio.gather(
        *(plant.slack.select(plant.anna, view, "form:cron", typed[:count]) for count in range(1, len(typed) + 1))
    )

    read = await plant.until(lambda: modal(plant, plant.anna, "Weekdays at 04:30"))
    await plant.serve.settled()
    assert initial(read, "cron")["value"] == typed
    assert modal(plant, plant.anna, "Weekdays at 04:30")


async def test_a_job_deleted_while_its_form_is_open_is_not_brought_back(plant: Town) -> None:
    await plant.command(plant.anna, "/backup add core-sw1 daily 02:00 as nightly")
    await plant.private(plant.anna, "The job is added")
    view = await opened(plant, plant.anna, "/backup edit nightly")
    await plant.command(plant.olga, "/backup delete nightly yes")
    await plant.private(plant.olga, "is deleted")

    await plant.slack.submit(plant.anna, view, {"at~0": "03:00"})

    kept = plant.slack.views(plant.anna)[-1]
    assert "Somebody deleted this job in the meantime" in plant.slack.plain(kept)
    assert initial(kept, "at")["selected_time"] == "03:00"
    assert await saved() == []


async def test_closing_a_form_does_nothing(plant: Town) -> None:
    view = await opened(plant, plant.anna, "/backup add core-sw1")

    done = await plant.slack.close_view(plant.anna, view)

    assert done.acked
    assert plant.slack.views(plant.anna) == []
    assert await saved() == []
