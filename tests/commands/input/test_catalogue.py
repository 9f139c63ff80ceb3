"""Options and guesses among many names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from commands.input.catalogue import best, cut
from commands.input.quoting import action_words
from tests.commands.plants import PEOPLE, make_device, make_inventory

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.plants import Plant


@pytest.fixture
def large(make_plant: Callable[..., Plant]) -> Plant:
    """10,000 devices at Plant A and as many at Plant B."""
    seen = (make_device(f"access-{number:05}") for number in range(10_000))
    hidden = (make_device(f"hidden-{number:05}", "plant-b") for number in range(10_000))
    return make_plant(make_inventory(*seen, *hidden, make_device("core"), make_device("old-core")))


async def test_options_find_one_among_ten_thousand(large: Plant) -> None:
    options = await large.commands.options(PEOPLE["operator"], "pick:now", "access-04711")

    assert options[0].value == "access-04711"
    assert options[0].description == "Plant A · cisco_ios"


async def test_options_never_exceed_what_slack_takes(large: Plant) -> None:
    first = await large.commands.options(PEOPLE["owner"], "pick:now", "")
    many = await large.commands.options(PEOPLE["owner"], "pick:show", "0")

    assert (len(first), len(many)) == (100, 100)
    assert first[0].text == "Plant A (plant-a)"


async def test_options_rank_exact_then_prefix_then_inside_then_alike(large: Plant) -> None:
    core = await large.commands.options(PEOPLE["operator"], "pick:show", "CORE")
    mistyped = await large.commands.options(PEOPLE["operator"], "pick:show", "acess-04711")

    assert [one.value for one in core[:2]] == ["core", "old-core"]
    assert mistyped[0].value == "access-04711"


async def test_options_never_hold_what_the_person_may_not_see(large: Plant) -> None:
    options = await large.commands.options(PEOPLE["operator"], "pick:now", "hidden-00001")

    assert not [one for one in options if "hidden" in one.value]


async def test_guesses_among_ten_thousand_are_the_nearest(large: Plant) -> None:
    reply = await large.ask("show acces-00042")

    assert "`access-00042`" in reply.context["advice"]


async def test_every_option_leads_to_what_it_names(make_plant: Callable[..., Plant]) -> None:
    odd = [
        "plain",
        "two words",
        'double " quote',
        "it's",
        "`code`",
        "<#C1>",
        "site:x",
        "trail:1",
        "a" * 150,
        "\u00e9\u2013x",
        "&amp;",
    ]
    plant = make_plant(make_inventory(*map(make_device, odd)))

    options = await plant.commands.options(PEOPLE["admin"], "pick:now", "")

    catalogue = plant.services.catalogue
    found = [catalogue.target(PEOPLE["admin"], action_words("pick:now", one.value)[1:]) for one in options]
    assert [getattr(one, "name", None) for one in found] == ["Plant A", *odd]


async def test_name_too_long_for_an_option_is_left_out(make_plant: Callable[..., Plant]) -> None:
    plant = make_plant(make_inventory(make_device("a" * 151), make_device("b" * 150)))

    options = await plant.commands.options(PEOPLE["admin"], "pick:show", "")

    assert [one.value for one in options] == ["b" * 150]
    assert len(options[0].text) == 75


@pytest.mark.parametrize("action", ["pick:help", "pick:agents", "pick:nothing", "do:now", "", "pick:now#1"])
async def test_only_pickers_have_options(plant: Plant, action: str) -> None:
    options = await plant.commands.options(PEOPLE["operator"], action, "")

    assert bool(options) == (action == "pick:now#1")


def test_ranking_keeps_the_order_of_equals() -> None:
    keyed = [("b core", 1), ("core a", 2), ("a core", 3), ("core", 4), ("core b", 5)]

    assert best(keyed, "Core") == [4, 2, 5, 1, 3]


@pytest.mark.parametrize(
    ("text", "expected"), [("", "?"), (" \n\t ", "?"), ("a\nb", "a b"), ("x" * 80, "x" * 74 + "…")]
)
def test_label_is_one_line_that_fits(text: str, expected: str) -> None:
    assert cut(text) == expected
