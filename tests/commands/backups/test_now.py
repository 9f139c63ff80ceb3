"""``now``: what it starts, what it refuses, and where the run's message goes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from commands.input.quoting import action_words
from commands.request import Surface
from domain.messages.places import Place
from notifications.rendering import buttons
from storage.devices import devices
from storage.runs import runs
from tests.commands.plants import PLANT_A, PLANT_B, make_device, make_inventory, sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.plants import Plant


async def test_j1_run_now_starts_one_manual_run_of_the_person(plant: Plant) -> None:
    reply = await plant.ask("now core-sw1")

    [run] = await runs.unfinished_runs()
    assert (run.device, run.trigger.value, run.asked_by) == ("core-sw1", "manual", "U0OPER")
    assert reply.template == "started"
    assert reply.context["command"] == "/backup now core-sw1"
    assert reply.sites == ("plant-a",)


@pytest.mark.parametrize(
    ("line", "device"),
    [
        pytest.param("NOW CORE-SW1", "core-sw1", id="any case"),
        pytest.param('now "b\u00fcro switch"', "B\u00fcro Switch", id="quoted, other case"),
        pytest.param("now B\u00fcro Switch", "B\u00fcro Switch", id="blanks without quotes"),
        pytest.param("now device:core-sw1", "core-sw1", id="said to be a device"),
        pytest.param("now core\u2011sw1", "core-sw1", id="typographic hyphen"),
    ],
)
async def test_names_are_found_as_people_type_them(plant: Plant, line: str, device: str) -> None:
    await plant.ask(line)

    assert [run.device for run in await runs.unfinished_runs()] == [device]


@pytest.mark.parametrize("word", ["plant-a", "PLANT-A", "Plant A", '"plant a"', "site:plant-a", "<#C0PLANTA|plant-a>"])
async def test_a_site_starts_a_run_for_each_device_and_says_how_many(plant: Plant, word: str) -> None:
    reply = await plant.ask(f"now {word}")

    assert len(await runs.unfinished_runs()) == 4
    assert "4 runs at Plant A" in sentence(reply)
    assert reply.context["command"] == "/backup now plant-a"


async def test_a_site_says_which_devices_were_already_at_it(plant: Plant) -> None:
    await plant.going("core-sw1")

    reply = await plant.ask("now plant-a")

    assert "3 runs at Plant A" in sentence(reply)
    assert "1 device already had an unfinished run" in sentence(reply)


async def test_a_site_without_devices_is_refused(make_plant: Callable[..., Plant]) -> None:
    plant = make_plant(make_inventory(make_device("fw", "plant-b")))

    reply = await plant.ask("now plant-a")

    assert "has no devices yet" in sentence(reply)
    assert await runs.unfinished_runs() == []


async def test_a_device_comes_before_a_site_of_the_same_name(make_plant: Callable[..., Plant]) -> None:
    inventory = make_inventory(make_device("plant-a"), make_device("sw2"))
    await devices.sync_devices(inventory)
    plant = make_plant(inventory)

    device = await plant.ask("now plant-a")
    site = await plant.ask("now site:plant-a")

    assert "A site has this name too: `/backup now site:plant-a`" in sentence(device)
    assert "1 run at Plant A" in sentence(site)
    assert site.context["command"] == "/backup now site:plant-a"


async def test_a_name_that_fits_two_devices_asks_which(make_plant: Callable[..., Plant]) -> None:
    plant = make_plant(make_inventory(make_device("SW1"), make_device("sw1")))

    reply = await plant.ask("now Sw1")

    assert "Did you mean `SW1` or `sw1`?" in sentence(reply)


@pytest.mark.parametrize(
    ("typed", "guess"), [("core-sw", "core-sw1"), ("croe-sw1", "core-sw1"), ("edge", "edge-rt1"), ("plnt-a", "plant-a")]
)
async def test_wrong_name_is_answered_with_the_nearest_visible_ones(plant: Plant, typed: str, guess: str) -> None:
    reply = await plant.ask(f"now {typed}")

    assert f"There is no device or site called `{typed}` that you can see." in sentence(reply)
    assert f"`{guess}`" in sentence(reply)


async def test_wrong_name_never_suggests_what_the_person_may_not_see(plant: Plant) -> None:
    reply = await plant.ask("now hidden-fw")

    assert "hidden-fw1" not in str(reply.context)
    assert "`/backup devices` lists what you can see." in sentence(reply)


@pytest.mark.parametrize(
    ("channel", "own_dm", "place"),
    [
        pytest.param("C0PLANTA", False, Place(channel="C0PLANTA"), id="the site's own channel"),
        pytest.param("C0OTHER", False, Place(channel="U0OPER"), id="another channel"),
        pytest.param("C0PLANTB", False, Place(channel="U0OPER"), id="another site's channel"),
        pytest.param("D0MINE", True, Place(channel="D0MINE"), id="the person's own conversation with the bot"),
        pytest.param("D0TWO", False, Place(channel="U0OPER"), id="a chat of two people"),
    ],
)
async def test_message_of_the_run_stands_only_where_everybody_may_read_it(
    plant: Plant,
    channel: str,
    own_dm: bool,  # noqa: FBT001 - a row of the table
    place: Place,
) -> None:
    reply = await plant.ask("now core-sw1", channel=channel, own_dm=own_dm)

    assert plant.dispatcher.places == [place]
    assert reply.context["place"] == ("" if place.channel == channel else "U0OPER")


async def test_mention_in_the_channel_of_the_site_is_answered_in_public(plant: Plant) -> None:
    here = await plant.ask("now core-sw1", surface=Surface.MENTION)
    elsewhere = await plant.ask("now core-sw2", surface=Surface.MENTION, channel="C0PLANTB")
    command = await plant.ask("now edge-rt1")

    assert (here.public, elsewhere.public, command.public) == (True, False, False)
    assert plant.dispatcher.places[0] == Place(channel="C0PLANTA", thread_ts="1.2")


async def test_two_sites_without_channel_do_not_take_each_other_for_home(make_plant: Callable[..., Plant]) -> None:
    sites = (replace(PLANT_A, channel=None), replace(PLANT_B, channel=None))
    plant = make_plant(make_inventory(make_device("sw1"), sites=sites))

    await plant.ask("now sw1", channel="C0PLANTA")

    assert plant.dispatcher.places == [Place(channel="U0OPER")]


@pytest.mark.parametrize(
    ("line", "asked", "is_plain"),
    [
        pytest.param("now core-sw1", {}, True, id="in the site's own channel"),
        pytest.param("now plant-a", {}, True, id="a whole site"),
        pytest.param("now core-sw1", {"surface": Surface.BUTTON}, True, id="by a button"),
        pytest.param(
            "now core-sw1", {"surface": Surface.SELECT}, False, id="from a picker: the full command is repeated"
        ),
        pytest.param("now core-sw1", {"channel": "C0OTHER"}, False, id="its message stands elsewhere"),
    ],
)
async def test_answer_is_needed_only_where_the_message_of_the_run_does_not_say_it(
    plant: Plant,
    line: str,
    asked: dict[str, Any],
    is_plain: bool,  # noqa: FBT001 - a row of the table
) -> None:
    reply = await plant.ask(line, **asked)

    assert reply.is_plain_to_see is is_plain


async def test_answer_that_says_more_than_the_message_is_needed(plant: Plant) -> None:
    await plant.going("core-sw1")

    reply = await plant.ask("now plant-a")

    assert not reply.is_plain_to_see


async def test_a8_an_operator_can_vouch_for_a_smaller_configuration(plant: Plant) -> None:
    await plant.ask("now core-sw1 accept-smaller")

    [run] = await runs.unfinished_runs()
    assert (run.device, run.accept_smaller, run.asked_by) == ("core-sw1", True, "U0OPER")


@pytest.mark.parametrize(
    ("line", "who", "words"),
    [
        pytest.param("now plant-a accept-smaller", "operator", "for one at a time", id="a whole site"),
        pytest.param("now core-sw1 accept-smaller", "viewer", "may not run backups", id="a viewer"),
    ],
)
async def test_a8_nobody_vouches_for_a_site_or_without_the_right(line: str, who: str, words: str, plant: Plant) -> None:
    reply = await plant.ask(line, by=who)

    assert words in sentence(reply)
    assert await runs.unfinished_runs() == []


async def test_a8_the_button_of_a_suspect_run_is_this_command(plant: Plant) -> None:
    await plant.ask_words(action_words("do:now#accept", buttons.accept_button("B\u00fcro Switch").value))

    [run] = await runs.unfinished_runs()
    assert (run.device, run.accept_smaller) == ("B\u00fcro Switch", True)
