"""Menus for what was left out: many devices, each person's own, and the full command for the next time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from slack_bolt.request.async_request import AsyncBoltRequest

from tests.features.asking import last_run

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town

MANY = 10_000


async def test_now_without_argument_offers_what_the_person_may_back_up_among_ten_thousand_devices(town: Town) -> None:
    await town.add_device("core-sw1")
    town.settings["sites"]["plant-b"] = {"name": "Plant B", "access": {"operator": [town.vera.id]}}
    for number in range(MANY):
        site = "plant-b" if number % 2 else "plant-a"
        declared = {"site": site, "host": "192.0.2.1", "platform": "cisco_ios", "credential": "lab"}
        town.settings["devices"][f"access-{number:05}"] = declared
    await town.start()
    await town.command(town.anna, "/backup now")
    picker = await town.private(town.anna, "What should be backed up?")

    every = await town.slack.options(town.anna, picker, "pick:now")
    some = await town.slack.options(town.anna, picker, "pick:now", "access-0999")
    hidden = await town.slack.options(town.anna, picker, "pick:now", "access-09999")
    await town.slack.options(town.anna, picker, "pick:now", "core")
    done = await town.slack.select(town.anna, picker, "pick:now", "core-sw1")

    answer = await town.private(town.anna, "is queued")
    message = await town.final("core-sw1")
    assert len(every) == 100
    assert {"access-09990", "access-09992", "access-09998"} <= _texts(some)
    assert not _texts(every + some + hidden) & {f"access-{number:05}" for number in range(1, MANY, 2)}
    assert not [text for text in _texts(every + some + hidden) if "Plant B" in text]
    assert done.acked
    assert "/backup now DEVICE|SITE" in town.slack.plain(picker)
    assert "/backup now core-sw1" in town.slack.plain(answer)
    assert "🟢 Up to Date" in town.slack.plain(message)
    assert (await last_run("core-sw1")).asked_by == town.anna.id


async def test_picker_for_running_is_refused_to_a_viewer_and_to_somebody_without_a_role(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()

    await town.command(town.vera, "/backup now")
    await town.command(town.stan, "/backup now")

    await town.private(town.vera, "You may not run backups at Plant A: this needs the role operator.")
    await town.private(town.stan, "You have no access to any site yet.")


async def test_menu_answers_where_the_bot_is_installed_for_a_whole_organisation(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()
    whose = {"team": None, "enterprise": {"id": "E01"}, "is_enterprise_install": True}
    person = {"id": town.anna.id, "team_id": town.serve.slack.identity.team}
    request = {"type": "block_suggestion", "action_id": "pick:now", "block_id": "b", "value": "core", "user": person}

    answer = await town.serve.front.app.async_dispatch(AsyncBoltRequest(body=whose | request, mode="socket_mode"))

    assert [one["value"] for one in json.loads(answer.body)["options"]] == ["core-sw1"]


def _texts(options: list[dict[str, dict[str, str]]]) -> set[str]:
    return {option["text"]["text"] for option in options}
