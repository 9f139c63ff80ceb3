"""What is told of changes: what kind they are, their first lines, and the same one of many devices once."""

from __future__ import annotations

import pytest

from domain.runs.outcomes import Outcome
from notifications.previews import ConfigDiff
from tests.notifications.events.eventing import ANNA, TEAM, Town, text, town
from tests.notifications.notifiers import SHORT

__all__ = ["town"]

pytestmark = pytest.mark.usefixtures("outbox_database")


@pytest.mark.parametrize("link_only", [False, True])
async def test_d8_person_is_shown_the_first_lines_and_a_channel_what_kind_of_change_it_is(
    town: Town, *, link_only: bool
) -> None:
    await town.route()
    await town.subscription(ANNA, modified=True)
    town.previews.change = ConfigDiff.of("", "interface e7\n mtu 9000\n")
    town.previews.link_only = link_only

    await town.tell(await town.ended(Outcome.MODIFIED))

    [own], [public] = await town.posts(ANNA), await town.posts(TEAM)
    assert "Changed: 1 interface." in text([own])
    assert "Changed: 1 interface." in text([public])
    assert (own.shows_config, "mtu 9000" in text([own])) == (not link_only, not link_only)
    assert (public.shows_config, "mtu 9000" in text([public])) == (False, False)
    assert len(own.quotes) == (0 if link_only else 2)


async def test_d8_same_change_of_several_devices_is_one_line_with_their_list_in_the_thread(town: Town) -> None:
    await town.route()
    ports = [ConfigDiff.of("", f"interface e{number}\n mtu 9000\n") for number in range(2)]
    town.previews.of_device = {"sw1": ports[0], "sw2": ports[0], "sw4": ports[0], "sw3": ports[1], "sw5": SHORT}

    await town.tell(*[await town.ended(Outcome.MODIFIED, f"sw{number}") for number in range(1, 6)])

    shown, listed = text(await town.posts(TEAM)), text(await town.messages(TEAM))
    assert "The same 2 lines on 3 devices." in shown
    assert "*The same 2 lines on 3 devices*: sw1, sw2, sw4" in listed
    assert "*2 devices*: sw3" in listed
