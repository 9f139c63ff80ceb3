"""Five hundred user groups and five hundred private channels, at the rates that Slack allows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.slack.membership import MAX_CHANNELS_ASKED, MAX_STALENESS
from domain.digests.digests import DigestFields, DigestPeriod
from domain.errors import SlackTrouble
from domain.jobs.spoken import parse_schedule
from domain.messages.outbox import Message, MessageKind
from storage.subscriptions.digests import put_digest
from tests.features.access.doors import private_words

if TYPE_CHECKING:
    from demo.slack import Channel, Person, UserGroup
    from tests.support.serve_fixtures import Town

MANY = 500
MAX_CALLS = 6  # to find out who somebody is: each takes a tenth of a second at Slack
UNSURE = "Slack does not say just now which groups and channels you belong to."


@dataclass
class Crowd:
    """A company in which every site is given to a user group and to a private channel of its own."""

    town: Town
    groups: list[UserGroup] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)

    def build(self, *, count: int = MANY, in_group: dict[int, Person], in_channel: dict[int, Person]) -> None:
        """By number of the site, who is in its group and who in its channel."""
        for number in range(count):
            group = [in_group[number]] if number in in_group else []
            channel = [in_channel[number]] if number in in_channel else []
            self.groups.append(self.town.slack.add_group(f"team{number}", members=group))
            self.channels.append(self.town.slack.add_channel(f"crew{number}", members=channel, private=True))
            access = {"viewer": [self.groups[-1].id, self.channels[-1].id]}
            self.town.settings["sites"][f"site-{number}"] = {"access": access, "digests": []}
            device = {"site": f"site-{number}", "host": "192.0.2.1", "platform": "cisco_ios", "credential": "lab"}
            self.town.settings["devices"][f"sw-{number}"] = device

    def asked(self) -> Counter[str]:
        """How often Slack was asked who somebody is."""
        about = ("users.", "usergroups.", "conversations.members", "conversations.info")
        return Counter(call.method for call in self.town.slack.calls if call.method.startswith(about))

    async def sees(self, person: Person) -> list[str]:
        """The sites that a person sees."""
        access, found = self.town.serve.core.access, await self.town.serve.slack.people.person(person.id)
        return [site.key for site in access.visible_sites(found)]

    def message(self, person: Person, site: str) -> Message:
        """One for this person about ``site``."""
        about = (site,)
        return Message(key=site, kind=MessageKind.POST, channel=person.id, person=person.id, sites=about, content={})

    async def told(self) -> None:
        """Wait until ``serve`` has heard of what happened in Slack."""
        await self.town.slack.settled()
        await self.town.serve.front.task_pool.settled()


@pytest.fixture
def crowd(town: Town) -> Crowd:
    """Not built yet."""
    return Crowd(town)


async def test_w2_first_command_after_a_cold_start_needs_few_calls_and_knows_everything(crowd: Crowd) -> None:
    crowd.build(in_group={7: crowd.town.stan}, in_channel={499: crowd.town.stan, 3: crowd.town.vera})
    await crowd.town.start(keeps_time=False)

    said = await private_words(crowd.town, crowd.town.stan, "/backup devices")

    assert "sw-7" in said
    assert "sw-499" in said
    assert "sw-3" not in said
    assert crowd.asked().total() <= MAX_CALLS
    assert not [call for call in crowd.town.slack.refused if call.error == "ratelimited"]


async def test_w2_somebody_in_all_of_them_is_known_at_once_too(crowd: Crowd) -> None:
    everywhere = dict.fromkeys(range(MANY), crowd.town.stan)
    crowd.build(in_group={}, in_channel=everywhere)
    await crowd.town.start(keeps_time=False)

    seen = await crowd.sees(crowd.town.stan)

    assert len(seen) == MANY
    assert crowd.asked().total() <= MAX_CALLS


async def test_w2_pickers_home_digests_and_sending_ask_as_little(crowd: Crowd) -> None:
    town, stan = crowd.town, crowd.town.stan
    crowd.build(in_group={7: stan}, in_channel={499: stan})
    await town.start(keeps_time=False)
    about = [f"site-{number}" for number in range(MANY)]

    verdicts = {site: await town.serve.slack.gate.verdict(crowd.message(stan, site)) for site in about}
    offered = await town.serve.front.handler.options(stan.id, frozenset({stan.team_id}), "pick:show", "sw-")
    await town.serve.front.home.publish(stan.id, frozenset({stan.team_id}))
    schedule = parse_schedule("daily 07:00")
    digest = DigestFields(recipient=stan.id, site="site-7", period=DigestPeriod.DAY, schedule=schedule, zone="UTC")
    await put_digest(digest, now=town.clock.now())
    town.clock.advance(timedelta(days=1))
    await town.serve.engine.digester.tick()

    assert [site for site, withheld in verdicts.items() if withheld is None] == ["site-7", "site-499"]
    assert {one.value for one in offered} == {"sw-7", "sw-499"}
    assert "site-7" in str(town.slack.home(stan)).casefold()
    assert town.serve.engine.digester.put == 1


async def test_w2_a_hundred_people_at_once_share_what_is_the_same_for_all(crowd: Crowd) -> None:
    people = [crowd.town.slack.add_person(f"p{number}") for number in range(40)]
    crowd.build(count=MAX_CHANNELS_ASKED, in_group={1: people[0]}, in_channel={2: people[1]})
    await crowd.town.start(keeps_time=False)

    seen = [await crowd.sees(person) for person in people]

    asked = crowd.asked()
    assert (seen[0], seen[1], seen[2]) == (["site-1"], ["site-2"], [])
    assert asked["usergroups.list"] == 1
    assert asked["conversations.members"] == MAX_CHANNELS_ASKED
    assert asked["users.conversations"] == 1  # of the bot


NOT_ASKED = {
    "user groups, of many": (MANY, "usergroups.list", {"site-499"}),
    "channels, of many": (MANY, "users.conversations", {"site-7"}),
    "user groups, of few": (9, "usergroups.list", {"site-8"}),
}


@pytest.mark.parametrize(("count", "method", "left"), NOT_ASKED.values(), ids=NOT_ASKED)
async def test_w2_what_cannot_be_asked_takes_nothing_from_the_rest(
    crowd: Crowd, count: int, method: str, left: set[str]
) -> None:
    town, stan = crowd.town, crowd.town.stan
    crowd.build(count=count, in_group={7: stan}, in_channel={count - 1: stan})
    await town.start(keeps_time=False)
    town.slack.faults.error(method, "internal_error", times=None)
    seen = await crowd.sees(stan)
    said = await private_words(town, stan, "/backup history sw-5")

    assert set(seen) == left
    assert UNSURE in said
    for site in ("site-7", f"site-{count - 1}"):
        if site in left:
            assert await town.serve.slack.gate.verdict(crowd.message(stan, site)) is None
        else:
            with pytest.raises(SlackTrouble):  # it waits: nobody knows yet
                await town.serve.slack.gate.verdict(crowd.message(stan, site))


async def test_w2_one_channel_that_cannot_be_asked_is_found_in_the_persons_own_list(crowd: Crowd) -> None:
    crowd.build(count=5, in_group={}, in_channel={1: crowd.town.stan, 4: crowd.town.stan})
    await crowd.town.start(keeps_time=False)
    last = crowd.channels[4].id
    crowd.town.slack.faults.server_error(
        "conversations.members", times=None, where=lambda args: args["channel"] == last
    )

    assert await crowd.sees(crowd.town.stan) == ["site-1", "site-4"]


@pytest.mark.parametrize("count", [3, MANY])
async def test_w2_access_that_is_taken_away_counts_at_once_also_when_nothing_can_be_asked(
    crowd: Crowd, count: int
) -> None:
    town, stan = crowd.town, crowd.town.stan
    crowd.build(count=count, in_group={0: stan, 1: stan}, in_channel={2: stan})
    await town.start(keeps_time=False)
    before = await crowd.sees(stan)
    for method in ("usergroups.list", "users.conversations", "conversations.members"):
        town.slack.faults.server_error(method, times=None)

    town.slack.happenings.group_changed(crowd.groups[0], [])
    await crowd.told()
    without_group = await crowd.sees(stan)
    town.slack.happenings.group_updated(replace(crowd.groups[1], deleted=True))
    town.slack.happenings.left(stan.id, crowd.channels[2].id)
    await crowd.told()

    assert before == ["site-0", "site-1", "site-2"]
    assert without_group == ["site-1", "site-2"]
    assert await crowd.sees(stan) == []


async def test_w2_a_channel_that_the_bot_leaves_or_that_is_archived_grants_nothing_more(crowd: Crowd) -> None:
    town, stan = crowd.town, crowd.town.stan
    crowd.build(count=3, in_group={}, in_channel={0: stan, 1: stan, 2: stan})
    await town.start(keeps_time=False)
    before = await crowd.sees(stan)

    town.slack.happenings.left(town.slack.identity.bot_user, crowd.channels[0].id)
    town.slack.happenings.archived(crowd.channels[1].id, town.olga.id)
    await crowd.told()
    after = await crowd.sees(stan)
    town.slack.happenings.joined(town.slack.identity.bot_user, crowd.channels[0].id)
    town.slack.happenings.unarchived(crowd.channels[1].id, town.olga.id)
    await crowd.told()

    assert (len(before), after, await crowd.sees(stan)) == (3, ["site-2"], before)


@pytest.mark.parametrize("count", [3, MANY])
async def test_w2_who_comes_in_is_let_in_at_once(crowd: Crowd, count: int) -> None:
    town, stan = crowd.town, crowd.town.stan
    crowd.build(count=count, in_group={}, in_channel={})
    await town.start(keeps_time=False)
    before = await crowd.sees(stan)

    town.slack.happenings.group_changed(crowd.groups[0], [stan.id])
    town.slack.happenings.joined(stan.id, crowd.channels[2].id)
    await crowd.told()
    after = await crowd.sees(stan)
    town.slack.happenings.group_changed(town.slack.store.groups[crowd.groups[0].id], [])
    await crowd.told()
    town.slack.happenings.group_changed(town.slack.store.groups[crowd.groups[0].id], [stan.id])  # out, and in again
    await crowd.told()

    assert (before, after, await crowd.sees(stan)) == ([], ["site-0", "site-2"], ["site-0", "site-2"])


async def test_w2_what_slack_did_not_tell_is_known_within_five_minutes(crowd: Crowd) -> None:
    town, stan = crowd.town, crowd.town.stan
    crowd.build(count=3, in_group={0: stan}, in_channel={2: stan})
    await town.start(keeps_time=False)
    before = await crowd.sees(stan)
    town.slack.store.groups[crowd.groups[0].id] = replace(crowd.groups[0], members=())
    town.slack.store.put_channel(replace(crowd.channels[2], members=frozenset({town.slack.identity.bot_user})))

    town.clock.advance(MAX_STALENESS)

    assert (before, await crowd.sees(stan)) == (["site-0", "site-2"], [])


async def test_w2_a_list_of_members_that_slack_cut_short_takes_nobody_out(crowd: Crowd) -> None:
    town, stan = crowd.town, crowd.town.stan
    many = [town.slack.add_person(f"p{number}") for number in range(600)]
    crowd.build(count=1, in_group={}, in_channel={})
    group = replace(crowd.groups[0], members=tuple(one.id for one in [*many, stan]))
    town.slack.store.groups[group.id] = group
    await town.start(keeps_time=False)
    before = await crowd.sees(stan)
    town.slack.faults.server_error("usergroups.list", times=None)

    town.slack.happenings.group_updated(replace(group, name="Renamed"))
    await crowd.told()

    assert (before, await crowd.sees(stan)) == (["site-0"], ["site-0"])
