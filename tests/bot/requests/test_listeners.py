"""What Slack may send, and what must come of it: over the wire, with the real serve behind it."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
import pytest
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.requests.fallback import BUSY
from domain.runs.queries import RunQuery
from storage.runs.runs import runs_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.slack import Person
    from domain.runs.run import Run
    from tests.support.serve_fixtures import Town


async def runs() -> list[Run]:
    return await runs_page(RunQuery(sites=frozenset({"plant-a"}), limit=100))


async def deliver(town: Town, body: Mapping[str, object]) -> int:
    """Hand ``body`` to Bolt as Socket Mode does; returns the status: anything but 200 is never acknowledged."""
    answer = await town.serve.front.app.async_dispatch(AsyncBoltRequest(body=dict(body), mode="socket_mode"))
    return answer.status


async def test_i1_a_command_that_is_delivered_three_times_starts_one_run(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()
    done = await town.command(town.anna, "/backup now core-sw1")
    await town.final("core-sw1")

    statuses = [await deliver(town, done.payload) for _ in range(2)]
    await town.serve.settled()

    assert statuses == [200, 200]
    assert len(await runs()) == 1


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_i1_a_mention_that_slack_sends_twice_starts_one_run(town: Town, mode: str) -> None:
    await town.add_device("core-sw1")
    await town.start(mode)
    town.slack.faults.duplicate("events_api")

    await town.slack.mention(town.anna, town.plant_a, "now core-sw1")

    await town.final("core-sw1")
    await town.serve.settled()
    assert len(await runs()) == 1


def _guest(town: Town) -> Person:
    return town.slack.add_person("gus", is_restricted=True)


def _stranger(town: Town) -> Person:
    return town.slack.add_person("sid", stranger=True)


def _leaver(town: Town) -> Person:
    return town.slack.add_person("lea", deleted=True)


def _robot(town: Town) -> Person:
    return town.slack.add_person("rob", is_bot=True)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        pytest.param(_guest, "does not answer guests", id="guest"),
        pytest.param(_stranger, "does not answer people of other organisations", id="stranger"),
        pytest.param(_leaver, "does not answer deactivated accounts", id="deactivated"),
        pytest.param(_robot, "does not answer bots", id="bot"),
    ],
)
async def test_whoever_is_not_one_of_us_is_refused_and_nothing_starts(town: Town, kind: object, words: str) -> None:
    assert callable(kind)
    person = kind(town)
    await town.add_device("core-sw1")
    town.settings["sites"]["plant-a"]["access"]["operator"].append(person.id)
    await town.start()
    done = await town.command(town.anna, "/backup help")

    assert await deliver(town, {**done.payload, "user_id": person.id, "trigger_id": "another"}) == 200

    def told() -> bool:
        return words in json.dumps([call.args for call in town.slack.calls if call.method == "response_url"])

    assert await town.until(told)
    assert await runs() == []


async def test_a_person_without_a_role_learns_nothing_of_a_device(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()

    await town.command(town.stan, "/backup now core-sw1")

    refusal = await town.private(town.stan, "There is no")
    assert "Plant A" not in town.slack.plain(refusal)
    assert await runs() == []


async def test_a_role_by_user_group_ends_when_slack_says_that_the_person_left_the_group(town: Town) -> None:
    await town.add_device("core-sw1")
    group = town.slack.add_group("night", members=[town.stan])
    town.settings["sites"]["plant-a"]["access"]["operator"].append(group.id)
    await town.start()
    await town.command(town.stan, "/backup now core-sw1")
    await town.final("core-sw1")

    town.slack.happenings.group_changed(group, members=[])
    await town.slack.settled()
    await town.command(town.stan, "/backup now core-sw1")

    await town.private(town.stan, "There is no")
    assert len(await runs()) == 1


async def test_when_slack_does_not_say_who_asks_nothing_is_done(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()
    town.slack.faults.server_error("users.info", times=None)

    await town.command(town.anna, "/backup now core-sw1")

    await town.private(town.anna, "Slack did not confirm who you are")
    assert await runs() == []


NOBODYS: dict[str, dict[str, object]] = {
    "event": {"type": "event_callback", "event": {"type": "emoji_changed"}},
    "link button": {"type": "block_actions", "actions": [{"action_id": "link", "url": "https://x", "block_id": "b"}]},
    "action without anything": {"type": "block_actions", "actions": [{"action_id": "do:now"}]},
    "modal": {"type": "view_submission", "view": {"type": "modal", "callback_id": "old"}},
    "closed modal": {"type": "view_closed", "view": {"type": "modal", "callback_id": "old"}},
    "shortcut": {"type": "shortcut", "callback_id": "old"},
    "message shortcut": {"type": "message_action", "callback_id": "old"},
    "command": {"command": "/other", "text": ""},
    "command without its ids": {"command": "/backup", "text": ""},
    "noise": {"type": "event_callback", "event": {"type": "message", "subtype": "message_deleted"}},
    "mention without anything": {"type": "event_callback", "event": {"type": "app_mention"}},
}


async def test_what_nobody_listens_for_is_acknowledged_so_that_it_does_not_come_again(town: Town) -> None:
    await town.start()
    whose = {"team_id": "T0LOCAL", "team": {"id": "T0LOCAL"}, "user": {"id": town.anna.id}}

    answers = {name: await deliver(town, whose | body) for name, body in NOBODYS.items()}

    assert answers == dict.fromkeys(NOBODYS, 200)


async def test_a_picker_offers_only_what_the_person_may_use(town: Town) -> None:
    await town.add_device("core-sw1")
    town.settings["sites"]["plant-b"] = {"name": "Plant B"}
    await town.add_device("core-sw2", site="plant-b")
    await town.start()
    await town.command(town.anna, "/backup now")
    picker = await town.private(town.anna, "")

    offered = await town.slack.options(town.anna, picker, "pick:now", "core")

    assert [one["value"] for one in offered] == ["core-sw1"]


async def test_a_choice_in_a_picker_is_the_command(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()
    await town.command(town.anna, "/backup now")
    picker = await town.private(town.anna, "")

    await town.slack.select(town.anna, picker, "pick:now", "core-sw1")

    await town.final("core-sw1")


async def test_a_mention_in_a_thread_is_answered_there(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()
    start = await town.slack.say(town.anna, town.plant_a, "core-sw1 looks odd")

    await town.slack.mention(town.anna, town.plant_a, "history core-sw1", thread_ts=start.ts)

    def answers() -> list[object]:
        return [one for one in town.slack.thread(town.plant_a, start.ts) if one.user == town.slack.identity.bot_user]

    assert await town.until(answers)


async def test_words_written_to_the_bot_directly_are_a_command(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()
    own = town.slack.dm(town.anna)

    await town.slack.say(town.anna, own, "now core-sw1")

    await town.final("core-sw1", channel=own)


async def test_the_home_tab_lists_the_sites_of_whoever_opens_it(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()

    await town.slack.open_home(town.anna)
    await town.slack.open_home(town.stan)

    annas = await town.until(lambda: town.slack.home(town.anna))
    stans = await town.until(lambda: town.slack.home(town.stan))
    assert "Plant A · 1 device · ⚠️ 1 never backed up · your role: operator" in town.slack.plain(annas).replace("*", "")
    assert "Plant A" not in town.slack.plain(stans)


async def test_when_too_much_is_under_way_the_person_hears_it_in_the_ack(town: Town) -> None:
    await town.start()
    await town.serve.front.task_pool.close(limit=timedelta(seconds=1))

    done = await town.command(town.anna, "/backup help")

    assert done.ack is not None
    assert done.ack["text"] == BUSY


async def test_when_the_answer_crashes_the_person_still_hears_of_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.start()

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the database is gone")

    monkeypatch.setattr("bot.requests.handler.outbox.put", broken)

    done = await town.command(town.anna, "/backup help")

    assert done.acked
    told = await town.private(town.anna, "Lastgood hit an internal error")
    assert "the database is gone" not in town.slack.plain(told)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 401, id="no signature"),
        pytest.param(
            {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=00"}, 401, id="an old and wrong signature"
        ),
    ],
)
async def test_a_request_that_slack_did_not_sign_is_refused(town: Town, headers: dict[str, str], status: int) -> None:
    await town.start("http")
    url = f"{town.serve.front.web.url}/slack/events"

    async with aiohttp.ClientSession() as session:
        async with session.post(url, data="command=/backup&text=now", headers=headers) as answer:
            assert answer.status == status
        async with session.post(url, data="ssl_check=1&token=x") as checked:
            assert checked.status == 200
        async with session.post(url, data=io.BytesIO(b"x" * 2_000_000)) as large:
            assert large.status == 413


async def test_health_and_figures_are_there_for_whoever_watches(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()
    await town.command(town.anna, "/backup now core-sw1")
    await town.final("core-sw1")
    url = town.serve.front.web.url

    async with aiohttp.ClientSession() as session:
        async with session.get(f"{url}/healthz") as alive:
            assert alive.status == 200
        async with session.get(f"{url}/readyz") as ready:
            parts = (await ready.json())["parts"]
        async with session.get(f"{url}/metrics") as figures:
            text = await figures.text()

    works = {"storage", "archive", "delivery", "runs", "agents", "slack", "slack accepts us", "timetable", "digests"}
    assert parts == dict.fromkeys(works, True)
    assert 'lastgood_runs_total{outcome="up_to_date"} 1.0' in text
    assert "lastgood_slack_accepts 1.0" in text


async def test_how_late_the_event_loop_is_is_measured(town: Town) -> None:
    await town.start()

    while "lastgood_loop_lag_seconds_count 0.0" in town.serve.core.metrics.text().decode():  # noqa: ASYNC110 - the loop's own time is measured
        await asyncio.sleep(0.05)

    assert "lastgood_loop_lag_seconds_count" in town.serve.core.metrics.text().decode()


async def test_when_too_much_is_under_way_a_button_and_a_mention_are_told_too(town: Town) -> None:
    await town.start()
    await town.command(town.anna, "/backup jobs")
    listed = await town.private(town.anna, "Add a job")
    await town.serve.front.task_pool.close(limit=timedelta(seconds=1))

    await town.slack.press(town.anna, listed, "do:add")
    await town.private(town.anna, BUSY)
    await town.slack.mention(town.anna, town.plant_a, "devices")

    dm = town.slack.dm(town.anna)
    await town.until(lambda: [one for one in town.slack.messages(dm) if one.text == BUSY])
