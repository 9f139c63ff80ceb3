"""Jobs in words: added, changed, paused, listed in pages, deleted."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from commands.input.quoting import action_words
from commands.input.values import until
from domain.jobs.job import JobFields, JobKind
from domain.jobs.schedules import OnDemand, parse_schedule
from domain.runs.outcomes import Outcome
from notifications.rendering.buttons import Menu
from storage.jobs.jobs import add_job, job_by_id, jobs_called
from storage.jobs.slots import note_begun
from tests.commands.plants import PEOPLE, PLANT_A, RENDERER, make_device, make_inventory, sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from commands.request import Reply
    from domain.inventory.declared import Site
    from domain.jobs.job import Job
    from tests.commands.plants import Plant


async def made(plant: Plant, name: str, **facts: Any) -> Job:  # noqa: ANN401 - fields of a job
    site: Site = facts.pop("at", PLANT_A)
    fields = {"kind": JobKind.SITE, "site": site.key, "device": None, "schedule": OnDemand()} | facts
    return await add_job(JobFields(name=name, **fields), zone=site.timezone, by="U0OPER", now=plant.clock.now())


async def the_job(name: str) -> Job:
    [found] = await jobs_called(name, {"plant-a"})
    return found


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


async def test_edit_at_keeps_the_days(plant: Plant) -> None:
    await made(plant, "nightly", schedule=parse_schedule("tue,thu 22:15"))

    reply = await plant.ask("edit nightly at 03:00")

    assert reply.context["schedule"].words == "Tuesday and Thursday at 03:00"
    assert (await the_job("nightly")).schedule == parse_schedule("tue,thu 03:00")
    assert reply.context["command"] == "/backup edit nightly at 03:00"


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


@pytest.fixture
async def sixty(plant: Plant) -> list[str]:
    """Sixty jobs at Plant A, one at Plant B."""
    names = [f"job {number:02}" for number in range(60)]
    for number, name in enumerate(names):
        await made(plant, name, schedule=parse_schedule(f"daily {number % 24:02}:{number:02}"))
    await made(plant, "hidden", at=plant.services.inventory.sites["plant-b"])
    return names


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


NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)  # a Monday, noon in Berlin


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


def column(reply: Reply, number: int) -> list[str]:
    return [row[number]["text"] for row in reply.context["rows"]]


def control(page: Reply, text: str) -> Any:  # noqa: ANN401 - a button, if there is one
    return next((one for one in page.context["buttons"] if getattr(one, "text", "") == text), None)


async def press(plant: Plant, page: Reply, text: str) -> Reply:
    button = control(page, text)
    return await plant.ask_words(action_words(button.action, button.value))


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
