"""Who is asking: remembered for minutes, asked once at a time, refused when nobody can tell."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.slack.cache import Cached
from bot.slack.membership import MAX_STALENESS
from domain.errors import SlackTrouble
from tests.support.clock import MovedClock

if TYPE_CHECKING:
    from tests.support.serve_fixtures import Town

MINUTE = timedelta(minutes=1)


class Slow:
    """Answers each question when told to, and counts them."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer = asyncio.Event()
        self.fails = False

    async def __call__(self, key: str) -> str:
        """The answer, numbered."""
        self.asked += 1
        number = self.asked
        await self.answer.wait()
        if self.fails:
            raise SlackTrouble("away")
        return f"{key} {number}"


async def test_those_who_ask_at_the_same_time_share_one_question() -> None:
    slow = Slow()
    cached = Cached[str, str](slow, clock=MovedClock(), lifetime=MINUTE)

    waiting = [asyncio.create_task(cached.get("anna")) for _ in range(5)]
    await asyncio.sleep(0)
    slow.answer.set()

    assert await asyncio.gather(*waiting) == ["anna 1"] * 5
    assert slow.asked == 1


async def test_an_answer_is_kept_for_its_lifetime_and_no_longer() -> None:
    slow, clock = Slow(), MovedClock()
    slow.answer.set()
    cached = Cached[str, str](slow, clock=clock, lifetime=MINUTE)

    first = await cached.get("anna")
    await clock.advance(MINUTE - timedelta(seconds=1))
    second = await cached.get("anna")
    await clock.advance(timedelta(seconds=1))
    third = await cached.get("anna")

    assert (first, second, third) == ("anna 1", "anna 1", "anna 2")


async def test_an_answer_from_before_a_change_is_not_kept_after_it() -> None:
    slow = Slow()
    cached = Cached[str, str](slow, clock=MovedClock(), lifetime=MINUTE)
    early = asyncio.create_task(cached.get("anna"))
    await asyncio.sleep(0)

    cached.forget("anna")
    slow.answer.set()
    await early

    assert await cached.get("anna") == "anna 2"


async def test_a_failure_is_not_kept() -> None:
    slow = Slow()
    slow.answer.set()
    slow.fails = True
    cached = Cached[str, str](slow, clock=MovedClock(), lifetime=MINUTE)
    with pytest.raises(SlackTrouble):
        await cached.get("anna")

    slow.fails = False

    assert await cached.get("anna") == "anna 2"


async def test_one_who_gives_up_waiting_does_not_end_it_for_the_others() -> None:
    slow = Slow()
    cached = Cached[str, str](slow, clock=MovedClock(), lifetime=MINUTE)
    impatient, patient = (asyncio.create_task(cached.get("anna")) for _ in range(2))
    await asyncio.sleep(0)

    impatient.cancel()
    slow.answer.set()

    assert await patient == "anna 1"


async def test_a_person_is_asked_of_slack_once_in_five_minutes(town: Town) -> None:
    await town.start(keeps_time=False)
    people = town.serve.slack.people

    first = await people.person(town.anna.id)
    await people.person(town.anna.id)
    town.clock.advance(MAX_STALENESS)
    await people.person(town.anna.id)

    asked = [call for call in town.slack.calls if call.method == "users.info"]
    assert (first.name, first.is_external, first.is_guest) == ("anna", False, False)
    assert len(asked) == 2


async def test_someone_slack_does_not_know_is_of_another_organisation(town: Town) -> None:
    await town.start(keeps_time=False)

    person = await town.serve.slack.people.person("U0NOBODY")

    assert person.is_external


async def test_a_group_that_is_gone_grants_nothing_and_stops_nobody(town: Town) -> None:
    town.settings["sites"]["plant-a"]["access"]["admin"] = ["S0GONE"]
    await town.start(keeps_time=False)

    person = await town.serve.slack.people.person(town.anna.id)

    assert person.groups == frozenset()


async def test_someone_whose_workspace_slack_does_not_name_is_not_taken_for_ours(town: Town) -> None:
    await town.start(keeps_time=False)
    town.slack.happenings.person_changed(replace(town.anna, team_id=""))
    await town.serve.front.task_pool.settled()

    person = await town.serve.slack.people.person(town.anna.id)

    assert person.is_external
    assert town.serve.core.access.role(person, "plant-a") is None


async def test_members_of_a_private_channel_are_asked_page_by_page_and_kept_for_minutes(town: Town) -> None:
    many = [town.slack.add_person(f"p{number}") for number in range(1_200)]
    crew = town.slack.add_channel("crew", members=[*many, town.stan], private=True)
    town.settings["sites"]["plant-a"]["access"]["viewer"] = [crew.id]
    await town.start(keeps_time=False)
    people = town.serve.slack.people

    first = await people.person(town.stan.id)
    await people.person(many[-1].id)
    pages = [call for call in town.slack.calls if call.method == "conversations.members"]
    town.clock.advance(MAX_STALENESS)
    await people.person(town.stan.id)

    assert first.channels == {crew.id}
    assert len(pages) == 7  # of 200
    assert len([call for call in town.slack.calls if call.method == "conversations.members"]) == 14
