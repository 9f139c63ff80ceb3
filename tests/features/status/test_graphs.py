"""Row R1: a site's runs as a picture, whose numbers are those of the history."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from PIL import Image

from domain.runs.outcomes import Outcome
from domain.runs.queries import RunQuery
from domain.runs.run import Trigger
from storage.database.statements import insert
from storage.runs.history import runs_page
from storage.tables.core import RunRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

    from demo.slack import Message, Person
    from demo.slack.state.values import File
    from tests.support.serve_fixtures import Town

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
MIX = (*([Outcome.UP_TO_DATE] * 7), Outcome.MODIFIED, Outcome.FAILED, Outcome.TIMED_OUT)


async def test_r1_picture_and_its_words_hold_the_numbers_of_the_history(town: Town) -> None:
    await _two_plants(town)
    await _fill(town, "core-sw1", "far-sw1", days=40)

    done = await town.command(town.vera, "/backup graph plant-a")
    answer = await town.private(town.vera, "the last 30 days (")
    file = await _picture(town, town.vera)

    assert done.acked
    shown = town.slack.plain(answer)
    counted = await _listed(town, {"plant-a"}, days=30)
    assert 0 < sum(counted.values()) < 400
    for outcome, count in counted.items():
        assert (f"{outcome.chip} {count:,}" in shown) == bool(count)
        assert (f"{count:,} {outcome.word}" in file.alt_txt) == bool(count)
    assert f"core-sw1 ({counted[Outcome.MODIFIED]} times)" in shown
    assert "far-sw1" not in shown + file.alt_txt
    assert "The graph comes in a direct message." in shown
    assert Image.open(BytesIO(file.content)).size[0] == 1_200
    assert "/backup graph plant-a 30d" in shown


async def test_r1_button_under_it_lists_the_failed_runs_that_it_counts(town: Town) -> None:
    await _two_plants(town)
    await _fill(town, "core-sw1", days=3)
    await town.command(town.vera, "/backup graph plant-a 7d")
    answer = await town.private(town.vera, "the last 7 days (")
    counted = await _listed(town, {"plant-a"}, days=7)

    await town.slack.press(town.vera, answer, "do:history#bad")

    listed = await town.private(town.vera, "History of")
    assert town.slack.plain(listed).count("🔴") == counted[Outcome.FAILED] + counted[Outcome.TIMED_OUT]


async def test_r1_empty_range_says_so_and_draws_nothing(town: Town) -> None:
    await _two_plants(town)
    await _fill(town, "core-sw1", days=2, ending=30)

    await town.command(town.vera, "/backup graph plant-a 7d")
    answer = await town.private(town.vera, "There were no runs in the last 7 days")
    await town.serve.settled()

    assert town.slack.files == {}
    assert "picture" not in town.slack.plain(answer)


async def test_r1_all_sites_are_those_that_one_may_see(town: Town) -> None:
    await _two_plants(town)
    await _fill(town, "core-sw1", "far-sw1", days=5)

    await town.command(town.olga, "/backup graph all 7d")
    everything = await town.private(town.olga, "All sites that you can see")
    await _picture(town, town.olga)
    await town.command(town.vera, "/backup graph all 7d")
    own = await town.private(town.vera, "the last 7 days")
    await town.command(town.vera, "/backup graph plant-b 7d")
    refused = await town.private(town.vera, "There is no device or site called")
    await town.command(town.stan, "/backup graph plant-a")
    stranger = await town.private(town.stan, "You have no access to any site yet.")

    assert "Plant A" in town.slack.plain(everything)
    assert "Plant B" in town.slack.plain(everything)
    assert "Plant B" not in town.slack.plain(own)
    assert _total(town, everything) == 2 * _total(town, own)
    assert "Plant B" not in town.slack.plain(refused)
    assert "Plant A" not in town.slack.plain(stranger)


async def test_r1_site_is_chosen_from_a_menu_when_it_is_left_out(town: Town) -> None:
    await _two_plants(town)
    await _fill(town, "core-sw1", days=2)
    await town.command(town.olga, "/backup graph")
    picker = await town.private(town.olga, "Which site's runs?")

    offered = await town.slack.options(town.olga, picker, "pick:graph")
    await town.slack.select(town.olga, picker, "pick:graph", offered[1]["value"])

    assert [one["text"]["text"] for one in offered] == ["All sites", "Plant A (plant-a)", "Plant B (plant-b)"]
    await town.private(town.olga, "the last 30 days (")


async def test_r1_restricted_device_is_in_the_numbers_of_those_alone_who_may_see_it(town: Town) -> None:
    await _two_plants(town, restricted={"vault-fw1": [town.anna.id]})
    await _fill(town, "core-sw1", "vault-fw1", days=4)

    await town.command(town.anna, "/backup graph plant-a 7d")
    hers = await town.private(town.anna, "the last 7 days")
    her_picture = await _picture(town, town.anna)
    await town.command(town.vera, "/backup graph plant-a 7d")
    others = await town.private(town.vera, "the last 7 days")
    other_picture = await _picture(town, town.vera)
    await town.slack.mention(town.anna, town.plant_a, "graph plant-a 7d")
    public = await town.until(lambda: _public_answer(town))

    assert _total(town, hers) == 2 * _total(town, others)
    assert _total(town, public) == _total(town, others)
    assert "vault-fw1" in her_picture.alt_txt
    assert "vault-fw1" not in other_picture.alt_txt + town.slack.plain(others) + town.slack.plain(public)
    shared = await town.until(lambda: _shared_in(town, town.plant_a.id))
    assert "vault-fw1" not in shared.alt_txt


async def test_r1_picture_that_cannot_be_drawn_comes_as_its_numbers(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _two_plants(town)
    await _fill(town, "core-sw1", days=4)
    monkeypatch.setattr("notifications.graphs.drawing_process.sys.executable", "/nonexistent/python")

    await town.command(town.vera, "/backup graph plant-a 7d")

    def told() -> Message | None:
        seen = town.slack.messages(town.slack.dm(town.vera))
        return next((one for one in seen if "These are its numbers" in town.slack.plain(one)), None)

    message = await town.until(told)
    counted = await _listed(town, {"plant-a"}, days=7)
    assert f"{counted[Outcome.FAILED]} Failed" in town.slack.plain(message)


async def _two_plants(town: Town, *, restricted: Mapping[str, list[str]] = MappingProxyType({})) -> None:
    for name, site in {"core-sw1": "plant-a", "far-sw1": "plant-b", **dict.fromkeys(restricted, "plant-a")}.items():
        declared = {"site": site, "host": "192.0.2.1", "platform": "cisco_ios", "credential": "lab"}
        only = {"only": restricted[name]} if name in restricted else {}
        town.settings["devices"][name] = declared | only
    town.settings["sites"]["plant-b"] = {"name": "Plant B", "timezone": "Europe/Berlin"}
    await town.start(keeps_time=False)


async def _fill(town: Town, *devices: str, days: int, ending: int = 0) -> None:
    """Ten runs a day of each device over the last ``days``, the last of them ``ending`` days ago."""
    now = town.clock.now()
    rows = [
        _row(device, now - (number + ending) * DAY - place * 60 * SECOND, outcome)
        for device in devices
        for number in range(days)
        for place, outcome in enumerate(MIX)
    ]
    await insert(RunRow, sorted(rows, key=lambda row: row["created_at"]))


def _row(device: str, at: datetime, outcome: Outcome) -> dict[str, Any]:
    return {
        "device": device,
        "site": "plant-b" if device == "far-sw1" else "plant-a",
        "trigger": Trigger.SCHEDULE,
        "outcome": outcome,
        "created_at": at,
        "started_at": at + 2 * SECOND,
        "finished_at": at + 14 * SECOND,
        "waiting_limit": 60 * SECOND,
        "running_limit": 60 * SECOND,
        "attempts": 1,
        "facts": "",
        "added": 1,
        "removed": 0,
        "announced": True,
        "accept_smaller": False,
    }


async def _listed(town: Town, sites: set[str], *, days: int) -> dict[Outcome, int]:
    """What the lists of the history hold of the local days."""
    zone = town.serve.core.inventory.sites["plant-a"].timezone
    first: date = town.clock.now().astimezone(zone).date() - (days - 1) * DAY
    since = datetime.combine(first, datetime.min.time(), zone).astimezone(UTC)
    query = RunQuery(sites=frozenset(sites), since=since, limit=10_000)
    found = await runs_page(query)
    return {outcome: sum(run.outcome is outcome for run in found) for outcome in Outcome}


def _total(town: Town, message: Message) -> int:
    """All runs that a message counts by its chips."""
    found = re.findall(r"(?:Up to Date|Modified|Failed|Timed Out) ([0-9,]+)(?: ·|\n|$)", town.slack.plain(message))
    assert found
    return sum(int(one.replace(",", "")) for one in found)


async def _picture(town: Town, person: Person) -> File:
    return await town.until(lambda: _shared_in(town, town.slack.dm(person).id))


def _shared_in(town: Town, channel: str) -> File | None:
    files = town.slack.files.values()
    return next((file for file in files if any(place == channel for place, _ in file.shares)), None)


def _public_answer(town: Town) -> Message | None:
    seen = town.slack.messages(town.plant_a)
    return next((one for one in seen if not one.ephemeral_for and "the last 7 days" in town.slack.plain(one)), None)


async def test_r1_words_that_name_no_period_or_no_site_are_told_apart(town: Town) -> None:
    await _two_plants(town)

    await town.command(town.vera, "/backup graph plant-a next year")
    await town.private(town.vera, "Give a period such as `7d`")
    await town.command(town.vera, "/backup graph core-sw1 7d")
    await town.private(town.vera, "For one device use `/backup history core-sw1`")
    await town.command(town.vera, "/backup graph plamt-a")
    await town.private(town.vera, "Did you mean")
