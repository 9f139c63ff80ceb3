"""Row P3: whoever may not see a site or a device hears nothing of it, whatever they send us and through which door."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from commands.registry import KINDS
from demo.fleet import Fault
from demo.slack.blocks.contents import blocks_within, elements_within
from domain.runs.queries import RunQuery
from storage.runs.history import runs_page
from tests.features.access.intruding import Intruder, Pressed, everything_to_press, told_of, without
from tests.features.jobs.timing import all_ended, start_by_hand, until_heard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.slack import Channel, Person, View
    from tests.features.sweep import Seeds
    from tests.support.serve_fixtures import Town

FOREIGN, HIDDEN = "zircon-rt7", "vault-fw1"
BANNER = "topaz banner of the foreign site"
PASSWORD = "Kr1stall9Topas"
# What exists at the other site and on the restricted device alone. No answer may hold any of it.
TELLS = ("quarz", "zircon", "obsidian", "krypton", "topaz", "vault", "guarded", "U06BEA", "C0QUARZ", PASSWORD)
NOBODYS = {
    FOREIGN: "yyyyyy-xx7",
    HIDDEN: "wwwww-uu1",
    "quarz-b": "yxyxy-b",
    "obsidian": "yyvvyyvv",
    "guarded": "wwuuwwu",
}
CHANGED = {  # tables and their columns; how well a route delivers changes by itself
    **dict.fromkeys(("run", "batch", "job", "version", "access_grant", "device", "subscription", "digest"), "*"),
    "route": "id, site, channel, events, active, revision",
}

OF_ONES_OWN_SITE = {"site:plant-a never"}  # whoever is shown it: Anna may back that up
OF_ONESELF = {"do:mute", "do:unmute"}  # change nothing but what the person hears
ACTIONS = {  # that somebody was shown with a name or number of others in it
    *("do:access", "do:delete", "do:diff", "do:edit", "do:export", "do:graph", "do:history", "do:job", "do:now"),
    *("do:review", "do:routes", "do:run", "do:trust", "do:unsubscribe"),
}
COUNTING = {  # what is counted where one run of core-sw1 is all there is
    "devices": {"1 device"},
    "devices plant-a": {"1 device"},
    "graph": {"1 finished run"},
    "history": {"1 run"},
    "jobs": {"0 jobs"},
    "stale 0": {"1 device"},
    "summary": {"0 runs", "1 run"},
    "unreviewed": set(),
}


@dataclass
class Plants:
    """Plant A, of which Anna is operator; beside it what she may not see. Stan may see nothing at all."""

    town: Town
    bea: Person  # admin of the other site
    quarz: Channel
    runs: list[int]  # of the other site and the restricted device
    views: list[View]  # the forms that Bea was shown
    typed: list[str]  # what Bea and Olga have asked

    def intruders(self) -> list[Intruder]:
        """Anna, who may see one site, and Stan, who may see none."""
        return [Intruder(self.town, person, self.town.plant_a) for person in (self.town.anna, self.town.stan)]

    def rows(self) -> dict[str, list[str]]:
        """What is stored of everything that somebody may have changed."""
        with sqlite3.connect(self.town.folder / "data" / "lastgood.db") as file:
            asked = {table: f'SELECT {columns} FROM "{table}"' for table, columns in CHANGED.items()}  # noqa: S608
            return {table: sorted(map(repr, file.execute(line))) for table, line in asked.items()}


@pytest.fixture
async def plants(town: Town, seeds: Seeds) -> Plants:
    """Both sites with a past: versions, changes, failures, jobs, routes, reviews, digests, forms."""
    bea = town.slack.add_person("bea", id="U06BEA")
    quarz = town.slack.add_channel("quarz", id="C0QUARZ", members=[bea, town.olga])
    site = {"name": "Quarzwerk", "timezone": "Asia/Tokyo", "channel": quarz.id, "access": {"admin": [bea.id]}}
    town.settings["sites"]["quarz-b"] = {**site, "digests": []}
    town.settings["sites"]["plant-a"]["access"]["operator"].append(bea.id)
    await town.add_device("core-sw1")
    switch = await town.add_device(FOREIGN, site="quarz-b", retries=0, banner=BANNER, motd=BANNER)
    vault = await town.add_device(HIDDEN, retries=0, banner=BANNER)
    town.settings["devices"][HIDDEN]["only"] = [bea.id]
    seeds.of_devices.append(PASSWORD)
    await start_by_hand(town)
    plants = Plants(town, bea, quarz, [], [], [])
    for device, held in ((FOREIGN, switch), (HIDDEN, vault)):
        await plants_run(plants, device)
        held.change("add line snmp-server location krypton room")
        await plants_run(plants, device)
        held.change(f"add line username spare password 0 {PASSWORD}")
        await plants_run(plants, device)
        if device == FOREIGN:
            held.replace_host_key()
        else:
            held.fail_next(Fault.REJECTS_CONFIG)
        await plants_run(plants, device)
    plants.runs = [one.id for one in await runs_page(RunQuery(sites=frozenset({"plant-a", "quarz-b"}), limit=100))]
    await plants_talk(plants)
    return plants


async def plants_run(plants: Plants, device: str) -> None:
    await plants.town.command(plants.bea, f"/backup now {device}", plants.quarz)
    await plants.town.serve.settled()
    await all_ended(plants.town)


async def plants_talk(plants: Plants) -> None:
    """Let Bea ask for everything there is, and open every form."""
    town, (first, *_) = plants.town, sorted(plants.runs)
    changed = first + 1
    lines = [
        *(f"add {FOREIGN} daily 02:00 as obsidian", f"add {HIDDEN} daily 03:00 as guarded"),
        *(f"subscribe {FOREIGN} both daily 07:00", f"subscribe {HIDDEN} both", "subscribe site:quarz-b failed"),
        *("subscriptions", "routes quarz-b", "access quarz-b", "access quarz-b add <@U03OLGA> viewer", "devices"),
        *("jobs", "jobs quarz-b", "job obsidian", "job guarded", "pause obsidian", "delete obsidian", "agents"),
        *(f"show {FOREIGN}", f"diff {FOREIGN}", f"diff {FOREIGN} v1..v2", f"history {FOREIGN}", "history failed 7d"),
        *(f"show {HIDDEN}", f"diff {HIDDEN}", f"history {HIDDEN}", f"trust {FOREIGN}", "history obsidian"),
        *(f"run {first}", f"run {changed}", f"cancel {first}", "unreviewed", "unreviewed quarz-b", "stale 0"),
        *(f"review {changed} topaz", "audit", "audit quarz-b", "export history quarz-b", "export jobs", "export audit"),
        *("graph quarz-b", "graph all", "summary", "summary quarz-b 7d", f"history device:{FOREIGN} page:2", "now"),
        *(f"audit {FOREIGN} denied", "stale quarz-b 0", f"unsubscribe {HIDDEN}", "resume obsidian", "help", "mute 1h"),
    ]
    for line in lines:
        await town.command(plants.bea, f"/backup {line}", plants.quarz)
        await town.serve.settled()
    plants.typed = lines
    for line in ("add", "edit obsidian", f"subscribe {FOREIGN}", "access quarz-b add", "routes quarz-b add"):
        await town.command(plants.bea, f"/backup {line}", plants.quarz)
        await town.serve.settled()
        plants.views += town.slack.views(plants.bea)
        for view in reversed(town.slack.views(plants.bea)):
            await town.slack.close_view(plants.bea, view)
    bea = Intruder(town, plants.bea, plants.quarz)
    await bea.presses(Pressed("do:review", f"#{first + 2}", is_choice=False))
    plants.views += town.slack.views(plants.bea)
    await town.slack.open_home(plants.bea)
    await town.serve.settled()
    town.slack.happenings.left(plants.bea.id, town.plant_a.id)


def leaked(intruder: Intruder, typed: Sequence[str] = ()) -> list[str]:
    """What the last answer tells that it must not: names that were typed may be repeated."""
    answer = without(intruder.heard[-1], [word for line in typed for word in (line, *re.split(r"[ :]", line))])
    return told_of(answer, TELLS)


def nobodys(line: str, runs: Sequence[int]) -> str:
    """``line`` with names and numbers that nobody has."""
    for ours, theirs in NOBODYS.items():
        line = line.replace(ours, theirs)
    return " ".join(f"9{word}" if word.isdecimal() and int(word) in runs else word for word in line.split(" "))


def shown(answer: str) -> str:
    """What of an answer a person reads."""
    body, sent, files = json.loads(answer)
    texts = [[one.get("text"), one.get("blocks"), one.get("view")] for one in sent]
    return json.dumps([body, texts, files], ensure_ascii=False)


async def test_typed_and_mentioned_names_and_numbers_of_others_are_answered_like_what_is_not_there(
    plants: Plants,
) -> None:
    before = plants.rows()
    told: dict[str, list[str]] = {}
    unlike: dict[str, tuple[str, str]] = {}
    for intruder in plants.intruders():
        for line in plants.typed:
            theirs = shown(await intruder.types(line))
            told[f"{intruder.person.name}: {line}"] = leaked(intruder, [line])
            other = nobodys(line, plants.runs)
            if other != line:
                missing = shown(await intruder.types(other))
                if _alike(theirs, line) != _alike(missing, other):
                    unlike[line] = (theirs, missing)
            await intruder.mentions(line)
            told[f"{intruder.person.name} mentions: {line}"] = leaked(intruder, [line])

    assert {line: found for line, found in told.items() if found} == {}
    assert unlike == {}
    assert plants.rows() == before


def _alike(answer: str, line: str) -> str:
    """``answer`` without the words of ``line``."""
    for word in sorted(re.split(r"[ :]", line), key=len, reverse=True):
        answer = re.sub(rf"(?<![\w-])#?{re.escape(word)}(?![\w-])", "…", answer)
    return answer


async def test_buttons_and_menus_of_others_are_nothing_to_whoever_may_not_see_what_they_are_about(
    plants: Plants,
) -> None:
    before, told = plants.rows(), {}
    found = [one for one in everything_to_press(plants.town) if one.action.partition("#")[0] not in OF_ONESELF]
    found = [one for one in found if one.value not in OF_ONES_OWN_SITE]
    assert {one.action.partition("#")[0] for one in found} >= ACTIONS
    named = [(kind.name, value) for kind in KINDS for value in (FOREIGN, f"device:{HIDDEN}", f"#{plants.runs[0]}")]
    found += [Pressed(f"pick:{name}", value, is_choice=True) for name, value in named if name not in ("mute", "unmute")]
    for intruder in plants.intruders():
        for pressed in found:
            await intruder.presses(pressed)
            told[f"{intruder.person.name}: {pressed}"] = leaked(intruder, [pressed.value])

    assert {line: tells for line, tells in told.items() if tells} == {}
    assert plants.rows() == before


async def test_forms_of_others_and_forged_memories_give_nothing_away_and_write_nothing(plants: Plants) -> None:
    before, told = plants.rows(), {}
    assert {view.callback_id for view in plants.views} == {"job", "subscribe", "route", "access", "review"}
    for intruder in plants.intruders():
        for view in plants.views:
            for action in _fields(view):
                for typed in ("", "zir", "quarz", "vau", "obs"):
                    await intruder.searches_in(view, action, typed)
                    told[f"{intruder.person.name}: {view.callback_id} {action} {typed}"] = leaked(intruder)
            words = [view.private_metadata, *_entered(view)]
            await intruder.enters(view, _fields(view)[0], FOREIGN)
            told[f"{intruder.person.name}: {view.callback_id} again"] = leaked(intruder, [*words, FOREIGN])
            await intruder.sends(view, {})
            told[f"{intruder.person.name}: {view.callback_id} sent"] = leaked(intruder, words)

    assert {line: tells for line, tells in told.items() if tells} == {}
    assert plants.rows() == before


async def test_lists_overviews_and_the_home_tab_hold_nothing_of_others(plants: Plants) -> None:
    told = {}
    for intruder in plants.intruders():
        for kind in KINDS:
            for typed in ("", "zir", "quarz", "site:", "device:", "vau", "obs", str(plants.runs[0])):
                await intruder.searches(f"pick:{kind.name}", typed)
                told[f"{intruder.person.name}: {kind.name} {typed}"] = leaked(intruder, [typed])
            for rest in ("", " plant-a", " 7d", " all", " core-sw1", " jobs"):
                await intruder.types(f"{kind.name}{rest}")
                told[f"{intruder.person.name}: {kind.name}{rest}"] = leaked(intruder)
        await intruder.opens_home()
        told[f"{intruder.person.name}: home"] = leaked(intruder)

    assert {line: tells for line, tells in told.items() if tells} == {}


async def test_what_counts_devices_runs_and_changes_counts_nothing_of_others(plants: Plants) -> None:
    anna, stan = plants.intruders()
    await until_heard(plants.town)
    await anna.types("now core-sw1")
    await all_ended(plants.town)

    counted = {line: _counts(await anna.types(line)) for line in COUNTING}

    assert counted == COUNTING
    for line in COUNTING:
        assert "You have no access to any site yet" in await stan.types(line)


async def test_reports_to_people_and_channels_hold_nothing_of_others(plants: Plants) -> None:
    town, (anna, _) = plants.town, plants.intruders()
    assert "You are subscribed to" in await anna.types("subscribe site:plant-a both daily 07:00")

    town.clock.advance(timedelta(days=1))
    await town.serve.timetable.bring_digests()
    await town.serve.settled()

    dm = town.slack.dm(town.anna)
    await town.until(lambda: [one for one in town.slack.messages(dm) if "0 runs" in town.slack.plain(one)])
    read = [town.slack.plain(one) for place in (dm, town.plant_a) for one in town.slack.messages(place)]
    assert told_of("\n".join(read), TELLS) == []


def _counts(answer: str) -> set[str]:
    plain = re.sub(r"[*`_]", "", shown(answer))
    return set(re.findall(r"\b\d+ (?:finished )?(?:device|run|job|change|version)s?\b", plain))


def _fields(view: View) -> list[str]:
    found = [one for block in blocks_within(view.blocks) for one in elements_within(block)]
    return [str(one["action_id"]) for one in found if one["type"] == "external_select"] or ["form:note"]


def _entered(view: View) -> list[str]:
    """The values that the fields of ``view`` hold: whoever sends them back knows them."""
    return re.findall(r'"(?:value|initial_value|text)": "([^"]*)"', json.dumps(view.blocks, ensure_ascii=False))
