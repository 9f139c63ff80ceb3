"""Messages stand in Slack once, in order and at Slack's pace, whatever goes wrong on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from domain.messages.outbox import MessageKind
from storage.messages import outbox
from tests.notifications.values import make_file, make_message
from tests.support.rows import refusal_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.slack import Channel, LocalSlack, Person
    from demo.slack.web.faults import Faults
    from domain.messages.outbox import Message
    from tests.notifications.conftest import Post

BLOCKS_50 = [{"type": "section", "text": {"type": "mrkdwn", "text": f"block {n}"}} for n in range(60)]


def seen(slack: LocalSlack, channel: Channel) -> list[str]:
    return [message.text for message in slack.messages(channel)]


async def test_message_is_posted_once_and_edited_afterwards(slack: LocalSlack, plant_a: Channel, post: Post) -> None:
    await post.put(make_message(text="Pending"))
    await post.pass_time(2)

    await post.put(make_message(text="Modified"))

    [message] = slack.messages(plant_a)
    assert (message.text, message.edits) == ("Modified", 1)


async def test_channel_gets_one_message_a_second_in_the_order_put(
    slack: LocalSlack, plant_a: Channel, post: Post
) -> None:
    await post.put(*[make_message(f"run:{n}", text=f"number {n}") for n in range(3)])

    first = seen(slack, plant_a)
    await post.pass_time(1)
    second = seen(slack, plant_a)
    await post.pass_time(1)

    assert first == ["number 0"]
    assert second == ["number 0", "number 1"]
    assert seen(slack, plant_a) == ["number 0", "number 1", "number 2"]


async def test_two_channels_do_not_wait_for_each_other(slack: LocalSlack, plant_a: Channel, post: Post) -> None:
    plant_b = slack.add_channel("plant-b")

    await post.put(make_message("run:1"), make_message("run:2", channel=plant_b.id))

    assert (len(slack.messages(plant_a)), len(slack.messages(plant_b))) == (1, 1)


async def test_progress_is_edited_every_few_seconds_and_the_end_at_once(
    slack: LocalSlack, plant_a: Channel, post: Post
) -> None:
    for n in range(12):
        await post.put(make_message(text=f"step {n}", progress=True))
        await post.pass_time(1)
    edits_before = slack.messages(plant_a)[0].edits

    await post.put(make_message(text="Up to Date"))

    [message] = slack.messages(plant_a)
    assert edits_before <= 4
    assert message.text == "Up to Date"


async def test_reply_waits_for_its_message_and_hangs_under_it(slack: LocalSlack, plant_a: Channel, post: Post) -> None:
    await post.put(make_message("run:1:diff", text="diff", thread_key="run:1"), make_message("run:1", text="run"))
    await post.pass_time(2)

    [run] = [message for message in slack.messages(plant_a) if message.thread_ts is None]
    assert [reply.text for reply in slack.thread(plant_a, run.ts)] == ["diff"]


async def test_reply_to_a_message_inside_a_thread_stands_in_that_thread(
    slack: LocalSlack, plant_a: Channel, post: Post
) -> None:
    await post.put(make_message("question", text="question"))
    root = slack.messages(plant_a)[0].ts

    await post.put(
        make_message("run:1", text="run", thread_ts=root),
        make_message("run:1:diff", text="diff", thread_ts=root, thread_key="run:1"),
    )
    await post.pass_time(3)

    assert [reply.text for reply in slack.thread(plant_a, root)] == ["run", "diff"]


FAULTS = [
    pytest.param(lambda faults, method: faults.rate_limit(method, retry_after=3), id="429"),
    pytest.param(lambda faults, method: faults.server_error(method), id="503 before the effect"),
    pytest.param(lambda faults, method: faults.server_error(method, after_effect=True), id="503 after the effect"),
    pytest.param(lambda faults, method: faults.server_error(method, status=500, times=3), id="500 three times"),
    pytest.param(lambda faults, method: faults.drop(method), id="dropped before the effect"),
    pytest.param(lambda faults, method: faults.drop(method, after_effect=True), id="response lost"),
    pytest.param(lambda faults, method: faults.error(method, "internal_error"), id="internal error"),
]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update", "*"])
async def test_fault_leaves_one_message_with_the_true_final_state(
    slack: LocalSlack, plant_a: Channel, post: Post, fault: Callable[[Faults, str], object], method: str
) -> None:
    fault(slack.faults, method)

    await post.put(make_message(text="Pending", progress=True))
    await post.put(make_message(text="In Progress", progress=True))
    await post.pass_time(4)
    await post.put(make_message(text="Modified"))
    await post.pass_time(20)

    assert seen(slack, plant_a) == ["Modified"]


async def test_pause_of_one_channel_leaves_the_others_flowing(slack: LocalSlack, plant_a: Channel, post: Post) -> None:
    plant_b = slack.add_channel("plant-b")
    slack.faults.rate_limit("chat.postMessage", retry_after=30, where=lambda args: args["channel"] == plant_a.id)

    await post.put(make_message("run:1"), make_message("run:2", channel=plant_b.id))
    await post.pass_time(10)
    at_ten = len(slack.messages(plant_a))
    await post.pass_time(21)

    assert len(slack.messages(plant_b)) == 1
    assert at_ten == 0
    assert len(slack.messages(plant_a)) == 1
    assert [call.status for call in slack.calls if call.args.get("channel") == plant_a.id] == [429, 200]


async def test_outage_delays_messages_and_loses_none(slack: LocalSlack, plant_a: Channel, post: Post) -> None:
    await slack.faults.outage(timedelta(minutes=5))
    await post.put(make_message("run:1", text="one"), make_message("run:2", text="two"))
    await post.pass_time(290)
    during = seen(slack, plant_a)

    await post.pass_time(90)

    assert during == []
    assert seen(slack, plant_a) == ["one", "two"]


async def test_message_that_slack_never_takes_does_not_hold_the_others_back_for_ever(
    slack: LocalSlack, plant_a: Channel, post: Post
) -> None:
    slack.faults.error("chat.postMessage", "fatal_error", times=None, where=lambda args: args["text"] == "poison")

    await post.put(make_message("run:1", text="poison"), make_message("run:2", text="two"))
    await post.pass_time(300)

    assert seen(slack, plant_a) == ["two"]


@pytest.mark.parametrize("closed", ["not a member", "archived", "unknown"])
async def test_closed_channel_moves_the_message_to_the_person_with_a_hint(
    slack: LocalSlack, anna: Person, post: Post, closed: str
) -> None:
    elsewhere = slack.add_channel(
        "elsewhere", members=[anna], archived=closed == "archived", bot_is_member=closed == "archived"
    )
    channel = "C0NOWHERE" if closed == "unknown" else elsewhere.id

    await post.put(make_message(text="Pending", channel=channel, fallback=anna.id, progress=True))
    await post.pass_time(5)
    await post.put(
        make_message(text="Modified", channel=channel, fallback=anna.id),
        make_message("run:1:diff", text="diff", channel=channel, fallback=anna.id, thread_key="run:1"),
    )
    await post.pass_time(5)

    [message, reply] = slack.messages(slack.dm(anna))
    assert (message.text, message.edits, reply.thread_ts) == ("Modified", 1, message.ts)
    assert "/invite @Lastgood" in slack.plain(message)
    assert {asked.person for asked in post.gate.asked if asked.channel == anna.id} == {anna.id}


async def test_channel_closed_for_good_without_anybody_to_tell_is_given_up_with_its_reason(
    slack: LocalSlack, post: Post
) -> None:
    closed = slack.add_channel("closed", archived=True)

    await post.put(make_message(channel=closed.id))

    assert "is_archived" in (await refusal_of("run:1") or "")


async def test_withheld_message_is_not_sent(slack: LocalSlack, plant_a: Channel, post: Post) -> None:
    post.gate.reason = "U02ANNA may not see plant-a"

    await post.put(make_message())
    await post.pass_time(3)

    assert seen(slack, plant_a) == []
    assert await refusal_of("run:1") == "U02ANNA may not see plant-a"


async def test_blocks_that_slack_refuses_are_sent_as_text(slack: LocalSlack, plant_a: Channel, post: Post) -> None:
    broken = make_message(content={"text": "the words remain", "blocks": BLOCKS_50})

    await post.put(broken)

    [message] = slack.messages(plant_a)
    assert (message.text, message.blocks) == ("the words remain", ())


async def test_message_that_somebody_deleted_is_posted_anew_with_its_final_state(
    slack: LocalSlack, plant_a: Channel, post: Post
) -> None:
    await post.put(make_message(text="Pending"))
    [message] = slack.messages(plant_a)
    slack.store.drop_message(message)

    await post.put(make_message(text="Failed"))
    await post.pass_time(3)
    await post.put(make_message(text="Failed, cancelled"))
    await post.pass_time(3)

    assert seen(slack, plant_a) == ["Failed, cancelled"]


@pytest.mark.parametrize("moment", ["chat.postMessage", "files.completeUploadExternal"])
async def test_kill_between_effect_and_answer_sends_nothing_twice(
    slack: LocalSlack, plant_a: Channel, post: Post, moment: str
) -> None:
    slow = slack.faults.slow(moment, timedelta(minutes=1))
    await outbox.put([make_message(), make_file(thread_key="run:1")], now=post.clock.now())
    post.deliverer.wake()
    if moment != "chat.postMessage":
        await slack.wait_for(lambda: slack.messages(plant_a))
        await post.clock.advance(timedelta(seconds=1))
    await slack.wait_for(lambda: slow.happened)

    await post.kill()
    await post.clock.advance(timedelta(minutes=1))
    post.start()
    await post.pass_time(5)

    [message, file] = slack.messages(plant_a)
    assert message.thread_ts is None
    assert file.files
    assert file.thread_ts == message.ts


async def test_mark_of_ours_on_a_message_of_another_app_is_not_believed(
    slack: LocalSlack, plant_a: Channel, post: Post
) -> None:
    slack.faults.drop("chat.postMessage")
    payload = {"key": "run:1", "revision": 1}
    forged = slack.workspace.post(plant_a, "forged", metadata={"event_type": "lastgood", "event_payload": payload})
    slack.store.put_message(replace(forged, bot_id="B0OTHER"))

    await post.put(make_message())
    await post.pass_time(60)

    assert [one.bot_id for one in slack.messages(plant_a)] == ["B0OTHER", slack.identity.bot]


async def test_stop_finishes_the_message_in_hand_and_starts_no_other(
    slack: LocalSlack, plant_a: Channel, post: Post
) -> None:
    slow = slack.faults.slow("chat.postMessage", timedelta(seconds=1))
    await outbox.put([make_message("run:1"), make_message("run:2")], now=post.clock.now())
    post.deliverer.wake()
    await slack.wait_for(lambda: slow.happened)

    await post.deliverer.stop()
    await post.clock.advance(timedelta(seconds=1))
    await post.task

    delivered = await outbox.delivery_of("run:1")
    assert delivered is not None
    assert (delivered.ts, delivered.in_doubt) == (slack.messages(plant_a)[0].ts, False)
    assert len(slack.messages(plant_a)) == 1


async def test_d6_file_goes_up_by_its_length_in_bytes_and_stands_in_the_thread(
    slack: LocalSlack, plant_a: Channel, post: Post
) -> None:
    await post.put(make_message(), make_file(thread_key="run:1", text="-größe 1\n+größe 2 🟢\n"))
    await post.pass_time(3)

    [run, share] = slack.messages(plant_a)
    file = slack.store.files[share.files[0]]
    assert share.thread_ts == run.ts
    assert (file.content.decode(), file.snippet_type) == ("-größe 1\n+größe 2 🟢\n", "diff")


@pytest.mark.parametrize("step", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_fault_in_any_step_of_an_upload_shares_the_file_once(
    slack: LocalSlack, plant_a: Channel, post: Post, fault: Callable[[Faults, str], object], step: str
) -> None:
    fault(slack.faults, step)

    await post.put(make_file())
    await post.pass_time(60)

    [share] = slack.messages(plant_a)
    assert share.files


@pytest.mark.parametrize("code", ["file_uploads_disabled", "storage_limit_reached", "snippet_too_large"])
async def test_refused_upload_shows_the_beginning_of_the_file_instead(
    slack: LocalSlack, plant_a: Channel, post: Post, code: str
) -> None:
    slack.faults.error("files.getUploadURLExternal", code, times=None)

    await post.put(make_message(), make_file(thread_key="run:1", text="+line\n" * 5_000))
    await post.pass_time(5)

    [run, reply] = slack.messages(plant_a)
    assert reply.thread_ts == run.ts
    assert "+line" in slack.plain(reply)


async def test_upload_that_never_succeeds_is_shown_inline(slack: LocalSlack, plant_a: Channel, post: Post) -> None:
    slack.faults.server_error("upload", times=None)

    await post.put(make_file())
    await post.pass_time(120)

    [message] = slack.messages(plant_a)
    assert "could not be uploaded" in slack.plain(message)


async def test_answer_through_a_dead_response_url_reaches_the_person_another_way(
    slack: LocalSlack, plant_a: Channel, anna: Person, post: Post
) -> None:
    dead = f"{slack.url}/actions/T0LOCAL/gone"
    wish = make_message("answer:1", kind=MessageKind.RESPOND, response_url=dead, person=anna.id, text="done")

    await post.put(wish)
    await post.pass_time(3)

    [message] = slack.messages(plant_a, seen_by=anna)
    assert (message.text, message.ephemeral_for) == ("done", anna.id)


async def test_ephemeral_to_a_channel_without_the_bot_becomes_a_direct_message(
    slack: LocalSlack, anna: Person, post: Post
) -> None:
    elsewhere = slack.add_channel("elsewhere", members=[anna], bot_is_member=False)
    wish = make_message("answer:1", kind=MessageKind.EPHEMERAL, channel=elsewhere.id, person=anna.id, text="done")

    await post.put(wish)
    await post.pass_time(3)

    assert [message.text for message in slack.messages(slack.dm(anna))] == ["done"]


async def test_expired_message_is_not_sent(slack: LocalSlack, plant_a: Channel, post: Post) -> None:
    late = replace(make_message(), expires_at=post.clock.now() - timedelta(seconds=1))

    await post.put(late)
    await post.pass_time(2)

    assert seen(slack, plant_a) == []


class BrokenGate:
    """Crashes for one message, as a bug would."""

    async def verdict(self, message: Message) -> str | None:
        """Stumbles over ``run:1``."""
        if message.key == "run:1":
            raise KeyError(message.key)
        return None


async def test_bug_that_one_message_meets_stops_neither_the_others_nor_delivery(
    slack: LocalSlack, plant_a: Channel, post: Post
) -> None:
    await post.kill()
    post.gate = BrokenGate()  # type: ignore[assignment]  # a gate of another kind
    post.start()

    await post.put(make_message("run:1", text="cursed"), make_message("run:2", text="fine"))
    await post.pass_time(5)

    assert seen(slack, plant_a) == ["fine"]


async def test_message_waits_while_nobody_can_tell_whether_it_may_be_sent(
    slack: LocalSlack, plant_a: Channel, post: Post
) -> None:
    post.gate.trouble = True
    await post.put(make_message(text="for those who may see it"))
    await post.pass_time(10)
    before = seen(slack, plant_a)
    post.gate.trouble = False

    await post.pass_time(20)

    assert before == []
    assert seen(slack, plant_a) == ["for those who may see it"]


async def test_answer_through_a_response_url_is_seen_by_its_person_alone(
    slack: LocalSlack, plant_a: Channel, anna: Person, post: Post
) -> None:
    url = slack.workspace.issue_response_url(anna, plant_a.id)
    wish = make_message("answer:1", kind=MessageKind.RESPOND, response_url=url, person=anna.id, text="done")

    await post.put(wish)

    assert seen(slack, plant_a) == []
    assert [message.text for message in slack.messages(plant_a, seen_by=anna)] == ["done"]


async def test_answer_lets_few_of_its_channel_pass_however_long_the_queue(
    slack: LocalSlack, plant_a: Channel, anna: Person, post: Post
) -> None:
    queue = [make_message(f"run:{n}", text=f"number {n}") for n in range(20)]
    answer = make_message("answer:1", kind=MessageKind.EPHEMERAL, person=anna.id, text="done")

    await post.put(*queue)
    await post.put(answer)
    await post.pass_time(4)

    seen_by_anna = [message.text for message in slack.messages(plant_a, seen_by=anna)]
    assert seen_by_anna == ["number 0", "number 1", "number 2", "done", "number 3"]
