"""The edge: whatever is asked and whatever breaks, there is an answer."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands.registry import KINDS, Commands
from commands.request import Surface
from domain.errors import LastgoodError
from storage.database.opening import database
from tests.commands.plants import PEOPLE, build_plant, make_device, make_inventory, sentence
from tests.support.database_fixtures import migrate_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from domain.runs.run import Run
    from tests.commands.plants import Plant

NAMES = tuple(kind.name for kind in KINDS)


class BreakingDispatcher:
    """Starts nothing: raises what it was given."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    async def start(self, *_: object, **__: object) -> Run:
        """Break."""
        raise self._error


def break_with(plant: Plant, error: BaseException) -> None:
    """Let everything that is started break."""
    plant.commands = Commands(replace(plant.services, dispatcher=BreakingDispatcher(error)))  # type: ignore[arg-type]


async def test_crash_is_answered_with_an_id_and_logged_with_it(plant: Plant, caplog: pytest.LogCaptureFixture) -> None:
    break_with(plant, RuntimeError("the secret is s3cret"))

    reply = await plant.ask("now core-sw1")

    assert reply.template == "refusal"
    assert "quote `c0ffee`" in sentence(reply)
    assert "s3cret" not in sentence(reply)
    [record] = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert record.__dict__["correlation"] == "c0ffee"
    assert record.exc_info is not None


async def test_trouble_of_ours_is_told_with_its_advice_and_the_id(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    break_with(plant, LastgoodError("disk full"))

    reply = await plant.ask("now core-sw1")

    assert sentence(reply) == f"{LastgoodError.advice} Tell an owner of Lastgood and quote `c0ffee`."
    assert [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR] == ["request failed"]


async def test_being_stopped_is_no_error(plant: Plant) -> None:
    break_with(plant, asyncio.CancelledError())

    with pytest.raises(asyncio.CancelledError):
        await plant.ask("now core-sw1")


async def test_refusal_is_logged_and_holds_no_id(plant: Plant, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="commands.registry"):
        reply = await plant.ask("now core-sw1", by="viewer")

    assert "quote" not in sentence(reply)
    assert [one.getMessage() for one in caplog.records] == ["request refused"]


async def test_refusals_are_private_even_to_a_mention(plant: Plant) -> None:
    reply = await plant.ask("now core-sw1", by="viewer", surface=Surface.MENTION)

    assert not reply.public


@pytest.mark.parametrize("words", [("show", "x" * 151), ("show", *["x"] * 21)], ids=["one long word", "many words"])
async def test_what_is_longer_than_any_command_is_refused(plant: Plant, words: tuple[str, ...]) -> None:
    reply = await plant.ask_words(words)

    assert sentence(reply).startswith("This command is too long.")


@asynccontextmanager
async def some_plant() -> AsyncIterator[Plant]:
    """A plant with a few runs and versions, in a database of its own."""
    with TemporaryDirectory() as folder:
        await migrate_file(Path(folder) / "test.db")
        async with database(f"sqlite:///{Path(folder)}/test.db"):
            plant = build_plant(make_inventory(make_device("core-sw1"), make_device("Two Words"), make_device("7d")))
            await plant.stored("core-sw1", 1)
            await plant.stored("core-sw1", 2)
            await plant.going("Two Words")
            yield plant


HOSTILE = st.text(max_size=30) | st.sampled_from(
    [
        *("core-sw1", "Two Words", "7d", "plant-a", "site:", "device:", "<#C0PLANTA>", "<@U1>", "<!channel>"),
        *("#1", "2", "run:#1", "v1..v2", "1..99999999999", "SHA256:x", "failed", "since", "9999w"),
        *("2026-05-04", "9999-12-31", "0001-01-01", "page:0", "page:-1", "page:\u0663", "trail:", "trail:1,,x"),
        *("\ud800", "\x00", "`", '"'),
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    asked=st.lists(
        st.tuples(st.sampled_from(NAMES), st.lists(HOSTILE, max_size=4), st.sampled_from(sorted(PEOPLE))),
        min_size=5,
        max_size=15,
    )
)
def test_any_words_of_any_command_get_an_answer_that_can_be_shown(
    asked: list[tuple[str, list[str], str]],
) -> None:
    async def ask_all() -> list[str]:
        async with some_plant() as plant:
            return [sentence(await plant.ask_words((name, *words), by=who)) for name, words, who in asked]

    answers = asyncio.run(ask_all())

    assert not [answer for answer in answers if "quote `c0ffee`" in answer]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=st.lists(st.text(max_size=200), min_size=1, max_size=10), typed=st.text(max_size=50))
def test_any_line_and_any_search_get_an_answer(lines: list[str], typed: str) -> None:
    async def ask_all() -> list[str]:
        async with some_plant() as plant:
            for name in NAMES:
                options = await plant.commands.options(PEOPLE["owner"], f"pick:{name}", typed)
                assert all(0 < len(one.text) <= 75 and 0 < len(one.value) <= 150 for one in options)
            return [sentence(await plant.ask(line)) for line in lines]

    answers = asyncio.run(ask_all())

    assert not [answer for answer in answers if "quote `c0ffee`" in answer]
