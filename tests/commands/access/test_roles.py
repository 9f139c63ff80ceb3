"""Who may ask what: every command for every role. A new command without a row here fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from domain.failures import FailureKind
from domain.runs.outcomes import Outcome
from domain.runs.steps import RunEnd
from storage.database.opening import database
from storage.devices import devices
from storage.runs.endings import finish_runs
from tests.commands.plants import NEW_KEY, PEOPLE, SHUT_OUT, Plant, build_plant, sentence, two_plants
from tests.support.database_fixtures import migrate_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from commands.request import Reply

ALL = ("viewer", "operator", "admin", "owner")
RUNNERS = ("operator", "admin", "owner")
ADMINS = ("admin", "owner")

# Each row: the words at Plant A, who is answered, and the template of the answer. To who may not see it, the key of
# a site is a text that no device of theirs has in its name: `devices` answers with an empty page.
ROWS = {
    "now": ("edge-rt1", RUNNERS, "started"),
    "cancel": ("core-sw2", RUNNERS, "cancelled"),
    "run": ("{ended}", ALL, "run_details"),
    "history": ("core-sw1", ALL, "history"),
    "diff": ("core-sw1", ALL, "diff"),
    "show": ("core-sw1", ALL, "show"),
    "devices": ("plant-a", (*ALL, "other_plant"), "devices"),
    "jobs": ("plant-a", (*ALL, "other_plant"), "jobs"),
    "job": ("nightly", ALL, "job"),
    "add": ("core-sw1 daily 02:00", RUNNERS, "job"),
    "edit": ("nightly at 03:00", RUNNERS, "job"),
    "pause": ("nightly", RUNNERS, "job"),
    "resume": ("paused", RUNNERS, "job"),
    "delete": ("nightly yes", RUNNERS, "notice"),
    "stale": ("plant-a 3", ALL, "stale"),
    "trust": ("core-sw1", ADMINS, "trust"),
    "access": ("plant-a", ADMINS, "access_site"),
    "subscribe": ("core-sw1 both", ALL, "notice"),
    "unsubscribe": ("core-sw1", ALL, "notice"),
    "routes": ("plant-a", ALL, "routes"),
    "audit": ("plant-a", ADMINS, "audit"),
    "export": ("history core-sw1", ALL, "notice"),
    "graph": ("plant-a", ALL, "graph"),
    "review": ("{ended}", RUNNERS, "reviewed"),
    "summary": ("plant-a", ALL, "digest"),
    "unreviewed": ("plant-a", ALL, "unreviewed"),
}
MISSING = {  # the same words with names that nobody has
    "run": "999999999",
    "devices": "plant-z",
    "jobs": "plant-z",
    "add": "zzzzzz daily 02:00",
    "edit": "zzzzzz at 03:00",
    "delete": "zzzzzz yes",
    "stale": "plant-z 3",
    "access": "plant-z",
    "subscribe": "zzzzzz both",
    "audit": "plant-z",
    "export": "history zzzzzz",
    "graph": "plant-z",
    "review": "999999999",
    "summary": "plant-z",
    "unreviewed": "plant-z",
}
FOR_EVERYBODY = {"help": "help", "mute": "notice", "unmute": "notice"}  # says nothing about any site
BY_SITE = {"agents": "agents", "subscriptions": "subscriptions"}  # take no argument and show what is of one's own sites
OF_JOBS = ("job", "edit", "pause", "resume", "delete")
PICKERS = ("now", "cancel", "run", "diff", "show", "trust", "review", *OF_JOBS)  # of devices, runs and jobs
OF_SITES = ("graph",)  # offer sites; whoever sees one site alone is answered with that
CASES = [(name, who) for name in ROWS for who in PEOPLE]


@dataclass(frozen=True)
class Furnished:
    """A database in which each row of ROWS has something to answer, and what the rows ask for in it."""

    file: bytes
    words: dict[str, str]


_furnished: list[Furnished] = []  # made once by this process


@pytest.fixture
async def furnished(tmp_path: Path) -> Furnished:
    """The same state for every test, without asking for it all each time."""
    if not _furnished:
        path = tmp_path / "furnished.db"
        await migrate_file(path)
        async with database(f"sqlite:///{path}"):
            words = await _furnish()
        _furnished.append(Furnished(path.read_bytes(), words))
    return _furnished[0]


@pytest.fixture
async def plant(furnished: Furnished, tmp_path: Path) -> AsyncIterator[Plant]:
    """The two plants over a database of this test's own."""
    path = tmp_path / "test.db"
    path.write_bytes(furnished.file)
    async with database(f"sqlite:///{path}"):
        yield build_plant(two_plants())


@pytest.fixture
def words(furnished: Furnished) -> dict[str, str]:
    """What each row asks for."""
    return furnished.words


