"""Row P3: a device that moves, or a name that is used again, hands nothing of its past to those of its new site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from commands.registry import KINDS
from domain.runs.outcomes import Outcome
from storage.devices.versions import version_of
from tests.features.access.doors import HIDDEN, restricted_town
from tests.features.access.intruding import Intruder, Pressed, everything_to_press, told_of, without
from tests.features.asking import until_reply
from tests.features.jobs.timing import all_ended, start_by_hand

if TYPE_CHECKING:
    from demo.fleet import Device
    from demo.slack import Channel, Person
    from tests.support.serve_fixtures import Town

NAME = "dist-rt3"
PAST = ("topaz", "krypton")  # stand in its configuration at the old site alone
BOTH = ("v1", "v2")


@dataclass
class Moved:
    """A router that was at Plant A, with two versions there, and now belongs to the quarz works."""

    town: Town
    bea: Person  # admin of the new site
    quarz: Channel
    router: Device

    @property
    def newcomer(self) -> Intruder:
        """Bea, who may see the new site and not the old one."""
        return Intruder(self.town, self.bea, self.quarz)

    @property
    def left_behind(self) -> Intruder:
        """Anna, who may see the old site and not the new one."""
        return Intruder(self.town, self.town.anna, self.town.plant_a)

    @property
    def everywhere(self) -> Intruder:
        """Olga, who may see both."""
        return Intruder(self.town, self.town.olga, self.town.plant_a)

    async def back_up(self, person: Person, channel: Channel) -> None:
        """Ask for a run and wait for its end."""
        await self.town.command(person, f"/backup now {NAME}", channel)
        await self.town.serve.settled()
        await all_ended(self.town)


@pytest.fixture
async def moved(town: Town) -> Moved:
    """The day after the move: the bot has been started with the new app.yaml, and nothing has run yet."""
    bea = town.slack.add_person("bea", id="U06BEA")
    quarz = town.slack.add_channel("quarz", id="C0QUARZ", members=[bea, town.olga])
    access = {"admin": [bea.id]}
    site = {"name": "Quarzwerk", "timezone": "Asia/Tokyo", "channel": quarz.id, "access": access, "digests": []}
    town.settings["sites"]["quarz-b"] = site
    router = await town.add_device(NAME, retries=0)
    moved = Moved(town, bea, quarz, router)
    await start_by_hand(town)
    router.change("add line snmp-server location topaz hall")
    await moved.back_up(town.anna, town.plant_a)
    router.change("add line snmp-server contact krypton desk")
    await moved.back_up(town.anna, town.plant_a)
    for line in ("history " + NAME, "run 2", f"diff {NAME}", f"show {NAME} v1", "unreviewed", "devices"):
        await moved.left_behind.types(line)
    await town.stop()
    router.change("remove line snmp-server location topaz hall")
    router.change("remove line snmp-server contact krypton desk")
    router.change("add vlan 811")
    town.settings["devices"][NAME]["site"] = "quarz-b"
    await start_by_hand(town)
    return moved


async def test_p3_people_of_the_new_site_find_no_text_no_run_and_no_number_of_the_old_one(moved: Moved) -> None:
    newcomer = moved.newcomer
    asked = [f"show {NAME}", f"show {NAME} 2030-01-01", f"diff {NAME}", f"diff {NAME} v1..v2", f"history {NAME}"]
    asked += [f"{kind} {NAME} {which}" for kind in ("show", "diff") for which in BOTH]
    asked += [f"diff {NAME} #2", "run 1", "run 2", "review 2 seen", "history", "unreviewed", "summary 7d", "devices"]
    asked += ["export history", "graph quarz-b", "stale", f"audit {NAME}", f"trust {NAME}"]
    told = {line: told_of(await newcomer.types(line), PAST) for line in asked}

    assert {line: words for line, words in told.items() if words} == {}
    assert "has no backup yet" in await newcomer.types(f"show {NAME}")
    assert "has no backup yet" in await newcomer.types(f"diff {NAME}")
    assert "0 runs" in await newcomer.types("summary quarz-b 7d")
    for there, nowhere in (
        (f"show {NAME} v2", f"show {NAME} v77"),
        ("run 2", "run 77"),
        ("review 2 it", "review 77 it"),
    ):
        answer, other = await newcomer.types(there), await newcomer.types(nowhere)
        assert _worded(answer, there) == _worded(other, nowhere)
    assert told_of(await newcomer.opens_home(), PAST) == []


async def test_p3_buttons_under_old_messages_give_the_new_site_nothing(moved: Moved) -> None:
    newcomer, found = moved.newcomer, everything_to_press(moved.town)
    found += [Pressed(f"pick:{kind.name}", NAME, is_choice=True) for kind in KINDS if kind.name != "now"]
    told = {}
    for pressed in found:
        if not pressed.action.startswith(("do:now", "do:mute")):
            await newcomer.presses(pressed)
            told[str(pressed)] = told_of(without(newcomer.heard[-1], [pressed.value]), PAST)

    assert {"do:run", "do:diff"} <= {one.action.partition("#")[0] for one in found}
    assert {line: words for line, words in told.items() if words} == {}


async def test_p3_the_first_capture_at_the_new_site_is_a_baseline_there_and_shows_no_difference(moved: Moved) -> None:
    await moved.back_up(moved.bea, moved.quarz)
    done = await moved.town.final(NAME, channel=moved.quarz)
    said = moved.town.slack.plain(done)
    moved.router.change("add vlan 812")
    await moved.back_up(moved.bea, moved.quarz)
    changed = await until_reply(moved.town, await moved.town.final(NAME, channel=moved.quarz, after=done), "vlan 812")

    third, fourth = await version_of(NAME, 3), await version_of(NAME, 4)
    assert third and fourth  # noqa: PT018 - both or nothing
    assert (third.site, fourth.site) == ("quarz-b", "quarz-b")
    assert Outcome.UP_TO_DATE.chip in said
    assert "baseline stored" in said
    assert "version 3" in said
    assert "version 3 → 4" in moved.town.slack.plain(changed)
    assert not moved.town.slack.thread(moved.quarz, done.ts)
    everything = [moved.town.slack.plain(one) for one in moved.town.slack.messages(moved.quarz)]
    assert told_of("\n".join(everything), PAST) == []
    assert "1 change to review" in await moved.newcomer.opens_home()
    assert "811" in await moved.newcomer.types(f"show {NAME}")
    assert "nothing older to compare" in await moved.newcomer.types(f"diff {NAME} v3")


async def test_p3_people_of_the_old_site_keep_their_runs_and_hear_nothing_of_the_new_one(moved: Moved) -> None:
    await moved.back_up(moved.bea, moved.quarz)
    left = moved.left_behind

    told = {}
    for line in (f"show {NAME}", f"show {NAME} v3", f"diff {NAME} v2..v3", "run 3", "history", "devices", "summary 7d"):
        told[line] = told_of(await left.types(line), ("811", "quarz"))

    assert {line: words for line, words in told.items() if words} == {}
    assert "Run 2" in await left.types("history")
    assert "run 2" in await left.types("run 2")


async def test_p3_whoever_may_see_both_sites_sees_both_pasts(moved: Moved) -> None:
    await moved.back_up(moved.bea, moved.quarz)
    olga = moved.everywhere

    assert "topaz" in await olga.types(f"show {NAME} v1")
    assert "krypton" in await olga.types(f"diff {NAME} v2")
    between = await olga.types(f"diff {NAME} v2..v3")
    assert "-snmp-server contact krypton desk" in between
    assert "Reviewed" not in between
    assert "topaz" not in await olga.types(f"show {NAME}")


async def test_p3_a_difference_over_both_sites_reaches_no_channel_of_either(moved: Moved) -> None:
    await moved.back_up(moved.bea, moved.quarz)

    for channel in (moved.quarz, moved.town.plant_a):
        await moved.town.slack.mention(moved.town.olga, channel, f"diff {NAME} v2..v3")
        await moved.town.slack.settled()
        await moved.town.serve.settled()

    public = [one for place in (moved.quarz, moved.town.plant_a) for one in moved.town.slack.messages(place)]
    said = [moved.town.slack.plain(one) for one in public if one.ephemeral_for is None]
    assert not [one for one in said if "version 2 → 3" in one]


async def test_p3_a_denied_try_at_an_old_version_stands_in_the_audit(moved: Moved) -> None:
    await moved.newcomer.types(f"show {NAME} v2")

    assert NAME in await moved.everywhere.types("audit plant-a denied")
    assert NAME not in await moved.newcomer.types("audit denied")


async def test_p3_back_at_its_old_site_a_device_is_compared_with_what_was_stored_there(moved: Moved) -> None:
    await moved.back_up(moved.bea, moved.quarz)
    await moved.town.stop()
    moved.town.settings["devices"][NAME]["site"] = "plant-a"
    await start_by_hand(moved.town)

    await moved.back_up(moved.town.anna, moved.town.plant_a)

    fourth = await version_of(NAME, 4)
    assert fourth
    assert fourth.site == "plant-a"
    answer = await moved.left_behind.types(f"diff {NAME}")
    assert "version 2 → 4" in answer
    assert "+vlan 811" in answer
    assert "Reviewed" in answer


async def test_p3_a_run_that_waited_over_the_move_ends_without_a_word_of_the_new_site(town: Town) -> None:
    bea = town.slack.add_person("bea", id="U06BEA")
    quarz = town.slack.add_channel("quarz", id="C0QUARZ", members=[bea])
    site = {"name": "Quarzwerk", "timezone": "Asia/Tokyo", "channel": quarz.id, "access": {"admin": [bea.id]}}
    town.settings["sites"]["quarz-b"] = {**site, "digests": []}
    town.settings["agents"] = {"local": {"sites": ["quarz-b"], "concurrency": 5}}
    await town.add_device(NAME)
    await town.start(keeps_time=False)
    await town.command(town.anna, f"/backup now {NAME}")
    await town.serve.settled()
    await town.stop()

    town.settings["devices"][NAME]["site"] = "quarz-b"
    await town.start(keeps_time=False)

    ended = town.slack.plain(await town.final(NAME))
    assert "no longer at this site" in ended
    assert "quarz" not in ended.casefold()
    assert await version_of(NAME, 1) is None


def _worded(answer: str, line: str) -> str:
    return without(answer, [*line.split(), line.split()[1].lstrip("v")])


async def test_p3_what_a_restricted_device_left_at_its_old_site_stays_with_owners(town: Town) -> None:
    await restricted_town(town)
    bea = town.slack.add_person("bea", id="U06BEA")
    quarz = town.slack.add_channel("quarz", id="C0QUARZ", members=[bea])
    site = {"name": "Quarzwerk", "timezone": "Asia/Tokyo", "channel": quarz.id, "access": {"admin": [bea.id]}}
    town.fleet.devices[HIDDEN].change("add line snmp-server location topaz hall")
    await town.command(town.anna, f"/backup now {HIDDEN}")
    await town.final(HIDDEN, channel=town.slack.dm(town.anna))
    await town.stop()
    town.fleet.devices[HIDDEN].change("remove line snmp-server location topaz hall")
    town.settings["sites"]["quarz-b"] = {**site, "digests": []}
    del town.settings["devices"][HIDDEN]["only"]
    town.settings["devices"][HIDDEN]["site"] = "quarz-b"
    await start_by_hand(town)

    await town.command(bea, f"/backup now {HIDDEN}", quarz)
    await town.serve.settled()
    await all_ended(town)

    lines = ["history", "run 1", f"show {HIDDEN} v1", f"show {HIDDEN}", f"diff {HIDDEN} v1..v2", "export history"]
    for person, channel in ((bea, quarz), (town.vera, town.plant_a), (town.anna, town.plant_a)):
        intruder = Intruder(town, person, channel)
        told = {line: told_of(await intruder.types(line), ("topaz", f"{HIDDEN} (plant-a)")) for line in lines}
        assert {line: words for line, words in told.items() if words} == {}, person.name
        assert told_of(await intruder.types("run 1"), [HIDDEN]) == []
    olga = Intruder(town, town.olga, town.plant_a)
    assert f"{HIDDEN} (plant-a)" in await olga.types("history")
    assert f"{HIDDEN} (plant-a)" in await olga.types("run 1")
    kept = await version_of(f"{HIDDEN} (plant-a)", 1)
    assert kept
    assert b"topaz" in await town.serve.core.archive.read(kept.site, kept.commit, kept.device)
    public = [town.slack.plain(one) for one in town.slack.messages(town.plant_a) if not one.ephemeral_for]
    assert told_of("\n".join(public), ["vault"]) == []
