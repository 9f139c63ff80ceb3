"""Buttons for what somebody probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from commands.input.corrections import MAX_VALUE, corrections
from commands.input.quoting import action_words
from domain.errors import NotNow, UnknownName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.commands.plants import Plant


def meant(words: Sequence[str], unknown: Sequence[str], *similar: str) -> list[tuple[str, ...]]:
    """The commands behind the buttons."""
    error = UnknownName("device", " ".join(unknown), similar=similar, words=unknown)
    return [action_words(one.action, one.value) for one in corrections(error, words, slash="/backup")]


@pytest.mark.parametrize(
    ("words", "unknown", "expected"),
    [
        pytest.param(("now", "cor-sw1"), ("cor-sw1",), ("now", "core sw1"), id="a name with a blank"),
        pytest.param(("diff", "cor", "sw1", "v3"), ("cor", "sw1"), ("diff", "core sw1", "v3"), id="what follows stays"),
        pytest.param(("now", "now"), ("now",), ("now", "core sw1"), id="the command's own name is not taken for it"),
        pytest.param(("delete", "nigthly", "yes"), ("nigthly",), ("delete", "core sw1"), id="deleting asks again"),
        pytest.param(("now", "cor-sw1", "accept-smaller"), ("cor-sw1",), ("now", "core sw1"), id="so does accepting"),
        pytest.param(("now", "pump"), ("other",), ("now", "core sw1"), id="words of somewhere else"),
    ],
)
def test_the_name_is_put_in_the_place_of_what_named_nothing(
    words: Sequence[str], unknown: Sequence[str], expected: tuple[str, ...]
) -> None:
    assert meant(words, unknown, "core sw1") == [expected]


def test_there_are_three_at_most_and_none_that_slack_would_refuse() -> None:
    assert [words[1] for words in meant(("now", "x"), ("x",), "a", "b", "c", "d")] == ["a", "b", "c"]
    assert meant(("now", "x"), ("x",), "a" * (MAX_VALUE + 1)) == []
    assert corrections(NotNow("facts", advice="Not now."), ("now", "x"), slash="/backup") == ()


async def test_only_what_the_person_may_see_is_offered(plant: Plant) -> None:
    reply = await plant.ask("now core-sw", by="operator")

    shown = [button.text for button in reply.context["buttons"]]
    assert shown
    assert all(text.startswith("/backup now core-sw") for text in shown)
    assert (await plant.ask("now core-sw", by="stranger")).context["buttons"] == ()


async def test_a_mistyped_job_keeps_the_words_after_its_name(plant: Plant) -> None:
    await plant.ask("add core-sw1 daily 02:00 as nightly", by="operator")

    reply = await plant.ask("pause nigthly until friday", by="operator")

    assert "There is no job called `nigthly`" in reply.context["advice"]
    assert [button.text for button in reply.context["buttons"]] == ["/backup pause nightly until friday"]


@pytest.mark.parametrize("command", ["now", "history"])
async def test_a_mistyped_job_is_offered_where_devices_and_sites_could_stand_too(plant: Plant, command: str) -> None:
    await plant.ask("add core-sw1 daily 02:00 as nightly")
    await plant.ask("add hidden-fw1 daily 02:00 as nightly at b", by="owner")

    reply = await plant.ask(f"{command} nigthly")

    assert "There is no device, site or job called `nigthly`" in reply.context["advice"]
    assert [button.text for button in reply.context["buttons"]] == [f"/backup {command} nightly"]
