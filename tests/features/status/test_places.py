"""Where answers stand: beside the question, or with the person when others would read along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.runs.outcomes import Outcome
from tests.features.asking import until_reply, until_shown

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town


async def test_now_in_a_foreign_channel_is_answered_in_the_direct_messages(town: Town) -> None:
    switch = await town.add_device("core-sw1")
    lunch = town.slack.add_channel("lunch", members=[town.anna, town.stan])
    await town.start()
    dm = town.slack.dm(town.anna)
    await town.command(town.anna, "/backup now core-sw1", lunch)
    answer = await town.private(town.anna, "is queued", lunch)
    first = await town.final("core-sw1", channel=dm)
    switch.change("add vlan 77")

    await town.command(town.anna, "/backup now core-sw1", lunch)

    message = await town.final("core-sw1", channel=dm, after=first)
    assert "Its message is in your direct messages." in town.slack.plain(answer)
    assert "🟠 Modified" in town.slack.plain(message)
    assert "+vlan 77" in town.slack.plain(await until_reply(town, message))
    assert town.slack.messages(lunch, seen_by=town.stan) == []
    events = await until_shown(town, "core-sw1", Outcome.MODIFIED)
    assert len([one for one in town.slack.messages(town.plant_a) if one.thread_ts is None]) == 1
    assert "+vlan 77" in town.slack.plain(await until_reply(town, events))


async def test_bot_that_is_not_in_the_channel_of_the_site_says_how_to_invite_it_and_answers_directly(
    town: Town,
) -> None:
    await town.add_device("core-sw1")
    outside = town.slack.add_channel("plant-a", id="C0PLANTA", members=[town.anna], bot_is_member=False)
    await town.start()
    dm = town.slack.dm(town.anna)

    done = await town.command(town.anna, "/backup now core-sw1", outside)

    message = await town.final("core-sw1", channel=dm)
    invitation = await town.until(
        lambda: next((one for one in town.slack.messages(dm) if "/invite @Lastgood" in town.slack.plain(one)), None)
    )
    assert done.acked
    assert "🟢 Up to Date" in town.slack.plain(message)
    assert "#plant-a" in town.slack.plain(invitation)
    assert [one for one in town.slack.messages(outside) if one.ephemeral_for is None] == []
