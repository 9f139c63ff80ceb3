"""No word beside the message that says it all: the short answer to ``now`` comes only where it tells something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from demo.slack import Message
    from tests.support.serve_fixtures import Town

BEGUN = "is queued"


def whispers(town: Town) -> list[Message]:
    """What only Anna sees in Plant A's channel."""
    return [one for one in town.slack.messages(town.plant_a, seen_by=town.anna) if one.ephemeral_for]


@pytest.mark.parametrize("typed", ["/backup now core-sw1", "/backup now plant-a"])
async def test_a_run_in_the_sites_own_channel_is_told_by_its_message_alone(town: Town, typed: str) -> None:
    await town.add_device("core-sw1")
    await town.start()

    await town.command(town.anna, typed)

    await town.final("core-sw1")
    await town.serve.settled()
    assert whispers(town) == []


async def test_run_again_adds_a_message_and_no_more(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start()
    await town.command(town.anna, "/backup now core-sw1")
    first = await town.final("core-sw1")

    await town.slack.press(town.anna, first, "do:now")

    await town.final("core-sw1", after=first)
    await town.serve.settled()
    assert whispers(town) == []


async def test_without_the_bot_in_the_channel_the_person_hears_that_it_has_begun(town: Town) -> None:
    await town.add_device("core-sw1")
    private = town.slack.add_channel("plant-a-ops", id="C0OPS", members=[town.anna], bot_is_member=False)
    town.settings["sites"]["plant-a"]["channel"] = private.id
    await town.start()

    await town.command(town.anna, "/backup now core-sw1", private)

    told = await town.private(town.anna, BEGUN, private)
    assert "/backup now core-sw1" in town.slack.plain(told)
