"""``devices``, ``agents`` and ``help``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from commands.input.quoting import action_words
from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from tests.commands.plants import make_device, make_inventory, sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from commands.request import Reply
    from tests.commands.plants import Plant


@pytest.mark.parametrize(
    ("line", "names"),
    [
        pytest.param("devices", ["Büro Switch", "core-sw1", "core-sw2", "edge-rt1"], id="all that one can see"),
        pytest.param("devices plant-a", ["Büro Switch", "core-sw1", "core-sw2", "edge-rt1"], id="of a site"),
        pytest.param("devices Plant A core", ["core-sw1", "core-sw2"], id="of a site by text"),
        pytest.param("devices JUNIPER", ["edge-rt1"], id="by platform"),
        pytest.param("devices <#C0PLANTA|plant-a> edge", ["edge-rt1"], id="of a channel"),
        pytest.param("devices plant-b", [], id="a site that one may not see is only a text"),
        pytest.param("devices hidden", [], id="devices that one may not see"),
    ],
)
async def test_devices_are_filtered_by_site_and_text(plant: Plant, line: str, names: list[str]) -> None:
    reply = await plant.ask(line)

    assert _column(reply, 0) == names
    assert reply.context["total"] == len(names)
    assert reply.context["command"] == f"/backup {line}".replace("Plant A", "plant-a").replace(
        "<#C0PLANTA|plant-a>", "plant-a"
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "devices zzz",
            "No name or platform of a device contains that text. `/backup devices` lists all that you can see.",
        ),
        (
            "devices plant-a <!zz>",
            (
                "No name or platform of a device at Plant A contains that text. `/backup devices` lists all that you "
                "can see."
            ),
        ),
    ],
)
async def test_a_text_that_no_device_has_is_named_with_a_way_on(plant: Plant, line: str, said: str) -> None:
    assert (await plant.ask(line)).context["empty"] == said


async def test_devices_show_last_outcome_and_version(plant: Plant) -> None:
    await plant.stored("core-sw1", 1)
    await plant.ended("core-sw2", Outcome.FAILED, reason=FailureKind.REFUSED)

    reply = await plant.ask("devices core")

    assert _column(reply, 2) == ["🟢 Up to Date", "🔴 Failed"]
    assert _column(reply, 4) == ["1", "-"]


async def test_devices_are_paged_to_the_end_and_back(make_plant: Callable[..., Plant]) -> None:
    plant = make_plant(make_inventory(*(make_device(f"sw {number:02}") for number in range(40))))

    first = await plant.ask('devices "plant a" "sw "')
    second = await _press(plant, first, "Next page")
    third = await _press(plant, second, "Next page")
    back = await _press(plant, third, "Previous page")
    beyond = await plant.ask("devices page:99999")

    shown = [*_column(first, 0), *_column(second, 0), *_column(third, 0)]
    assert shown == [f"sw {number:02}" for number in range(40)]
    assert _column(back, 0) == _column(second, 0)
    assert [button.text for button in third.context["buttons"]] == ["Back them up", "Previous page"]
    assert len(beyond.context["rows"]) == 10


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("viewer", ["agent-a", "anywhere"]),
        ("other_plant", ["agent-b", "anywhere"]),
        ("owner", ["agent-a", "agent-b", "anywhere"]),
    ],
)
async def test_agents_are_those_of_ones_own_sites(plant: Plant, who: str, names: list[str]) -> None:
    reply = await plant.ask("agents", by=who)

    assert _column(reply, 0) == names


@pytest.mark.parametrize(("who", "sites"), [("viewer", 1), ("other_plant", 1), ("owner", 2)])
async def test_s5_agents_count_the_runs_of_ones_own_sites_alone(plant: Plant, who: str, sites: int) -> None:
    reply = await plant.ask("agents", by=who)

    running = dict(zip(_column(reply, 0), _column(reply, 3), strict=True))
    assert running["anywhere"].startswith(f"{sites} of ")


@pytest.mark.parametrize("line", ["agents", "devices", "history", "now", "show"])
async def test_who_has_no_site_is_told_whom_to_ask(plant: Plant, line: str) -> None:
    reply = await plant.ask(line, by="stranger")

    assert sentence(reply).startswith("You have no access to any site yet.")


@pytest.mark.parametrize("line", ["", "help", "HELP"])
async def test_help_names_every_command_with_its_usage(plant: Plant, line: str) -> None:
    reply = await plant.ask(line)

    usages = [usage for usage, _ in _help_lines(reply)]
    assert sorted(usages) == sorted(f"/backup {one.usage}" for one in plant.commands.by_name.values())


async def test_whole_command_line_in_a_mention_is_understood(plant: Plant) -> None:
    reply = await plant.ask("/backup devices core")

    assert _column(reply, 0) == ["core-sw1", "core-sw2"]


@pytest.mark.parametrize("word", ["diff", "DIFF", "/backup diff"])
async def test_help_of_one_command_shows_examples(plant: Plant, word: str) -> None:
    reply = await plant.ask(f"help {word}")

    assert [usage for usage, _ in _help_lines(reply)] == [
        "/backup diff DEVICE [RUN|A..B]",
        "/backup diff core-sw1",
        "/backup diff core-sw1 #123",
        "/backup diff core-sw1 v3..v5",
    ]


async def test_every_example_and_usage_begins_with_its_command(plant: Plant) -> None:
    for name, command in plant.commands.by_name.items():
        assert all(line.split()[0] == name for line in (command.usage, *command.examples))
        assert command.examples
        assert not command.summary.endswith(".")


@pytest.mark.parametrize(
    ("line", "guess"), [("nwo core-sw1", "now"), ("hist", "history"), ("help dif", "diff"), ("devcies", "devices")]
)
async def test_unknown_command_is_answered_with_a_guess_and_help(plant: Plant, line: str, guess: str) -> None:
    reply = await plant.ask(line)

    assert reply.template == "help"
    assert f"`/backup {guess}`" in sentence(reply)
    assert len(_help_lines(reply)) == len(plant.commands.by_name)


async def test_command_unlike_any_other_gets_help_alone(plant: Plant) -> None:
    reply = await plant.ask("§§§ <!channel>")

    assert sentence(reply) == "There is no command `§§§`. These are the commands."


def _help_lines(reply: Reply) -> list[tuple[str, str]]:
    """Usage and summary of each command, whatever its topic."""
    topics: Any = reply.context["topics"]
    return [line for lines in topics.values() for line in lines]


async def _press(plant: Plant, page: Reply, text: str) -> Reply:
    button: Any = next(one for one in page.context["buttons"] if getattr(one, "text", "") == text)
    return await plant.ask_words(action_words(button.action, button.value))


def _column(reply: Reply, number: int) -> list[str]:
    return [row[number]["text"] for row in reply.context["rows"]]
