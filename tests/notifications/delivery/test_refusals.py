"""Every code of Slack's "no" for every way of sending: what stands there while it lasts, and what when it is over.

One database, one local Slack and one deliverer for each way; the codes come one after the other, each with its own
channel, and time is moved.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from domain.messages.refusals import CODES, RefusalKind
from notifications.alerts.app_refused import OwnersNotice
from notifications.rendering.renderer import Renderer
from storage.messages import holding, outbox
from tests.notifications.values import make_file, make_message
from tests.support.rows import refusal_of

if TYPE_CHECKING:
    from demo.slack import Channel, LocalSlack, Person
    from domain.messages.outbox import Message as Wish
    from tests.notifications.conftest import Post

TWO_HOURS = timedelta(hours=2)
FINAL = "Up to Date"
UNKNOWN = "a_code_of_next_year"
BY_KIND = {
    kind: [*(code for code, what in CODES.items() if what is kind), *([UNKNOWN] if kind is RefusalKind.APP else [])]
    for kind in RefusalKind
}


async def hours_pass(post: Post, duration: timedelta, *, step: timedelta = timedelta(minutes=6)) -> None:
    """In steps, longer than any pause of the app's: everything that may be sent is sent in each."""
    end = post.clock.now() + duration
    while post.clock.now() < end:
        await post.clock.advance(step)
        post.deliverer.wake()
        await post.deliverer.settled()


@dataclass(frozen=True)
class Way:
    """One way in which something reaches Slack, and the calls that it takes."""

    methods: tuple[str, ...]
    is_edit: bool = False
    is_file: bool = False
    to_person: bool = False

    def wish(self, post: Post, key: str, channel: str, person: str, text: str) -> Wish:
        """The message, as runs, digests and alerts put it."""
        expires = post.clock.now() + timedelta(days=1)
        if self.is_file:
            return make_file(key, channel=channel, expires_at=expires)
        if self.to_person:
            return make_message(key, channel=person, person=person, text=text, expires_at=expires)
        return make_message(key, channel=channel, text=text, expires_at=expires)


WAYS = {
    "post": Way(("chat.postMessage",)),
    "update": Way(("chat.update",), is_edit=True),
    "file": Way(("files.getUploadURLExternal", "files.completeUploadExternal"), is_file=True),
    "alert": Way(("chat.postMessage",), to_person=True),
    "digest": Way(("chat.postMessage",)),
}


class Stage:
    """Sends one message for each code, each to a place of its own, where its calls are refused with that code."""

    def __init__(self, slack: LocalSlack, post: Post, way: str, codes: list[str]) -> None:
        self.slack = slack
        self.post = post
        self.way = WAYS[way]
        self.places: dict[str, Channel] = {}
        self._wishes: list[Wish] = []
        for number, code in enumerate(codes):
            person = slack.add_person(f"p{number}", id=f"U9P{number:04}")
            channel = slack.add_channel(f"c{number}", id=f"C9C{number:04}", members=[person])
            self.places[code] = slack.dm(person) if self.way.to_person else channel
            self._wishes.append(self.way.wish(post, f"run:{code}", channel.id, person.id, FINAL))

    async def put_all(self, *, everywhere: bool = False) -> None:
        """Refuse, and then wish for them; an edit stands as In Progress before."""
        if self.way.is_edit:
            await self.post.put(*[replace(one, content={**one.content, "text": "In Progress"}) for one in self._wishes])
            await hours_pass(self.post, timedelta(minutes=1), step=timedelta(seconds=10))
        for number, code in enumerate(self.places):
            self._refuse(number, code, everywhere=everywhere)
        await self.post.put(*self._wishes)

    def _refuse(self, number: int, code: str, *, everywhere: bool) -> None:
        here = {f"C9C{number:04}", f"U9P{number:04}", f"D9P{number:04}"}
        for method in self.way.methods:
            self.slack.faults.error(
                method,
                code,
                times=None,
                where=lambda args: everywhere or (args.get("channel") or args.get("channel_id")) in here,
            )

    def is_final(self, code: str) -> bool:
        """Whether the last state stands there, once."""
        found = self.slack.messages(self.places[code])
        return len(found) == 1 and (bool(found[0].files) if self.way.is_file else found[0].text == FINAL)

    @property
    def missing(self) -> list[str]:
        """The codes whose message does not stand as it should."""
        return [code for code in self.places if not self.is_final(code)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("code", ["token_revoked", "missing_scope", UNKNOWN])
async def test_a_no_to_the_app_lets_everything_wait_and_is_told_once_when_it_is_over(
    slack: LocalSlack, plant_a: Channel, anna: Person, post: Post, way: str, code: str
) -> None:
    stage = Stage(slack, post, way, [code])
    post.deliverer.when_refused(OwnersNotice(Renderer(), clock=post.clock, owners=[anna.id]).app_refused)
    await stage.put_all(everywhere=True)
    if code != "token_revoked":
        slack.faults.error("chat.postMessage", code, times=None)
    else:
        slack.faults.refuse_app(code)
    await post.put(make_message("other", text="waits as well"))
    was_accepted = post.deliverer.is_accepted
    await hours_pass(post, TWO_HOURS)
    during, others = stage.missing, slack.messages(plant_a)
    tries = len([call for call in slack.refused if call.error == code])

    slack.faults.clear()
    await hours_pass(post, timedelta(minutes=12), step=timedelta(minutes=1))

    assert (was_accepted, during, others) == (False, [code], [])
    assert 8 <= tries <= 60
    assert (stage.missing, [one.text for one in slack.messages(plant_a)]) == ([], ["waits as well"])
    assert post.deliverer.is_accepted
    [told] = slack.messages(slack.dm(anna))
    assert f"`{code}`" in told.text
    assert await outbox.waiting() == 0


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [RefusalKind.APP, RefusalKind.PLACE, RefusalKind.PASSING])
async def test_no_code_loses_a_message_that_could_be_sent_later(
    slack: LocalSlack, plant_a: Channel, post: Post, way: str, kind: RefusalKind
) -> None:
    stage = Stage(slack, post, way, BY_KIND[kind])
    await stage.put_all()
    await post.put(make_message("other", text="goes through"))
    await hours_pass(post, TWO_HOURS)
    during = stage.missing

    slack.faults.clear()
    await hours_pass(post, timedelta(minutes=30), step=timedelta(seconds=30))

    assert during == BY_KIND[kind]
    assert stage.missing == []
    assert [one.text for one in slack.messages(plant_a)] == ["goes through"]
    assert post.deliverer.is_accepted


