"""What became of runs stands in Slack: one message each, edited, with the diff in its thread."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from domain.failures import FailureKind
from domain.messages.places import Place
from domain.runs.outcomes import Outcome
from domain.runs.run import Trigger
from storage.archive.archive import ArchiveError
from storage.messages import outbox
from storage.runs import runs as run_store
from tests.notifications.notifiers import LONG, PLACE, FixedPreviews, Notifiers, modified_run

if TYPE_CHECKING:
    from demo.slack import Channel, LocalSlack
    from tests.notifications.conftest import Post


@pytest.fixture
def notifiers(post: Post) -> Notifiers:
    return Notifiers(post, FixedPreviews())


async def test_run_is_one_message_from_pending_to_its_outcome(
    slack: LocalSlack, plant_a: Channel, notifiers: Notifiers
) -> None:
    runs = await run_store.add_runs([notifiers.new()])
    await notifiers.tell(runs)
    pending = slack.plain(slack.messages(plant_a)[0])
    await notifiers.tell(await notifiers.start(*runs))
    running = slack.plain(slack.messages(plant_a)[0])

    await notifiers.tell(await notifiers.end(runs[0], Outcome.FAILED, reason=FailureKind.SILENT, facts="key s3cret"))

    [message] = slack.messages(plant_a)
    assert Outcome.PENDING.chip in pending
    assert Outcome.IN_PROGRESS.chip in running
    assert Outcome.FAILED.chip in slack.plain(message)
    assert "s3cret" not in slack.everything_sent()


async def test_j1_result_lands_in_the_thread_of_the_question(
    slack: LocalSlack, plant_a: Channel, notifiers: Notifiers
) -> None:
    question = slack.workspace.post(plant_a, "back up core-sw1, please").ts
    place = Place(channel=plant_a.id, thread_ts=question)

    await notifiers.tell(await run_store.add_runs([replace(notifiers.new(), place=place)]))

    [reply] = slack.thread(plant_a, question)
    assert Outcome.PENDING.chip in slack.plain(reply)


async def test_d1_short_diff_of_the_versions_that_decided_stands_in_the_thread(
    slack: LocalSlack, plant_a: Channel, notifiers: Notifiers
) -> None:
    await notifiers.tell(await modified_run(notifiers))

    [message, reply] = slack.messages(plant_a)
    assert reply.thread_ts == message.ts
    assert "+ntp 10.0.0.2" in slack.plain(reply)
    assert notifiers.previews.asked == [(1, 2)]


async def test_d6_long_diff_is_summed_up_and_the_whole_file_is_in_the_thread(
    slack: LocalSlack, plant_a: Channel, notifiers: Notifiers
) -> None:
    notifiers.previews.change = LONG

    await notifiers.tell(await modified_run(notifiers))

    [message, summary, share] = slack.messages(plant_a)
    assert {summary.thread_ts, share.thread_ts} == {message.ts}
    assert "+1,000 \N{MINUS SIGN}1,000 lines" in slack.plain(summary)
    assert slack.store.files[share.files[0]].content.decode() == LONG.text


async def test_h1_baseline_has_no_diff(slack: LocalSlack, plant_a: Channel, notifiers: Notifiers) -> None:
    [run] = await run_store.add_runs([notifiers.new()])

    await notifiers.tell(await notifiers.store(run, 1))

    [message] = slack.messages(plant_a)
    assert "baseline stored, 412 lines" in slack.plain(message)


async def test_diff_that_cannot_be_read_is_said_and_the_outcome_stands(
    slack: LocalSlack, plant_a: Channel, notifiers: Notifiers
) -> None:
    notifiers.previews.error = ArchiveError("version 1 cannot be read")

    await notifiers.tell(await modified_run(notifiers))

    [message, reply] = slack.messages(plant_a)
    assert Outcome.MODIFIED.chip in slack.plain(message)
    assert "The diff is not available." in slack.plain(reply)


async def test_told_twice_stands_once_and_is_remembered_as_told(
    slack: LocalSlack, plant_a: Channel, notifiers: Notifiers
) -> None:
    runs = await modified_run(notifiers)
    before = [run.id for run in await run_store.unannounced_runs() if run.place]

    await notifiers.tell(runs)
    await notifiers.tell(runs)

    assert len(slack.messages(plant_a)) == 2
    assert before == [runs[0].id]
    assert [run.id for run in await run_store.unannounced_runs() if run.place] == []


async def test_older_state_that_comes_late_does_not_overwrite_the_outcome(
    slack: LocalSlack, plant_a: Channel, notifiers: Notifiers
) -> None:
    [pending] = await run_store.add_runs([notifiers.new()])
    await notifiers.tell(await notifiers.end(pending, Outcome.FAILED, reason=FailureKind.REFUSED))

    await notifiers.tell([pending])

    assert Outcome.FAILED.chip in slack.plain(slack.messages(plant_a)[0])


async def test_run_that_nobody_waits_for_is_told_to_nobody(
    slack: LocalSlack, plant_a: Channel, notifiers: Notifiers
) -> None:
    [run] = await run_store.add_runs([replace(notifiers.new(), place=None)])

    await notifiers.tell(await notifiers.end(run, Outcome.FAILED, reason=FailureKind.REFUSED))

    assert slack.messages(plant_a) == []
    assert await run_store.unannounced_runs() == []


async def test_site_run_is_one_message_with_failures_first_and_their_reasons_in_the_thread(
    slack: LocalSlack, plant_a: Channel, notifiers: Notifiers
) -> None:
    devices = [notifiers.new(f"sw{n}") for n in range(5)]
    batch, runs = await run_store.add_batch(
        "plant-a", Trigger.MANUAL, "U02ANNA", PLACE, notifiers.post.clock.now(), devices
    )
    await notifiers.tell(runs)
    for run in runs[:3]:
        await notifiers.tell(await notifiers.store(run, 1), seconds=1)
    halfway = slack.plain(slack.messages(plant_a)[0])

    ended = [await notifiers.end(run, Outcome.FAILED, reason=FailureKind.REFUSED) for run in runs[3:]]
    await notifiers.tell([run for some in ended for run in some])

    [message, troubles] = slack.messages(plant_a)
    rows = next(block["rows"] for block in message.blocks if block["type"] == "table")
    assert "3 of 5 ended" in halfway or "2 of 5 ended" in halfway
    assert "2 were not backed up" in slack.plain(message)
    assert [row[0]["text"] for row in rows] == ["Device", "sw3", "sw4", "sw0", "sw1", "sw2"]
    assert troubles.thread_ts == message.ts
    assert "sw3, sw4" in slack.plain(troubles)
    assert await outbox.delivery_of(f"batch:{batch.id}") is not None
