"""What Slack does not take as it is reaches people in another form, or in another place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from domain.messages.outbox import MessageKind
from notifications.delivery.errors import SlackRefusal
from notifications.delivery.plainer import MessageForm, plainer
from notifications.delivery.retry_after import DEFAULT_RATE_LIMIT_PAUSE, MAX_RATE_LIMIT_PAUSE, pause_of
from notifications.rendering.block_limits import characters
from storage.messages import outbox
from tests.notifications.values import make_file, make_message
from tests.support.rows import refusal_of

if TYPE_CHECKING:
    from demo.slack import Channel, LocalSlack, Person
    from domain.messages.outbox import Message
    from tests.notifications.conftest import Post

CLOSED = ["not_in_channel", "channel_not_found", "is_archived", "is_inactive", "restricted_action_read_only_channel"]
TABLE = {"type": "table", "rows": [[{"type": "raw_text", "text": text} for text in row] for row in ("ab", "cd")]}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def texts(slack: LocalSlack, channel: Channel) -> list[str]:
    return [message.text for message in slack.messages(channel)]


@pytest.mark.parametrize("code", CLOSED)
async def test_the_end_of_a_run_goes_to_its_asker_when_the_channel_closed_meanwhile(
    slack: LocalSlack, plant_a: Channel, anna: Person, post: Post, code: str
) -> None:
    await post.put(make_message(text="In Progress", fallback=anna.id, progress=True))
    slack.faults.error("chat.*", code, times=None, where=lambda args: args["channel"] == plant_a.id)

    await post.pass_time(3)
    await post.put(
        make_message(text="Modified", fallback=anna.id),
        make_message("run:1:diff", text="diff", fallback=anna.id, thread_key="run:1"),
    )
    await post.pass_time(6)
    await post.put(make_message(text="Modified, reviewed", fallback=anna.id))
    await post.pass_time(4)

    [message, diff] = slack.messages(slack.dm(anna))
    assert (message.text, message.edits, diff.text, diff.thread_ts) == ("Modified, reviewed", 1, "diff", message.ts)
    assert texts(slack, plant_a) == ["In Progress"]
    assert await outbox.waiting() == 0


async def test_a_diff_goes_to_the_asker_when_the_channel_closed_after_the_end_of_the_run(
    slack: LocalSlack, plant_a: Channel, anna: Person, post: Post
) -> None:
    await post.put(make_message(text="Modified", fallback=anna.id))
    slack.happenings.archived(plant_a.id, anna.id)

    await post.put(make_message("run:1:diff", text="diff", fallback=anna.id, thread_key="run:1"))
    await post.pass_time(4)

    assert texts(slack, slack.dm(anna)) == ["diff"]


@pytest.mark.parametrize("code", ["cant_update_message", "edit_window_closed", "block_mismatch"])
@pytest.mark.parametrize("can_delete", [True, False], ids=["deletes", "cannot delete"])
async def test_no_message_stays_in_progress_when_slack_lets_it_be_edited_no_more(
    slack: LocalSlack, plant_a: Channel, post: Post, code: str, *, can_delete: bool
) -> None:
    await post.put(make_message(text="In Progress", progress=True))
    slack.faults.error("chat.update", code, times=1)
    if not can_delete:
        slack.faults.error("chat.delete", "cant_delete_message", times=None)

    await post.pass_time(3)
    await post.put(make_message(text="Modified"))
    await post.pass_time(3)

    assert texts(slack, plant_a) == (["Modified"] if can_delete else ["In Progress", "Modified"])


@pytest.mark.parametrize("code", ["thread_not_found", "cannot_reply_to_message", "restricted_action_thread_locked"])
async def test_a_reply_stands_outside_of_a_thread_that_takes_none(
    slack: LocalSlack, plant_a: Channel, post: Post, code: str
) -> None:
    slack.faults.error("chat.postMessage", code, times=None, where=lambda args: "thread_ts" in args)

    await post.put(make_message(text="run"), make_message("run:1:diff", text="diff", thread_key="run:1"))
    await post.pass_time(3)

    assert [(one.text, one.thread_ts) for one in slack.messages(plant_a)] == [("run", None), ("diff", None)]


@pytest.mark.parametrize("body", ["html", "plain", "cut"])
@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("method", ["chat.postMessage", "files.completeUploadExternal", "auth.test"])
async def test_a_5xx_is_trouble_whatever_stands_in_its_body(
    slack: LocalSlack, plant_a: Channel, post: Post, status: int, body: str, method: str
) -> None:
    slack.faults.server_error(method, status=status, body=body, times=2)

    await post.put(make_message(text="run"), make_file(thread_key="run:1"))
    await post.pass_time(20)

    [run, file] = slack.messages(plant_a)
    assert (run.text, len(file.files)) == ("run", 1)
    assert post.deliverer.is_accepted


async def test_a_file_that_slack_shared_and_stumbled_over_is_not_shared_again(
    slack: LocalSlack, plant_a: Channel, post: Post
) -> None:
    slack.faults.error("files.completeUploadExternal", "internal_error", after_effect=True, times=1)

    await post.put(make_message(text="run"), make_file(thread_key="run:1"))
    await post.pass_time(20)

    assert [len(one.files) for one in slack.messages(plant_a)] == [0, 1]


async def test_blocks_that_slack_stumbles_over_again_and_again_are_sent_plainer(
    slack: LocalSlack, plant_a: Channel, post: Post
) -> None:
    slack.faults.error("chat.*", "internal_error", times=None, where=lambda args: "raw_text" in str(args.get("blocks")))
    content = {"text": "two devices", "blocks": [section("two devices"), TABLE], "progress": False}

    await post.put(make_message(content=content), make_message("run:2", text="after it"))
    await post.pass_time(30)

    first = next(one for one in slack.messages(plant_a) if one.text == "two devices")
    assert [block["type"] for block in first.blocks] == ["section", "rich_text"]
    assert "after it" in texts(slack, plant_a)


async def test_an_outage_makes_no_message_plainer(slack: LocalSlack, plant_a: Channel, post: Post) -> None:
    content = {"text": "two devices", "blocks": [section("two devices"), TABLE], "progress": False}
    await slack.faults.outage(timedelta(minutes=4))

    await post.put(make_message(content=content))
    await post.pass_time(360)

    [message] = slack.messages(plant_a)
    assert [block["type"] for block in message.blocks] == ["section", "table"]


async def test_too_long_blocks_become_fewer_step_by_step(slack: LocalSlack, plant_a: Channel, post: Post) -> None:
    slack.faults.error("chat.*", "msg_blocks_too_long", times=None, where=lambda args: len(str(args["blocks"])) > 2_500)
    content = {"text": "a list", "blocks": [section(f"line {n:02} " * 8) for n in range(40)], "progress": False}

    await post.put(make_message(content=content))

    [message] = slack.messages(plant_a)
    assert 5 <= len(message.blocks) < 40
    assert f"and {41 - len(message.blocks)} more" in slack.plain(message)


def test_one_block_that_is_too_long_is_cut_before_it_is_left_out() -> None:
    form, sizes = MessageForm("text", [section("x" * 2_900), section("y" * 2_900)]), []
    refused = SlackRefusal("chat.postMessage", "msg_blocks_too_long")
    while (found := plainer(form, refused)) and found.blocks:
        form = found
        sizes.append(characters(form.blocks))

    assert found is None or found.text == "text"
    assert sizes == sorted(sizes, reverse=True)


async def test_a_text_that_is_too_long_is_shortened_before_blocks_are_dropped(
    slack: LocalSlack, plant_a: Channel, post: Post
) -> None:
    slack.faults.error("chat.*", "msg_too_long", times=None, where=lambda args: len(args["text"]) > 1_500)

    await post.put(make_message(content={"text": "w" * 2_500, "blocks": [section("stays")], "progress": False}))

    [message] = slack.messages(plant_a)
    assert (len(message.text), len(message.blocks)) == (1_000 - 1, 1)


WRITTEN = "Mon, 02 Mar 2026 06:00:00 GMT"


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("3", 3),
        ("2.5", 2.5),
        (" 7 ", 7),
        ("0", 1),
        ("-5", 1),
        ("1e3", 1_000),
        ("99999999999999999999", MAX_RATE_LIMIT_PAUSE.total_seconds()),
        ("inf", MAX_RATE_LIMIT_PAUSE.total_seconds()),
        ("nan", DEFAULT_RATE_LIMIT_PAUSE.total_seconds()),
        ("soon", DEFAULT_RATE_LIMIT_PAUSE.total_seconds()),
        ("", DEFAULT_RATE_LIMIT_PAUSE.total_seconds()),
        ("Mon, 02 Mar 2026 06:00:45 GMT", 45),
        ("Mon, 02 Mar 2026 05:00:00 GMT", 1),
        ("Mon, 02 Mar 2036 06:00:00 GMT", MAX_RATE_LIMIT_PAUSE.total_seconds()),
        ("Mon, 99 Mar 2026 06:00:00 GMT", DEFAULT_RATE_LIMIT_PAUSE.total_seconds()),
    ],
)
@pytest.mark.parametrize("name", ["Retry-After", "retry-after"])
def test_retry_after_is_read_in_whatever_form(name: str, given: str, seconds: float) -> None:
    assert pause_of({name: given, "Date": WRITTEN}) == timedelta(seconds=seconds)
    assert pause_of({name: [given], "date": [WRITTEN]}) == timedelta(seconds=seconds)


def test_a_missing_retry_after_and_one_by_our_own_clock() -> None:
    in_a_minute = (datetime.now(UTC) + timedelta(minutes=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")

    assert pause_of({}) == DEFAULT_RATE_LIMIT_PAUSE
    assert timedelta(seconds=30) < pause_of({"Retry-After": in_a_minute}) <= timedelta(minutes=1)


@pytest.mark.parametrize(("given", "after"), [("2.5", 3), (None, 31), ("-1", 2), ("in a while", 31)])
async def test_a_message_waits_as_long_as_slack_says_in_any_form(
    slack: LocalSlack, plant_a: Channel, post: Post, given: str | None, after: int
) -> None:
    slack.faults.rate_limit("chat.postMessage", retry_after=given)

    await post.put(make_message(text="run"))
    await post.pass_time(after - 2)
    before = texts(slack, plant_a)
    await post.pass_time(3)

    assert (before, texts(slack, plant_a)) == ([], ["run"])


@pytest.mark.parametrize("code", ["http_403", "an_unknown_word"])
async def test_an_answer_whose_address_is_barred_comes_another_way_and_holds_nobody_up(
    slack: LocalSlack, plant_a: Channel, anna: Person, post: Post, code: str
) -> None:
    slack.faults.error("response_url", code, times=None)
    for number in range(2):
        url = slack.workspace.issue_response_url(anna, plant_a.id)
        answer = make_message(f"answer:{number}", kind=MessageKind.RESPOND, response_url=url, person=anna.id)
        await post.put(answer, make_message(f"run:{number}", text=f"run {number}"))
        await post.pass_time(60)

    assert texts(slack, plant_a) == ["run 0", "run 1"]
    assert post.deliverer.is_accepted
    assert [refusal for n in range(2) if (refusal := await refusal_of(f"answer:{n}"))] == []
    assert len([one for one in slack.messages(plant_a, seen_by=anna) if one.ephemeral_for]) == 2


@pytest.mark.parametrize("kind", [MessageKind.RESPOND, MessageKind.EPHEMERAL])
async def test_sixty_questions_of_a_stranger_delay_nobody_by_more_than_two_seconds(
    slack: LocalSlack, plant_a: Channel, anna: Person, post: Post, kind: MessageKind
) -> None:
    stan = slack.add_person("stan")
    slack.happenings.joined(stan.id, plant_a.id)

    def answer(number: int, person: Person) -> Message:
        url = slack.workspace.issue_response_url(person, plant_a.id) if kind is MessageKind.RESPOND else None
        return make_message(
            f"answer:{number}", kind=kind, response_url=url, person=person.id, text=f"for {person.name}"
        )

    await post.put(*[answer(number, stan) for number in range(60)])
    await post.pass_time(3)
    await post.put(answer(60, anna), make_message("run:1", text="Modified"))
    await post.pass_time(2)

    assert [one.text for one in slack.messages(plant_a, seen_by=anna)].count("for anna") == 1
    assert texts(slack, plant_a) == ["Modified"]
    await post.pass_time(70)
    assert [one.text for one in slack.messages(plant_a, seen_by=stan)].count("for stan") == 60