async def test_a_no_to_the_message_keeps_nobody_waiting_and_its_reason_is_kept(
    slack: LocalSlack, plant_a: Channel, post: Post
) -> None:
    stage = Stage(slack, post, "post", BY_KIND[RefusalKind.MESSAGE])
    await stage.put_all()
    await post.put(make_message("other", text="goes through"))
    await hours_pass(post, timedelta(minutes=1), step=timedelta(seconds=10))

    assert [one.text for one in slack.messages(plant_a)] == ["goes through"]
    assert post.deliverer.is_accepted
    assert await outbox.waiting() == 0
    assert [code for code in stage.places if code not in (await refusal_of(f"run:{code}") or "")] == []


async def test_what_waits_for_days_does_not_expire_meanwhile(slack: LocalSlack, plant_a: Channel, post: Post) -> None:
    slack.faults.refuse_app("account_inactive")
    await post.put(replace(make_message(text=FINAL), expires_at=post.clock.now() + timedelta(hours=20)))
    await hours_pass(post, timedelta(hours=40), step=timedelta(minutes=10))

    slack.faults.clear()
    await hours_pass(post, timedelta(minutes=12))

    assert [one.text for one in slack.messages(plant_a)] == [FINAL]


async def test_a_scope_that_was_never_granted_holds_up_only_what_needs_it(
    slack: LocalSlack, plant_a: Channel, post: Post
) -> None:
    slack.faults.error("files.*", "missing_scope", times=None)
    for number in range(4):
        await post.put(make_message(f"run:{number}", text=f"run {number}"), make_file(f"file:{number}"))
        await post.pass_time(30)
    runs = [one.text for one in slack.messages(plant_a)]
    was_accepted = post.deliverer.is_accepted

    await hours_pass(post, timedelta(hours=12))

    assert (runs, was_accepted) == ([f"run {number}" for number in range(4)], True)
    shown = [slack.plain(one) for one in slack.messages(plant_a)[4:]]
    assert ["could not be uploaded" in text for text in shown] == [True] * 4
    assert await outbox.waiting() == 0


async def test_a_killed_bot_tries_at_once_after_its_start(slack: LocalSlack, plant_a: Channel, post: Post) -> None:
    slack.faults.refuse_app("invalid_auth")
    await post.put(make_message(text=FINAL), make_file(thread_key="run:1"))
    await hours_pass(post, TWO_HOURS)
    await post.kill()
    slack.faults.clear()

    post.start()
    await post.pass_time(3)

    run, file = slack.messages(plant_a)
    assert (run.text, len(file.files), file.thread_ts) == (FINAL, 1, run.ts)


@pytest.mark.parametrize("step", [timedelta(days=3), timedelta(days=-3)], ids=["forward", "back"])
async def test_a_clock_that_is_set_changes_no_pause_after_a_no_to_the_app(
    slack: LocalSlack, post: Post, step: timedelta
) -> None:
    stage = Stage(slack, post, "post", ["token_revoked"])
    await stage.put_all(everywhere=True)
    slack.faults.clear()

    await holding.clock_set(step)
    post.clock.set_by(step)
    await post.deliverer.clock_set(step)
    await post.deliverer.settled()
    too_early = stage.missing
    await post.pass_time(30)

    assert too_early == ["token_revoked"]
    assert stage.missing == []
    assert post.deliverer.is_accepted