async def _furnish() -> dict[str, str]:
    """Fill the open database."""
    inventory = two_plants()
    await devices.sync_devices(inventory)
    plant = build_plant(inventory)
    await plant.stored("core-sw1", 1)
    ended = await plant.stored("core-sw1", 2)
    refused = await plant.going("core-sw1")
    end = RunEnd(
        run=refused.id,
        outcome=Outcome.FAILED,
        at=plant.clock.now(),
        reason=FailureKind.HOST_KEY_CHANGED,
        offered_host_key=NEW_KEY,
    )
    await finish_runs([end])
    await plant.going("core-sw2")
    await plant.ask("add core-sw2 daily 02:00 as nightly", by="owner")
    await plant.ask("add core-sw2 daily 02:00 as paused", by="owner")
    await plant.ask("pause paused", by="owner")
    await plant.ask("add hidden-fw1 daily 02:00", by="owner")
    for who in ALL:
        await plant.ask("subscribe core-sw1 both", by=who)
    return {name: line.format(ended=ended.id) for name, (line, _, _) in ROWS.items()}


def test_every_command_has_a_row(plant: Plant) -> None:
    assert set(plant.commands.by_name) == {*ROWS, *FOR_EVERYBODY, *BY_SITE}


@pytest.mark.parametrize(("name", "who"), CASES, ids=[f"{name} by {who}" for name, who in CASES])
async def test_command_is_answered_to_its_roles_alone(plant: Plant, words: dict[str, str], name: str, who: str) -> None:
    _, answered, template = ROWS[name]

    reply = await plant.ask(f"{name} {words[name]}", by=who)

    assert reply.template == (template if who in answered else "refusal")


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("who", ["other_plant", "stranger"])
async def test_what_one_may_not_see_is_answered_like_what_is_not_there(
    plant: Plant, words: dict[str, str], name: str, who: str
) -> None:
    missing = MISSING.get(name, "zzzzzz")

    hidden = await plant.ask(f"{name} {words[name]}", by=who)
    absent = await plant.ask(f"{name} {missing}", by=who)

    assert hidden.template == absent.template
    assert _without(hidden, words[name]) == _without(absent, missing)


@pytest.mark.parametrize("name", [*ROWS, *FOR_EVERYBODY, *BY_SITE])
@pytest.mark.parametrize("who", SHUT_OUT)
async def test_guests_externals_bots_and_leavers_are_shut_out_of_everything(plant: Plant, name: str, who: str) -> None:
    reply = await plant.ask(name, by=who)

    assert reply.template == "refusal"
    assert "does not answer" in sentence(reply)


@pytest.mark.parametrize("name", PICKERS)
@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.usefixtures("words")
async def test_pickers_offer_only_what_the_person_may_use(plant: Plant, name: str, who: str) -> None:
    allowed = ROWS[name][1]

    options = await plant.commands.options(PEOPLE[who], f"pick:{name}", "")

    text = str(options)
    offers_devices = name in ("now", "diff", "show", "trust", *OF_JOBS)
    assert ("core-sw" in text) == (who in allowed)
    assert ("hidden-fw" in text) == (who in ("owner", "other_plant") and offers_devices)


@pytest.mark.parametrize("name", PICKERS)
@pytest.mark.parametrize("who", ["viewer", "operator", "admin", "owner", "stranger"])
async def test_missing_argument_opens_a_picker_for_whoever_may_use_it(plant: Plant, name: str, who: str) -> None:
    reply = await plant.ask(name, by=who)

    assert reply.template == ("picker" if who in ROWS[name][1] else "refusal")
    if reply.template == "picker":
        assert reply.context["action"] == f"pick:{name}"
        assert reply.context["command"] == f"/backup {plant.commands.by_name[name].usage}"


def test_the_pickers_tested_are_all_there_are(plant: Plant) -> None:
    assert {name for name, one in plant.commands.by_name.items() if hasattr(one, "options")} == {*PICKERS, *OF_SITES}


@pytest.mark.parametrize("name", OF_SITES)
@pytest.mark.parametrize("who", PEOPLE)
async def test_pickers_of_sites_offer_only_those_that_exist_for_the_person(plant: Plant, name: str, who: str) -> None:
    options = str(await plant.commands.options(PEOPLE[who], f"pick:{name}", ""))

    assert ("plant-a" in options) == (who in ALL)
    assert ("plant-b" in options) == (who in ("owner", "other_plant"))


@pytest.mark.parametrize("name", OF_SITES)
@pytest.mark.parametrize(("who", "template"), [("owner", "picker"), ("viewer", "graph"), ("stranger", "refusal")])
async def test_missing_site_is_asked_for_where_there_are_several(
    plant: Plant, name: str, who: str, template: str
) -> None:
    assert (await plant.ask(name, by=who)).template == template


def _without(reply: Reply, words: str) -> str:
    """What ``reply`` says, without the names that were asked for."""
    text = str(dict(reply.context))
    for word in dict.fromkeys((words, *words.split()[:2])):
        text = text.replace(word, "X")
    return text


async def test_refusal_names_the_role_and_who_grants_it(plant: Plant) -> None:
    reply = await plant.ask("now core-sw1", by="viewer")

    assert "You may not run backups at Plant A: this needs the role operator." in sentence(reply)
    assert "<@U0ADMIN>" in sentence(reply)


def test_usage_hint_names_every_command(plant: Plant) -> None:
    assert all(name in plant.commands.usage_hint for name in plant.commands.by_name)
