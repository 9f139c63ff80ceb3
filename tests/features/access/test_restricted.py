"""Row P3 through Slack: a restricted device is nowhere for those whom it is not there for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.features.access.doors import HIDDEN, plain, private_words, restricted_town
from tests.features.asking import back_up, until_reply

if TYPE_CHECKING:
    from demo.slack import Message as Shown
    from tests.support.serve_fixtures import Town


async def test_p3_restricted_device_is_nowhere_for_whom_it_is_not_there(town: Town) -> None:
    await restricted_town(town)
    dm = town.slack.dm(town.anna)
    asked = await private_words(town, town.anna, f"/backup now {HIDDEN}")
    done = await town.final(HIDDEN, channel=dm)
    await private_words(town, town.anna, f"/backup add {HIDDEN} daily 02:00 as guarded")
    await back_up(town, "core-sw1")
    nina = town.slack.store.people["U06NINA"]

    for person in (town.vera, nina):
        for typed in ("devices", "jobs", "history", "stale 0", "agents", "access", "history guarded", "job guarded"):
            words = await private_words(town, person, f"/backup {typed}")
            assert HIDDEN not in words, typed
            assert "2 devices" not in words, typed
        for typed in (
            f"show {HIDDEN}",
            f"diff {HIDDEN}",
            f"history {HIDDEN}",
            f"cancel {HIDDEN}",
            f"show {HIDDEN[:-1]}",
        ):
            missing = typed.replace("vault-fw", "zzzzz-yy")
            theirs = await private_words(town, person, f"/backup {typed}")
            nobodys = await private_words(town, person, f"/backup {missing}")
            assert theirs.replace("vault-fw", "zzzzz-yy") == nobodys, typed
        await town.command(person, "/backup show")
        picker = await town.private(person, "Which device's configuration?")
        assert "vault" not in str(await town.slack.options(person, picker, "pick:show", "vault"))
        assert "vault" not in str(await town.slack.options(person, picker, "pick:show", ""))
        await town.slack.open_home(person)
        home = await town.until(lambda who=person: town.slack.home(who))  # type: ignore[misc]  # bound on purpose
        assert "vault" not in str(home)
    assert "direct messages" in asked
    assert HIDDEN in town.slack.plain(done)
    assert HIDDEN in await private_words(town, town.anna, "/backup devices")
    assert not [one for one in town.slack.messages(town.plant_a) if "vault" in town.slack.plain(one)]


async def test_p3_run_of_a_restricted_device_is_not_found_by_its_number(town: Town) -> None:
    await restricted_town(town)
    await town.command(town.anna, f"/backup now {HIDDEN}")
    await town.final(HIDDEN, channel=town.slack.dm(town.anna))

    theirs = await private_words(town, town.vera, "/backup run 1")
    nobodys = await private_words(town, town.vera, "/backup run 9")

    assert theirs.replace("#1", "#9") == nobodys


async def test_p3_now_for_the_whole_site_starts_only_what_the_person_may_see(town: Town) -> None:
    await restricted_town(town)
    nina = town.slack.store.people["U06NINA"]

    await town.command(nina, "/backup now plant-a")
    mine = await town.until(lambda: [one for one in town.slack.messages(town.plant_a) if "is done" in plain(town, one)])
    await town.command(town.anna, "/backup now plant-a")

    dm = town.slack.dm(town.anna)
    private = await town.until(lambda: [one for one in town.slack.messages(dm) if "is done" in plain(town, one)])
    public = await town.until(lambda: _done(town, mine[0]))
    assert "1 device" in plain(town, mine[0])
    assert "1 device" in plain(town, public[0])
    assert HIDDEN in plain(town, private[0])
    assert not [one for one in town.slack.messages(town.plant_a) if "vault" in plain(town, one)]


def _done(town: Town, before: Shown) -> list[Shown]:
    seen = town.slack.messages(town.plant_a)
    return [one for one in seen if "is done" in plain(town, one) and float(one.ts) > float(before.ts)]


async def test_p3_a_device_that_was_restricted_stays_hidden_when_it_is_no_longer_declared(town: Town) -> None:
    await restricted_town(town)
    await town.command(town.anna, f"/backup now {HIDDEN}")
    await town.final(HIDDEN, channel=town.slack.dm(town.anna))
    await town.stop()

    del town.settings["devices"][HIDDEN]
    await town.start(keeps_time=False)

    assert HIDDEN not in await private_words(town, town.anna, "/backup history")
    assert HIDDEN in await private_words(town, town.olga, "/backup history")


async def test_a_diff_of_a_restricted_device_stands_in_the_thread_of_its_private_message(town: Town) -> None:
    await restricted_town(town)
    dm = town.slack.dm(town.anna)
    await town.command(town.anna, f"/backup now {HIDDEN}")
    first = await town.final(HIDDEN, channel=dm)
    town.fleet.devices[HIDDEN].change("add vlan 77")
    await town.command(town.anna, f"/backup now {HIDDEN}")

    message = await town.final(HIDDEN, channel=dm, after=first)

    assert "+vlan 77" in town.slack.plain(await until_reply(town, message))
    assert "vault" not in str([town.slack.plain(one) for one in town.slack.messages(town.plant_a)])


@pytest.mark.parametrize("asked", ["devices", "jobs", "agents", "history", "now plant-a", "job whole"])
async def test_p3_what_a_mention_asks_about_restricted_devices_is_answered_to_the_asker_alone(
    town: Town, asked: str
) -> None:
    await restricted_town(town)
    await private_words(town, town.anna, "/backup add plant-a daily 03:00 as whole")
    await town.command(town.anna, f"/backup now {HIDDEN}")
    await town.final(HIDDEN, channel=town.slack.dm(town.anna))
    before = len([one for one in town.slack.messages(town.plant_a, seen_by=town.anna) if one.ephemeral_for])

    await town.slack.mention(town.anna, town.plant_a, asked)

    def answers() -> list[Shown]:
        seen = town.slack.messages(town.plant_a, seen_by=town.anna)
        return [one for one in seen if one.ephemeral_for][before:]

    await town.until(answers)
    public = [one for one in town.slack.messages(town.plant_a) if one.bot_id]
    assert not [one for one in public if "vault" in plain(town, one) or "2 " in plain(town, one)]
