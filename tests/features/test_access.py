"""Rows P1 to P4: who may see and do what, through Slack, at the moment it is asked and the moment it is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from demo.fleet import Fault
from domain.outbox import Message, MessageKind
from storage import outbox
from storage.jobs import jobs_called
from storage.runs import unfinished_runs
from tests.features.asking import back_up, until_reply
from tests.features.timing import all_ended, reach, start_by_hand

if TYPE_CHECKING:
    from demo.slack import Channel, Person
    from demo.slack import Message as Shown
    from tests.serve_fixtures import Town

REFUSED = "You have no access to any site yet."


async def private_words(town: Town, person: Person, typed: str, channel: Channel | None = None) -> str:
    """What ``person`` alone is answered to ``typed``."""
    where = channel or town.plant_a
    before = len([one for one in town.slack.messages(where, seen_by=person) if one.ephemeral_for])
    await town.command(person, typed, where)

    def found() -> Shown | None:
        seen = [one for one in town.slack.messages(where, seen_by=person) if one.ephemeral_for]
        return seen[before] if len(seen) > before else None

    return town.slack.plain(await town.until(found))


async def withheld(town: Town, key: str, person: Person) -> str:
    """Put a message of Plant A for ``person`` and return why it did not go out."""
    dm = town.slack.dm(person).id
    content = {"text": "core-sw1 has changed", "blocks": [], "progress": False}
    message = Message(
        key=key, kind=MessageKind.POST, channel=person.id, person=person.id, sites=("plant-a",), content=content
    )
    await outbox.put([message], now=town.clock.now())
    town.serve.engine.deliverer.wake()
    await town.serve.engine.deliverer.settled()
    assert not [one for one in town.slack.messages(dm) if one.text == content["text"]]
    return await outbox.refusal_of(key) or ""


async def test_p1_leaving_the_user_group_removes_access_at_the_next_action_and_the_next_message(town: Town) -> None:
    await town.add_device("core-sw1")
    night = town.slack.add_group("night", members=[town.stan])
    town.settings["sites"]["plant-a"]["access"]["viewer"] = [night.id]
    await town.start(keeps_time=False)
    seen = await private_words(town, town.stan, "/backup devices")

    town.slack.happenings.group_changed(night, [])
    await town.serve.front.desk.settled()

    assert "core-sw1" in seen
    assert REFUSED in await private_words(town, town.stan, "/backup devices")
    assert await withheld(town, "news:1", town.stan) == f"{town.stan.id} may not see plant-a"


async def test_p1_members_of_a_private_channel_have_its_role_until_they_leave_it(town: Town) -> None:
    await town.add_device("core-sw1")
    crew = town.slack.add_channel("crew", members=[town.stan], private=True)
    await town.start(keeps_time=False)
    given = await private_words(town, town.olga, f"/backup access plant-a add <#{crew.id}|crew> operator")
    seen = await private_words(town, town.stan, "/backup devices")

    town.slack.happenings.left(town.stan.id, crew.id)
    await town.serve.front.desk.settled()

    assert "The role operator is given." in given
    assert "core-sw1" in seen
    assert REFUSED in await private_words(town, town.stan, "/backup devices")
    assert await withheld(town, "news:1", town.stan) == f"{town.stan.id} may not see plant-a"


async def test_p1_nobody_gets_access_by_a_channel_that_anybody_can_join(town: Town) -> None:
    lobby = town.slack.add_channel("lobby", members=[town.stan])
    town.settings["sites"]["plant-a"]["access"]["viewer"] = [lobby.id]
    await town.start(keeps_time=False)

    given = await private_words(town, town.olga, f"/backup access plant-a add <#{lobby.id}|lobby> viewer")

    assert "Anybody can join a public channel" in given
    assert REFUSED in await private_words(town, town.stan, "/backup devices")


async def test_p2_what_an_admin_gives_in_slack_counts_at_once_and_after_a_restart(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    before = await private_words(town, town.stan, "/backup now core-sw1")
    await private_words(town, town.olga, f"/backup access plant-a add <@{town.stan.id}|stan> operator")
    await town.command(town.stan, "/backup now core-sw1")
    await town.final("core-sw1")

    await town.stop()
    await town.start(keeps_time=False)
    after = await private_words(town, town.stan, "/backup access")
    await private_words(town, town.olga, f"/backup access plant-a remove <@{town.stan.id}>")

    assert "core-sw1" in before  # the word that was typed: nobody says that there is such a device
    assert "There is no device or site called" in before
    assert "Plant A: operator" in after.replace("*", "")
    assert REFUSED in await private_words(town, town.stan, "/backup devices")


HIDDEN = "vault-fw1"


async def restricted_town(town: Town) -> None:
    """Anna may see vault-fw1 beside Olga, who owns everything; Vera and Nina may not. It has a past and a job."""
    nina = town.slack.add_person("nina", id="U06NINA")
    town.slack.happenings.joined(nina.id, town.plant_a.id)
    town.settings["sites"]["plant-a"]["access"]["operator"] = [town.anna.id, nina.id]
    for name in ("core-sw1", HIDDEN):
        await town.add_device(name)
    town.settings["devices"][HIDDEN]["only"] = [town.anna.id]
    await town.start(keeps_time=False)


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
    mine = await town.until(
        lambda: [one for one in town.slack.messages(town.plant_a) if "is done" in _plain(town, one)]
    )
    await town.command(town.anna, "/backup now plant-a")

    dm = town.slack.dm(town.anna)
    private = await town.until(lambda: [one for one in town.slack.messages(dm) if "is done" in _plain(town, one)])
    public = await town.until(lambda: _done(town, mine[0]))
    assert "1 device" in _plain(town, mine[0])
    assert "1 device" in _plain(town, public[0])
    assert HIDDEN in _plain(town, private[0])
    assert not [one for one in town.slack.messages(town.plant_a) if "vault" in _plain(town, one)]


def _done(town: Town, before: Shown) -> list[Shown]:
    seen = town.slack.messages(town.plant_a)
    return [one for one in seen if "is done" in _plain(town, one) and float(one.ts) > float(before.ts)]


def _plain(town: Town, message: Shown) -> str:
    return town.slack.plain(message).replace("*", "")


async def test_p3_a_device_that_was_restricted_stays_hidden_when_it_is_no_longer_declared(town: Town) -> None:
    await restricted_town(town)
    await town.command(town.anna, f"/backup now {HIDDEN}")
    await town.final(HIDDEN, channel=town.slack.dm(town.anna))
    await town.stop()

    del town.settings["devices"][HIDDEN]
    await town.start(keeps_time=False)

    assert HIDDEN not in await private_words(town, town.anna, "/backup history")
    assert HIDDEN in await private_words(town, town.olga, "/backup history")


async def test_p4_the_button_of_a_message_does_only_what_the_presser_may_and_the_schedule_goes_on(town: Town) -> None:
    switch = await town.add_device("core-sw1", retries=0)
    switch.fail_next(Fault.TRUNCATED)
    await start_by_hand(town)
    await private_words(town, town.anna, "/backup add core-sw1 daily 02:00 as nightly")
    message = await back_up(town, "core-sw1")

    await town.slack.press(town.vera, message, "do:now")

    await town.private(town.vera, "You may not run backups at Plant A: that takes the role operator.")
    assert "Failed" in town.slack.plain(message)
    assert await unfinished_runs() == []
    [job] = await jobs_called("nightly", {"plant-a"})
    assert job.next_run_at is not None
    await reach(town, job.next_run_at)
    await all_ended(town)
    history = await private_words(town, town.vera, "/backup history core-sw1 scheduled")
    assert "Up to Date" in history


async def test_p4_a_deactivated_account_is_refused_and_gets_nothing_more(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    await private_words(town, town.anna, "/backup devices")

    town.slack.happenings.person_changed(replace(town.anna, deleted=True))
    await town.serve.front.desk.settled()

    assert await withheld(town, "news:1", town.anna) == f"{town.anna.id} may not see plant-a"


async def test_p4_form_opened_before_a_demotion_saves_nothing_after_it(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    await private_words(town, town.olga, f"/backup access plant-a add <@{town.stan.id}|stan> operator")
    await town.command(town.stan, "/backup add core-sw1")
    [view] = await town.until(lambda: town.slack.views(town.stan))
    await private_words(town, town.olga, f"/backup access plant-a add <@{town.stan.id}> viewer")

    done = await town.slack.submit(town.stan, view)

    assert "You may not add or change jobs at Plant A" in str(done.ack)
    assert await jobs_called("core-sw1", {"plant-a"}) == []


async def test_when_slack_cannot_say_who_asks_nothing_is_done_and_the_person_is_told(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    town.slack.faults.server_error("users.info", times=None)

    words = await private_words(town, town.anna, "/backup now core-sw1")

    assert "try again" in words
    assert await unfinished_runs() == []


async def test_channel_that_becomes_shared_gets_no_configuration_and_the_admins_are_told_once(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    town.settings["sites"]["plant-a"]["access"]["admin"] = [town.stan.id]
    await town.start(keeps_time=False)
    await back_up(town, "core-sw1")

    town.slack.happenings.shared(town.plant_a.id, "T9OTHER")
    dm = town.slack.dm(town.stan)
    told = await town.until(lambda: town.slack.messages(dm))
    switch.change("add vlan 77")
    message = await back_up(town, "core-sw1")
    await town.serve.settled()

    assert "its channel is shared with another organisation" in town.slack.plain(told[0])
    assert "Modified" in town.slack.plain(message)
    assert "vlan 77" not in str([town.slack.plain(one) for one in town.slack.messages(town.plant_a)])
    assert len(town.slack.messages(dm)) == 1


async def test_p2_whoever_goes_on_being_refused_is_told_once_more_and_then_not_answered(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    for _ in range(19):
        await private_words(town, town.vera, "/backup now core-sw1")

    last = await private_words(town, town.vera, "/backup now core-sw1")
    await town.slack.mention(town.vera, town.plant_a, "now core-sw1")
    await town.serve.front.desk.settled()
    count = len(town.slack.messages(town.plant_a, seen_by=town.vera))
    still = await private_words(town, town.vera, "/backup devices")

    assert "You have been refused 20 times within 10 minutes." in last
    assert len([one for one in town.slack.messages(town.plant_a, seen_by=town.vera) if one.ephemeral_for]) == 21
    assert count == 21  # the mention, and twenty answers
    assert "core-sw1" in still


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


@pytest.mark.parametrize("kind", ["guest", "external", "bot"])
async def test_p4_guests_strangers_and_bots_are_shut_out_even_with_a_role(town: Town, kind: str) -> None:
    await town.add_device("core-sw1")
    changes = {
        "guest": replace(town.stan, is_restricted=True),
        "external": replace(town.stan, team_id="T9OTHER"),
        "bot": replace(town.stan, is_bot=True),
    }
    town.settings["sites"]["plant-a"]["access"]["operator"] = [town.stan.id]
    await town.start(keeps_time=False)

    town.slack.happenings.person_changed(changes[kind])
    await town.serve.front.desk.settled()

    assert "does not answer" in await private_words(town, changes[kind], "/backup devices")
    assert await withheld(town, "news:1", town.stan) == f"{town.stan.id} may not see plant-a"
