"""Digests as people get them, over the wire: counts that equal the history, whatever the clocks and the bot do."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from demo.fleet import Fault
from domain.access.grants import Grant
from domain.roles import Role
from domain.runs.outcomes import Outcome
from domain.runs.queries import RunQuery
from domain.runs.run import Trigger
from domain.times.wall_clock import local_day
from storage.database.statements import insert
from storage.runs.history import runs_page
from storage.subscriptions import digests
from storage.tables.core import DeviceRow, RunRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.slack import Message, Person
    from tests.support.serve_fixtures import Town

BERLIN = ZoneInfo("Europe/Berlin")
PLANT_A = frozenset({"plant-a"})
DAY = timedelta(days=1)
CLOCK_CHANGES = {"23 hours": date(2027, 3, 28), "25 hours": date(2027, 10, 31)}  # Sundays in Berlin
OUTCOMES = (Outcome.UP_TO_DATE, Outcome.UP_TO_DATE, Outcome.MODIFIED, Outcome.FAILED, Outcome.TIMED_OUT)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), BERLIN).astimezone(UTC)


def jump(town: Town, moment: datetime) -> None:
    town.clock.advance(moment - town.clock.now())


def declare(town: Town, *names: str, **facts: Any) -> None:  # noqa: ANN401 - keys of app.yaml
    """Devices that are only there: nothing is ever asked of them."""
    for name in names:
        endpoint = {"host": "192.0.2.1", "platform": "cisco_ios", "credential": "lab"}
        town.settings["devices"][name] = {"site": "plant-a", **endpoint, **facts}


def declare_digests(town: Town, *words: str) -> None:
    town.settings["sites"]["plant-a"]["digests"] = list(words)


async def bring(town: Town) -> None:
    await town.serve.timetable.bring_digests()


async def titled(town: Town, title: str, *, recipient: Person | None = None) -> Message:
    """Wait for a digest whose title holds ``title``: in Plant A's channel, or in somebody's DM."""

    def found() -> Message | None:
        place = town.slack.dm(recipient) if recipient else town.plant_a
        return next((one for one in town.slack.messages(place) if title in one.text.split(": ")[0]), None)

    return await town.until(found)


def counted(message: Message) -> dict[str, int]:
    """The counts that a title carries, by their words."""
    return {
        found[2]: int(found[1].replace(",", ""))
        for part in message.text.partition(": ")[2].split(" · ")
        if (found := re.search(r"(\d[\d,]*) (.+)$", part))
    }


async def history(first: date, last: date) -> dict[str, int]:
    """What the history holds of these local days, by the words of its outcomes."""
    since, until = local_day(first, BERLIN)[0], local_day(last, BERLIN)[1]
    found = await runs_page(RunQuery(sites=PLANT_A, since=since, until=until, limit=100_000))
    return dict(Counter(run.outcome.word.lower() for run in found))


async def run_all_through(first: date, last: date, devices: Sequence[str]) -> None:
    """A run every ten minutes of these local days, and of the hours around them."""
    moment, end = local_day(first, BERLIN)[0] - timedelta(hours=5), local_day(last, BERLIN)[1] + timedelta(hours=5)
    rows: list[dict[str, Any]] = []
    while moment < end:
        outcome = OUTCOMES[len(rows) * 7 % 11 % len(OUTCOMES)]
        rows.append(ended_run(devices[len(rows) % len(devices)], outcome, moment))
        moment += timedelta(minutes=10)
    await insert(RunRow, rows)


def ended_run(device: str, outcome: Outcome, moment: datetime) -> dict[str, object]:
    return {
        "device": device,
        "site": "plant-a",
        "trigger": Trigger.SCHEDULE,
        "outcome": outcome,
        "created_at": moment,
        "started_at": moment,
        "finished_at": moment + timedelta(seconds=4),
        "waiting_limit": timedelta(minutes=30),
        "running_limit": timedelta(minutes=5),
        "attempts": 1,
        "facts": "",
        "added": 3 if outcome is Outcome.MODIFIED else 0,
        "removed": 0,
        "secrets_changed": 0,
        "announced": True,
        "accept_smaller": False,
    }


@pytest.mark.parametrize("change", CLOCK_CHANGES)
async def test_n3_daily_and_weekly_counts_equal_history_when_clocks_change(change: str, town: Town) -> None:
    sunday = CLOCK_CHANGES[change]
    monday = sunday + DAY
    declare(town, "core-sw1", "core-sw2")
    declare_digests(town, "daily 07:00", "weekly mon 07:30")
    jump(town, at(sunday, 20))
    await town.start(keeps_time=False)
    await run_all_through(sunday - 8 * DAY, monday, ["core-sw1", "core-sw2"])

    jump(town, at(monday, 7, 31))
    await bring(town)

    daily = await titled(town, f"Plant A, Sun {sunday.day}")
    weekly = await titled(town, f"- {sunday.day} {sunday:%b}")
    assert counted(daily) == await history(sunday, sunday)
    assert counted(weekly) == await history(sunday - 6 * DAY, sunday)
    hours = 23 if change == "23 hours" else 25
    assert sum(counted(daily).values()) == hours * 6
    assert sum(counted(weekly).values()) == (6 * 24 + hours) * 6
    picture = await town.until(lambda: next((one for one in town.slack.files.values() if one.shares), None))
    [shared] = town.slack.thread(weekly.channel, weekly.ts)
    assert picture.id in shared.files
    assert "the week" in picture.title


async def test_n3_whoever_chose_immediate_daily_and_weekly_gets_all_three(town: Town) -> None:
    switch = await town.add_device("core-sw1", retries=0)
    switch.fault = Fault.DROPS
    town.settings["sites"]["plant-a"]["routes"] = []  # Vera is in the channel, and is told nothing twice
    jump(town, at(date(2027, 1, 10), 22))  # a Sunday
    await town.start(keeps_time=False)
    await answer(town, "/backup subscribe plant-a failed daily 07:00 weekly mon 07:30", "", by=town.vera)

    await town.command(town.anna, "/backup now core-sw1", town.slack.dm(town.anna))
    told = await town.until(lambda: _holding(town, town.vera, "core-sw1"))
    jump(town, at(date(2027, 1, 11), 7, 31))
    await bring(town)

    daily = await titled(town, "Plant A, Sun 10 Jan", recipient=town.vera)
    weekly = await titled(town, "4 Jan - 10 Jan", recipient=town.vera)
    assert told.ts not in {daily.ts, weekly.ts}
    assert counted(daily)["failed"] == counted(weekly)["failed"] == 1


async def test_n5_the_report_goes_out_when_nothing_ran(town: Town) -> None:
    declare(town, *(f"sw{number}" for number in range(12)))
    declare_digests(town, "daily 07:00")
    jump(town, at(date(2027, 1, 11), 12))
    await town.start(keeps_time=False)
    await answer(town, "/backup add plant-a daily 02:00 as nightly", "nightly")

    jump(town, at(date(2027, 1, 13), 7, 1))  # no agent, no tick of the timetable: the night brought nothing
    await bring(town)

    message = await titled(town, "Plant A, Tue 12 Jan")
    assert "0 runs, 12 expected" in message.text
    assert "Nothing ran, but the schedules expected 12 runs" in town.slack.plain(message)


async def test_n5_the_short_form_names_failures_and_counts_successes(town: Town) -> None:
    declare(town, "bad-sw1", "good-sw1", "new-sw1")
    town.settings["sites"]["plant-a"]["digests"] = [{"schedule": "daily 07:00", "form": "short"}]
    day = date(2027, 1, 12)
    jump(town, at(day, 6))
    await town.start(keeps_time=False)
    done = [ended_run("good-sw1", Outcome.UP_TO_DATE, at(day, 8, minute)) for minute in range(40)]
    await insert(RunRow, [*done, ended_run("new-sw1", Outcome.MODIFIED, at(day, 9))])
    await insert(RunRow, [ended_run("bad-sw1", Outcome.FAILED, at(day, 10))])
    await DeviceRow.filter(name__in=["good-sw1", "new-sw1"]).update(last_good_at=at(day, 9))

    jump(town, at(day + DAY, 7, 1))
    await bring(town)

    message = await titled(town, "Plant A, Tue 12 Jan")
    said = town.slack.plain(message)
    assert counted(message) == {"failed": 1, "modified": 1, "up to date": 40}
    assert "bad-sw1" in said
    assert "good-sw1" not in said
    assert "new-sw1" not in said


async def test_n5_a_green_day_is_reported_too_and_every_line_leads_on(town: Town) -> None:
    declare(town, "core-sw1")
    declare_digests(town, "daily 07:00")
    day = date(2027, 1, 12)
    jump(town, at(day, 6))
    await town.start(keeps_time=False)
    await insert(RunRow, [ended_run("core-sw1", Outcome.UP_TO_DATE, at(day, 8))])
    jump(town, at(day + DAY, 7, 1))
    await bring(town)
    message = await titled(town, "Plant A, Tue 12 Jan")

    pressed = await town.slack.press(town.vera, message, "do:history#all")

    assert pressed.acked
    answer = await town.until(lambda: _private(town, "until 2027-01-12", person=town.vera))
    assert "core-sw1" in town.slack.plain(answer)


async def test_n3_a_report_that_was_due_during_a_stop_comes_once_and_says_that_it_is_late(town: Town) -> None:
    declare(town, "core-sw1")
    declare_digests(town, "daily 07:00")
    jump(town, at(date(2027, 1, 11), 12))
    await town.start(keeps_time=False)
    await town.stop()
    jump(town, at(date(2027, 1, 14), 9))

    await town.start(keeps_time=False)
    await bring(town)
    message = await titled(town, "Plant A, Wed 13 Jan")
    await bring(town)
    await town.serve.engine.deliverer.settled()

    said = town.slack.plain(message)
    assert "Late: this digest was due at 07:00 CET on 14 Jan" in said
    assert "2 digests before it were not sent" in said
    assert len([one for one in town.slack.messages(town.plant_a) if "Plant A," in one.text]) == 1


async def test_n3_a_kill_between_taking_a_report_up_and_putting_it_neither_loses_nor_doubles_it(town: Town) -> None:
    declare(town, "core-sw1")
    declare_digests(town, "daily 07:00")
    jump(town, at(date(2027, 1, 11), 12))
    await town.start(keeps_time=False)
    jump(town, at(date(2027, 1, 12), 7, 0) + timedelta(seconds=1))
    await digests.claim_due(town.clock.now())  # and no further: it is written down as begun, and nothing was put
    await town.stop()

    await town.start(keeps_time=False)
    for _ in range(3):
        await bring(town)
        await town.serve.engine.deliverer.settled()

    await titled(town, "Plant A, Mon 11 Jan")
    assert len([one for one in town.slack.messages(town.plant_a) if "Plant A," in one.text]) == 1
    assert await digests.open_digests() == []


async def test_p3_access_lost_before_a_report_is_composed_or_sent_is_not_told(town: Town) -> None:
    await _two_plants(town)
    subscribed = await _all_subscribed(town)
    assert subscribed.text.startswith("2 sites, Mon 11 Jan")

    town.slack.faults.rate_limit("chat.postMessage", retry_after=60)  # composed for two sites, and made to wait
    jump(town, at(date(2027, 1, 13), 7, 1))
    await bring(town)
    await town.serve.engine.deliverer.settled()
    town.serve.core.access.book.drop("plant-b", town.vera.id)
    town.clock.advance(timedelta(minutes=2))
    for _ in range(3):
        town.serve.engine.deliverer.wake()
        await town.serve.engine.deliverer.settled()
        await bring(town)

    message = await titled(town, "Tue 12 Jan", recipient=town.vera)
    assert message.text.startswith("Plant A, Tue 12 Jan")
    assert "Plant B" not in town.slack.plain(message)
    jump(town, at(date(2027, 1, 14), 7, 1))
    await bring(town)
    assert (await titled(town, "Wed 13 Jan", recipient=town.vera)).text.startswith("Plant A")


async def test_p3_who_lost_all_access_gets_no_report(town: Town) -> None:
    await _two_plants(town)
    await _all_subscribed(town)
    town.serve.core.access.book.drop("plant-b", town.vera.id)
    town.serve.core.access.book.drop("plant-a", town.vera.id)
    before = len(town.slack.messages(town.slack.dm(town.vera)))

    jump(town, at(date(2027, 1, 13), 7, 1))
    await bring(town)
    await town.serve.engine.deliverer.settled()

    assert len(town.slack.messages(town.slack.dm(town.vera))) == before
    assert await digests.open_digests() == []


async def test_p3_a_restricted_device_is_in_no_channels_report_and_in_nobody_elses(town: Town) -> None:
    declare(town, "core-sw1")
    declare(town, "hidden-fw1", only=[town.anna.id])
    declare_digests(town, "daily 07:00")
    day = date(2027, 1, 12)
    jump(town, at(day, 6))
    await town.start(keeps_time=False)
    runs = [ended_run(name, Outcome.FAILED, at(day, 8)) for name in ("core-sw1", "hidden-fw1")]
    await insert(RunRow, runs)
    for person in (town.anna, town.vera):
        await answer(town, "/backup subscribe plant-a failed daily 07:00", "", by=person)

    jump(town, at(day + DAY, 7, 1))
    await bring(town)

    told = {
        who: town.slack.plain(await titled(town, "Tue 12 Jan", recipient=recipient))
        for who, recipient in (("channel", None), ("anna", town.anna), ("vera", town.vera))
    }
    assert {who: "hidden-fw1" in said for who, said in told.items()} == {"channel": False, "anna": True, "vera": False}
    assert "1 run, " in told["channel"]
    assert "2 runs, " in told["anna"]


async def test_a_summary_says_the_same_on_demand(town: Town) -> None:
    declare(town, "core-sw1", "core-sw2")
    day = date(2027, 1, 12)
    jump(town, at(day, 6))
    await town.start(keeps_time=False)
    await run_all_through(day - DAY, day, ["core-sw1", "core-sw2"])
    jump(town, at(day + DAY, 12))

    message = await answer(town, "/backup summary plant-a yesterday", "Plant A, Tue 12 Jan")
    week = await answer(town, "/backup summary 2027-01-11 until 2027-01-12", "11 Jan - 12 Jan 2027")

    assert counted(message) == await history(day, day)
    assert counted(week) == await history(day - DAY, day)


async def _two_plants(town: Town) -> None:
    """Vera is a viewer at both, by grants that can be taken away while the bot runs."""
    town.settings["sites"]["plant-a"]["access"] = {"operator": [town.anna.id]}
    town.settings["sites"]["plant-b"] = {"name": "Plant B", "timezone": "Europe/Berlin"}
    declare(town, "core-sw1")
    declare(town, "west-sw1", site="plant-b")
    jump(town, at(date(2027, 1, 11), 12))
    await town.start(keeps_time=False)
    for site in ("plant-a", "plant-b"):
        now = town.clock.now()
        grant = Grant(site=site, principal=town.vera.id, role=Role.VIEWER, given_by=town.olga.id, given_at=now)
        town.serve.core.access.book.put(grant)


async def _all_subscribed(town: Town) -> Message:
    for site in ("plant-a", "plant-b"):
        await answer(town, f"/backup subscribe {site} failed daily 07:00", "", by=town.vera)
    jump(town, at(date(2027, 1, 12), 7, 1))
    await bring(town)
    return await titled(town, "Mon 11 Jan", recipient=town.vera)


async def answer(town: Town, command: str, holding: str, *, by: Person | None = None) -> Message:
    """Type ``command`` in Plant A's channel and wait for the private answer that holds ``holding``."""
    person = by or town.anna
    before = len(town.slack.messages(town.plant_a, seen_by=person))
    await town.command(person, command)

    def found() -> Message | None:
        seen = town.slack.messages(town.plant_a, seen_by=person)[before:]
        return next((one for one in seen if one.ephemeral_for and holding in town.slack.plain(one)), None)

    return await town.until(found)


def _holding(town: Town, person: Person, text: str) -> Message | None:
    seen = town.slack.messages(town.slack.dm(person))
    return next((one for one in seen if text in town.slack.plain(one)), None)


def _private(town: Town, text: str, *, person: Person | None = None) -> Message | None:
    seen = town.slack.messages(town.plant_a, seen_by=person or town.anna)
    return next((one for one in seen if one.ephemeral_for and text in town.slack.plain(one)), None)
