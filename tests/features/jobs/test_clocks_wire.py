"""Clocks through Slack: a site that moves to another zone, a person who does, an hour that comes twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from domain.jobs.schedules import next_time
from domain.jobs.spoken import parse_schedule
from storage.jobs.jobs import jobs_called
from storage.subscriptions.profiles import profile_of
from tests.features.jobs.test_jobs import answer

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town

TOKYO = ZoneInfo("Asia/Tokyo")
TWICE = datetime(2027, 10, 31, 1, 40, tzinfo=UTC)  # 02:40 in Berlin, for the second time


async def test_s7_a_zone_that_is_changed_in_app_yaml_moves_the_next_slot(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    await answer(town, "/backup add core-sw1 daily 2 am as nightly", "The job is added")
    await town.stop()
    town.settings["sites"]["plant-a"]["timezone"] = "Asia/Tokyo"

    await town.start(keeps_time=False)

    [job] = await jobs_called("nightly", ["plant-a"])
    assert job.next_run_at == next_time(parse_schedule("daily 02:00"), TOKYO, town.clock.now())
    await answer(town, "/backup job nightly", "Every day at 02:00")


async def test_s7_a_mute_until_a_time_in_the_hour_that_comes_twice_ends_when_it_comes_next(town: Town) -> None:
    await town.start(keeps_time=False)
    town.clock.advance(TWICE - town.clock.now())

    await answer(town, "/backup mute until 02:50", "Muted until")

    muted = (await profile_of(town.anna.id)).muted_until
    assert muted == TWICE.replace(minute=50)


async def test_s7_the_zone_of_a_person_follows_slack(town: Town) -> None:
    await town.start(keeps_time=False)
    await answer(town, "/backup mute 2h", "Muted until")
    before = (await profile_of(town.anna.id)).zone

    town.slack.happenings.person_changed(replace(town.anna, tz="Asia/Tokyo"))
    await town.slack.settled()
    await town.serve.front.task_pool.settled()
    told = (await profile_of(town.anna.id)).zone
    town.slack.store.put_person(replace(town.anna, tz="America/Lima"))  # Slack's event is lost
    town.clock.advance(timedelta(minutes=5))
    await answer(town, "/backup jobs", "")

    assert (before, told, (await profile_of(town.anna.id)).zone) == ("Europe/Berlin", "Asia/Tokyo", "America/Lima")


async def test_s7_a_zone_that_nobody_knows_counts_as_utc_and_is_named(town: Town) -> None:
    await town.start(keeps_time=False)
    await town.serve.slack.people.follow({"id": town.anna.id, "tz": "Mars/Olympus"})
    await answer(town, "/backup subscribe plant-a daily 07:00", "Daily digest")
    await town.serve.slack.people.follow({"id": town.anna.id, "tz": "Mars/Phobos"})

    shown = await answer(town, "/backup subscriptions", "Daily digest")

    assert "UTC, because the time zone Mars/Phobos is unknown" in town.slack.plain(shown)
