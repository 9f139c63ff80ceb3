"""Jobs in words: added, changed, paused, listed in pages, deleted."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from commands.input.quoting import action_words
from commands.input.values import until
from domain.jobs.job import JobKind
from domain.jobs.spoken import parse_schedule
from storage.jobs.jobs import job_by_id, jobs_called
from tests.commands.jobs.jobbing import NOW, made, sixty, the_job
from tests.commands.plants import PLANT_A, RENDERER, make_device, make_inventory, sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.plants import Plant

__all__ = ["sixty"]


@pytest.mark.parametrize(
    ("line", "name", "words", "device"),
    [
        ("add core-sw1 daily 02:00", "core-sw1", "Every day at 02:00", "core-sw1"),
        ("add Büro Switch weekdays 7:30", "Büro Switch", "Weekdays at 07:30", "Büro Switch"),
        ("add plant-a tue,thu 22:15 as Night of Tuesday", "Night of Tuesday", "Tuesday and Thursday at 22:15", None),
        ("add “core-sw1” on demand", "core-sw1", "On demand", "core-sw1"),
    ],
)
async def test_j2_a_job_is_added_in_words(plant: Plant, line: str, name: str, words: str, device: str | None) -> None:
    reply = await plant.ask(line)

    job = await the_job(name)
    assert reply.template == "job"
    assert (reply.context["schedule"].words, job.device, job.created_by) == (words, device, "U0OPER")


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("add core-sw1 daily 25:00", "is not a time of day"),
        ("add core-sw1 cron * * * * *", "Leave at least 5 min"),
        ("add core-sw1 whenever", "Try `daily 02:00`"),
        ("add core-sw1 daily 02:00 as " + "x" * 90, "at most 60 characters"),
        ("add core-sw1 daily 02:00 as `<!channel>", "A name cannot contain"),
        ("add core-sw9 daily 02:00", "Did you mean `core-sw1`"),
        ("edit nobody at 03:00", "There is no job called"),
        ("pause nightly until never", "in the future"),
        ("edit nightly whenever", "Try `daily 02:00`"),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_sentence(plant: Plant, line: str, part: str) -> None:
    await made(plant, "nightly")

    reply = await plant.ask(line)

    assert reply.template == "refusal"
    assert part in sentence(reply)
    assert await jobs_called("core-sw1", {"plant-a"}) == []


async def test_a_name_that_is_taken_is_said(plant: Plant) -> None:
    await plant.ask("add core-sw1 daily 02:00")

    reply = await plant.ask("add core-sw1 daily 03:00")

    assert "already has a job of this name" in sentence(reply)


@pytest.mark.parametrize("typed", ["at 03:00", "at 3 am", "3am", "at 3 a.m."])
async def test_edit_at_keeps_the_days(plant: Plant, typed: str) -> None:
    await made(plant, "nightly", schedule=parse_schedule("tue,thu 22:15"))

    reply = await plant.ask(f"edit nightly {typed}")

    assert reply.context["schedule"].words == "Tuesday and Thursday at 03:00"
    assert (await the_job("nightly")).schedule == parse_schedule("tue,thu 03:00")
    assert reply.context["command"] == f"/backup edit nightly {typed}"


async def test_the_same_name_at_two_sites_is_told_apart(plant: Plant) -> None:
    other = plant.services.inventory.sites["plant-b"]
    await made(plant, "nightly")
    await made(plant, "nightly", at=other)

    unclear = await plant.ask("job nightly", by="owner")
    clear = await plant.ask("job plant-b/nightly", by="owner")
    only = await plant.ask("job nightly")

    assert "Which one do you mean: `plant-a/nightly`, `plant-b/nightly`?" in sentence(unclear)
    assert clear.context["command"] == "/backup job plant-b/nightly"
    assert (only.template, only.sites) == ("job", ("plant-a",))


async def test_j6_pause_names_who_and_until_when_and_resume_ends_it(plant: Plant) -> None:
    await made(plant, "nightly", schedule=parse_schedule("daily 02:00"))

    paused = await plant.ask("pause nightly until friday")
    resumed = await plant.ask("resume nightly")

    assert (paused.context["paused_by"], paused.context["sentence"][:37]) == (
        "U0OPER",
        "The job is paused until Fri 8 May 00:",
    )
    assert paused.context["schedule"].times[0][0] == "Fri 8 May 02:00 CEST"
    assert resumed.context["paused_by"] == ""
    assert "is not paused" in sentence(await plant.ask("resume nightly"))


async def test_j6_delete_asks_first_and_keeps_the_runs(plant: Plant) -> None:
    job = await made(plant, "nightly", kind=JobKind.DEVICE, device="core-sw1")

    question = await plant.ask("delete nightly")
    [button] = question.context["buttons"]
    still = await job_by_id(job.id)
    done = await plant.ask_words(action_words(button.action, button.value))

    assert "Delete the job `nightly`?" in sentence(question)
    assert (button.style, button.confirm) == ("danger", None)
    assert still
    assert not still.deleted
    assert "Its runs and all stored versions are kept" in sentence(done)
    assert "There is no job called" in sentence(await plant.ask("job nightly"))
    assert (await plant.ask_words(action_words("do:history", f"job:{job.id}"))).template == "history"


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("friday", "2026-05-08 00:00"),
        ("fri 06:30", "2026-05-08 06:30"),
        ("monday", "2026-05-11 00:00"),
        ("tomorrow", "2026-05-05 00:00"),
        ("18:00", "2026-05-04 18:00"),
        ("09:00", "2026-05-05 09:00"),
        ("2h", "2026-05-04 14:00"),
        ("2026-06-01", "2026-06-01 00:00"),
        ("2026-06-01 7:00", "2026-06-01 07:00"),
        ("2026-05-01", None),
        ("today", None),
        ("never", None),
        ("25:00", None),
        ("friday friday", None),
        ("", None),
    ],
)
def test_the_end_of_a_pause_is_read_in_the_sites_zone(words: str, moment: str | None) -> None:
    berlin = ZoneInfo("Europe/Berlin")

    found = until(words.split(), now=NOW, zone=berlin)

    assert (f"{found.astimezone(berlin):%Y-%m-%d %H:%M}" if found else None) == moment


async def test_the_owner_pauses_a_job_of_a_site_that_is_no_longer_declared(
    plant: Plant, make_plant: Callable[..., Plant]
) -> None:
    job = await made(plant, "nightly", at=plant.services.inventory.sites["plant-b"])
    smaller = make_plant(make_inventory(make_device("core-sw1"), sites=(PLANT_A,)))

    paused = await smaller.ask(f"pause job:{job.id} until friday", by="owner")
    edited = await smaller.ask(f"edit job:{job.id}", by="owner")
    by_others = await smaller.ask(f"pause job:{job.id}", by="other_plant")

    assert (paused.template, bool(edited.form)) == ("job", True)
    assert by_others.template == "refusal"


@pytest.mark.parametrize("sign", ["<", ">", '"', "`"])
async def test_each_sign_that_a_name_cannot_hold_is_shown_as_itself(plant: Plant, sign: str) -> None:
    reply = await plant.ask_words(("add", "core-sw1", "daily", "02:00", "as", f"a{sign}b"))

    shown = html.unescape(RENDERER.render(reply.template, reply.context).text)
    found = re.search(r"A name cannot contain (.*) or invisible characters", shown)
    assert found
    assert found[1].replace("\u02cb", "`").count(sign) == 1
