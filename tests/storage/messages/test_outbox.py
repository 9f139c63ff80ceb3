"""The outbox: what is put is due until it has been sent, whatever is killed in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from domain.messages.outbox import Delivery, Message, MessageKind
from storage.messages import holding, outbox
from tests.support.rows import refusal_of

if TYPE_CHECKING:
    from collections.abc import Collection

pytestmark = pytest.mark.usefixtures("storage")

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def post(key: str = "run:1", text: str = "Pending", **rest: Any) -> Message:  # noqa: ANN401 - any field of a message
    """A message for the channel of plant A, unless ``rest`` says otherwise."""
    return Message(**{"key": key, "kind": MessageKind.POST, "channel": "C1", "content": {"text": text}} | rest)


async def put(*messages: Message) -> None:
    await outbox.put(messages, now=NOW)


async def due_keys(now: datetime = NOW, *, limit: int = 200, busy: Collection[str] = ()) -> list[str]:
    return [delivery.message.key for delivery in await outbox.due(now, limit=limit, busy=busy)]


async def known(key: str = "run:1") -> Delivery:
    delivery = await outbox.delivery_of(key)
    assert delivery is not None
    return delivery


async def send(key: str = "run:1", ts: str = "1.1") -> None:
    """Deliver the present content of ``key`` as delivery would."""
    delivery = await known(key)
    await outbox.begin(delivery.id, NOW)
    await outbox.done(delivery.id, revision=delivery.revision, ts=ts, posted_channel="C1")


async def test_what_is_put_comes_back_whole() -> None:
    message = post(
        content={"text": "a\0b\ud800 ü", "blocks": [{"type": "divider"}]},
        thread_ts="1.0",
        person="U1",
        sites=("plant-a", "plant-b"),
        devices=("core-sw1", "Büro Switch"),
        shows_config=True,
        fallback="U2",
        response_url="https://slack.test/r",
        expires_at=NOW + MINUTE,
    )

    await put(message)

    [delivery] = await outbox.due(NOW)
    assert delivery == Delivery(
        id=delivery.id,
        message=message,
        revision=1,
        sent_revision=0,
        ts=None,
        posted_channel=None,
        attempts=0,
        in_doubt=False,
        not_before=None,
        state={},
    )


async def test_messages_of_a_channel_are_due_in_the_order_they_were_put() -> None:
    await put(post("b"), post("z", channel="C0"), post("a"))
    await put(post("c", channel="C0"))

    assert await due_keys() == ["z", "c", "b", "a"]
    assert await due_keys(limit=3) == ["z", "c", "b"]


async def test_busy_channels_are_left_out() -> None:
    await put(post("a"), post("b", channel="C2"), post("c", channel="C3"))

    assert await due_keys(busy={"C1", "C3"}) == ["b"]


async def test_equal_content_does_not_raise_the_revision() -> None:
    await put(post(content={"text": "x", "blocks": []}))
    await send()

    await put(post(content={"blocks": [], "text": "x"}))

    assert (await known()).revision == 1
    assert await due_keys() == []


async def test_new_content_is_due_again_and_keeps_its_place() -> None:
    await put(post())
    await send(ts="1.1")

    await put(post(text="Failed", shows_config=True))

    [delivery] = await outbox.due(NOW)
    assert (delivery.revision, delivery.sent_revision, delivery.ts, delivery.posted_channel) == (2, 1, "1.1", "C1")
    assert delivery.message == post(text="Failed", shows_config=True)


async def test_same_key_twice_in_one_call_keeps_the_last_content() -> None:
    await put(post(text="Pending"), post(text="In Progress"))

    assert (await known()).message.content == {"text": "In Progress"}
    assert (await known()).revision == 2


async def test_content_that_arrives_while_a_send_is_under_way_is_not_lost() -> None:
    for text in ("one", "two", "three"):
        await put(post(text=text))
    sending = await known()
    await outbox.begin(sending.id, NOW)
    await put(post(text="four"))

    await outbox.done(sending.id, revision=sending.revision, ts="1.1", posted_channel="C1")

    [delivery] = await outbox.due(NOW)
    assert (sending.revision, delivery.revision, delivery.sent_revision) == (3, 4, 3)
    assert delivery.message.content == {"text": "four"}


async def test_a_late_word_of_an_older_revision_takes_nothing_back() -> None:
    await put(post(text="one"))
    await put(post(text="two"))
    await outbox.done((await known()).id, revision=2, ts="1.1", posted_channel="C1")

    await outbox.done((await known()).id, revision=1, ts=None, posted_channel=None)

    delivery = await known()
    assert (delivery.sent_revision, delivery.ts) == (2, "1.1")


async def test_a_message_waits_for_the_thread_it_hangs_under() -> None:
    await put(post("run:1:diff", thread_key="run:1"))
    assert await due_keys() == []
    await put(post("run:1"))
    assert await due_keys() == ["run:1"]

    await send("run:1")

    assert await due_keys() == ["run:1:diff"]


async def test_a_kill_between_begin_and_done_leaves_a_doubt() -> None:
    await put(post())

    await outbox.begin((await known()).id, NOW)

    [delivery] = await outbox.due(NOW)
    assert (delivery.in_doubt, delivery.attempts, delivery.sent_revision) == (True, 1, 0)


async def test_done_settles_the_doubt_and_the_attempts() -> None:
    await put(post())
    await outbox.begin((await known()).id, NOW)
    await outbox.retry_later((await known()).id, not_before=NOW + MINUTE, still_in_doubt=True)
    await outbox.begin((await known()).id, NOW + MINUTE)

    await outbox.done((await known()).id, revision=1, ts="1.1", posted_channel="D1")

    delivery = await known()
    assert (delivery.in_doubt, delivery.attempts, delivery.not_before) == (False, 0, None)
    assert (delivery.ts, delivery.posted_channel) == ("1.1", "D1")


@pytest.mark.parametrize("still_in_doubt", [True, False], ids=["in doubt", "surely not sent"])
async def test_a_retry_is_due_when_its_time_has_come(still_in_doubt: bool) -> None:  # noqa: FBT001 - a case
    await put(post())
    await outbox.begin((await known()).id, NOW)

    await outbox.retry_later((await known()).id, not_before=NOW + MINUTE, still_in_doubt=still_in_doubt)

    assert await due_keys(NOW + MINUTE - timedelta(microseconds=1)) == []
    assert await due_keys(NOW + MINUTE) == ["run:1"]
    delivery = await known()
    assert (delivery.in_doubt, delivery.attempts, delivery.not_before) == (still_in_doubt, 1, NOW + MINUTE)


async def test_an_expired_message_is_not_sent() -> None:
    await put(post(expires_at=NOW + MINUTE))

    assert await due_keys(NOW + MINUTE - timedelta(microseconds=1)) == ["run:1"]
    assert await due_keys(NOW + MINUTE) == []


async def test_a_refused_message_never_comes_back_by_itself() -> None:
    await put(post())
    await outbox.begin((await known()).id, NOW)

    await outbox.refuse((await known()).id, "channel_not_found")

    assert await due_keys(NOW + timedelta(days=365)) == []
    assert await refusal_of("run:1") == "channel_not_found"
    assert not (await known()).in_doubt


@pytest.mark.parametrize(("text", "revision"), [("Pending", 1), ("Failed", 2)], ids=["same content", "new content"])
async def test_a_refused_message_that_is_put_again_is_due_again(text: str, revision: int) -> None:
    await put(post())
    await outbox.begin((await known()).id, NOW)
    await outbox.retry_later((await known()).id, not_before=NOW + MINUTE, still_in_doubt=False)
    await outbox.refuse((await known()).id, "channel_not_found")

    await put(post(text=text))

    [delivery] = await outbox.due(NOW)
    assert (delivery.revision, delivery.attempts, await refusal_of("run:1")) == (revision, 0, None)


@pytest.mark.parametrize("kind", [MessageKind.EPHEMERAL, MessageKind.RESPOND, MessageKind.FILE])
async def test_what_is_sent_once_changes_until_then_and_never_after(kind: MessageKind) -> None:
    await put(post(kind=kind, text="one"))
    await put(post(kind=kind, text="two"))
    assert (await known()).message.content == {"text": "two"}
    await send()

    await put(post(kind=kind, text="three"))

    assert await due_keys() == []
    assert (await known()).message.content == ({} if kind is MessageKind.FILE else {"text": "two"})


async def test_device_that_is_restricted_while_a_message_waits_is_asked_for_when_it_is_sent() -> None:
    await put(post())
    await put(post(devices=("vault-fw1",)))

    delivery = await known()

    assert (delivery.message.devices, delivery.revision) == (("vault-fw1",), 1)
    assert await due_keys() == ["run:1"]


async def test_what_a_file_held_is_kept_until_it_is_sent_and_no_longer() -> None:
    await put(post(kind=MessageKind.FILE, text="one"))
    await put(post(kind=MessageKind.FILE, text="two"))
    delivery = await known()
    await outbox.done(delivery.id, revision=1, ts=None, posted_channel="D1")
    between = (await known()).message.content

    await outbox.done(delivery.id, revision=2, ts=None, posted_channel="D1")

    assert between == {"text": "two"}
    assert (await known()).message.content == {}


async def test_the_state_of_a_delivery_in_steps_is_kept() -> None:
    await put(post(kind=MessageKind.FILE))

    await outbox.save_state((await known()).id, {"file": "F1", "uploaded": True})

    assert (await known()).state == {"file": "F1", "uploaded": True}


async def test_messages_are_put_all_or_none() -> None:
    with pytest.raises(TypeError):
        await put(post("a"), post("b", content={"text": object()}))

    assert await outbox.delivery_of("a") is None


async def test_clean_up_removes_only_what_will_never_be_sent() -> None:
    old = [post("sent"), post("refused"), post("waiting"), post("expired", expires_at=NOW + MINUTE)]
    children = [
        post("orphan", thread_key="refused"),
        post("stray", thread_key="gone"),
        post("child", thread_key="sent"),
    ]
    await put(*old, *children)
    await send("sent")
    await outbox.refuse((await known("refused")).id, "channel_not_found")

    assert await outbox.forget_before(NOW) == 0
    assert await outbox.forget_before(NOW + timedelta(days=1)) == 5

    left = {key: await outbox.delivery_of(key) for key in ("waiting", "child")}
    assert all(left.values())


async def test_n10_a_channel_is_held_back_but_for_answers_and_what_may_go_elsewhere() -> None:
    answer = post("answer", kind=MessageKind.EPHEMERAL, person="U02ANNA")
    await put(post("waits"), answer, post("moves", fallback="U02ANNA"))

    await holding.hold_back("C1", NOW + 15 * MINUTE)
    held = await due_keys()
    let_go = await holding.let_go("C1")

    assert held == ["answer", "moves"]
    assert let_go == 3
    assert await due_keys() == ["waits", "answer", "moves"]


@pytest.mark.parametrize("step", [timedelta(days=3), timedelta(days=-3)], ids=["forward", "back"])
async def test_a_clock_that_is_set_changes_nothing_about_what_waits(step: timedelta) -> None:
    await put(post("put off"), post("expires", expires_at=NOW + 9 * MINUTE), post("at once"))
    await outbox.retry_later((await known("put off")).id, not_before=NOW + 2 * MINUTE, still_in_doubt=False)

    await holding.clock_set(step)

    now = NOW + step
    assert await due_keys(now) == ["expires", "at once"]
    assert await due_keys(now + 2 * MINUTE) == ["put off", "expires", "at once"]
    assert await due_keys(now + 9 * MINUTE) == ["put off", "at once"]


async def test_what_a_clock_that_was_ahead_has_put_off_is_let_go() -> None:
    await put(post("far"), post("near"))
    for key, pause in (("far", timedelta(days=30)), ("near", MINUTE)):
        await outbox.retry_later((await known(key)).id, not_before=NOW + pause, still_in_doubt=False)

    assert await holding.let_go_after(NOW + timedelta(hours=1)) == 1
    assert await due_keys() == ["far"]
