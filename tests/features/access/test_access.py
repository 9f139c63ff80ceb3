"""Rows P1, P2 and P4: who may see and do what, through Slack, at the moment it is asked and the moment it is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from demo.fleet import Fault
from storage.jobs.jobs import jobs_called
from storage.runs.runs import unfinished_runs
from tests.features.access.doors import private_words, withheld
from tests.features.asking import back_up
from tests.features.jobs.timing import all_ended, reach, start_by_hand

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town

REFUSED = "You have no access to any site yet."


async def test_p1_leaving_the_user_group_removes_access_at_the_next_action_and_the_next_message(town: Town) -> None:
    await town.add_device("core-sw1")
    night = town.slack.add_group("night", members=[town.stan])
    town.settings["sites"]["plant-a"]["access"]["viewer"] = [night.id]
    await town.start(keeps_time=False)
    seen = await private_words(town, town.stan, "/backup devices")

    town.slack.happenings.group_changed(night, [])
    await town.serve.front.task_pool.settled()

    assert "core-sw1" in seen
    assert REFUSED in await private_words(town, town.stan, "/backup devices")
    assert await withheld(town, "events:1", town.stan) == f"{town.stan.id} may not see plant-a"


async def test_p1_members_of_a_private_channel_have_its_role_until_they_leave_it(town: Town) -> None:
    await town.add_device("core-sw1")
    crew = town.slack.add_channel("crew", members=[town.stan], private=True)
    await town.start(keeps_time=False)
    given = await private_words(town, town.olga, f"/backup access plant-a add <#{crew.id}|crew> operator")
    seen = await private_words(town, town.stan, "/backup devices")

    town.slack.happenings.left(town.stan.id, crew.id)
    await town.serve.front.task_pool.settled()

    assert "The role operator is granted." in given
    assert "core-sw1" in seen
    assert REFUSED in await private_words(town, town.stan, "/backup devices")
    assert await withheld(town, "events:1", town.stan) == f"{town.stan.id} may not see plant-a"


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


async def test_p4_the_button_of_a_message_does_only_what_the_presser_may_and_the_schedule_goes_on(town: Town) -> None:
    switch = await town.add_device("core-sw1", retries=0)
    switch.fail_next(Fault.TRUNCATED)
    await start_by_hand(town)
    await private_words(town, town.anna, "/backup add core-sw1 daily 02:00 as nightly")
    message = await back_up(town, "core-sw1")

    await town.slack.press(town.vera, message, "do:now")

    await town.private(town.vera, "You may not run backups at Plant A: this needs the role operator.")
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
    await town.serve.front.task_pool.settled()

    assert await withheld(town, "events:1", town.anna) == f"{town.anna.id} may not see plant-a"


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
    await town.serve.front.task_pool.settled()
    count = len(town.slack.messages(town.plant_a, seen_by=town.vera))
    still = await private_words(town, town.vera, "/backup devices")

    assert "You have been refused 20 times within 10 minutes." in last
    assert len([one for one in town.slack.messages(town.plant_a, seen_by=town.vera) if one.ephemeral_for]) == 21
    assert count == 21  # the mention, and twenty answers
    assert "core-sw1" in still


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
    await town.serve.front.task_pool.settled()

    assert "does not answer" in await private_words(town, changes[kind], "/backup devices")
    assert await withheld(town, "events:1", town.stan) == f"{town.stan.id} may not see plant-a"


async def test_p2_the_form_gives_access_to_a_person_chosen_in_it(town: Town) -> None:
    await town.add_device("core-sw1")
    await town.start(keeps_time=False)
    await town.command(town.olga, "/backup access plant-a")
    listed = await town.private(town.olga, "Access at Plant A")
    await town.slack.press(town.olga, listed, "do:access#add")
    [view] = await town.until(lambda: town.slack.views(town.olga))

    done = await town.slack.submit(town.olga, view, {"form:person": town.stan.id, "form:role": "operator"})

    assert done.acked
    assert "The role operator at Plant A is granted." in str(done.ack)
    assert "Plant A: operator" in (await private_words(town, town.stan, "/backup access")).replace("*", "")
