"""What became of runs stands in Slack: one message each, edited, with the diff in its thread."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from domain.access import Access
from domain.failures import FailureKind
from domain.inventory import Inventory, Site
from domain.outcomes import Outcome
from domain.runs import NewRun, Place, RunEnd, RunStart, StoredVersion, Trigger
from notifications.announcing import Announcer
from notifications.previewing import ConfigDiff
from notifications.rendering import Renderer
from storage import outbox
from storage import runs as run_store
from storage.archive import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.slack import Channel, LocalSlack
    from domain.runs import Run
    from domain.versions import Version
    from tests.notifications.conftest import Post

SITE = Site(key="plant-a", name="Plant A", timezone=ZoneInfo("UTC"), channel="C0PLANTA")
INVENTORY = Inventory(MappingProxyType({"plant-a": SITE}), MappingProxyType({}), MappingProxyType({}))
PLACE = Place(channel="C0PLANTA")
SHORT = ConfigDiff("@@ -1 +1 @@\n-ntp 10.0.0.1\n+ntp 10.0.0.2\n", 1, 1)
LONG = ConfigDiff("".join(f"@@ -{n} +{n} @@\n-old {n}\n+new {n}\n" for n in range(1_000)), 1_000, 1_000)


@dataclass
class FixedPreviews:
    """Previews that show the same diff for every pair of versions."""

    change: ConfigDiff = SHORT
    error: Exception | None = None
    link_only: bool = False
    asked: list[tuple[int, int]] = field(default_factory=list)

    async def diff(self, device: str, before: Version, after: Version) -> ConfigDiff:  # noqa: ARG002 - the same for all
        """The diff set by the test, or its error."""
        if self.error:
            raise self.error
        self.asked.append((before.number, after.number))
        return self.change

    async def line_count(self, device: str, version: Version) -> int:  # noqa: ARG002 - the same for all
        """Always the same."""
        return 412

    def facts(self, run: Run) -> str:
        """The one secret of these tests taken out."""
        return run.facts.replace("s3cret", "<secret 1a2b>")

    def is_link_only(self, device: str, site: str | None = None) -> bool:  # noqa: ARG002 - the same for all
        """As the test says."""
        return self.link_only


@dataclass
class Newsroom:
    """An announcer with runs in a real database."""

    post: Post
    previews: FixedPreviews

    def __post_init__(self) -> None:
        self.announcer = Announcer(
            Renderer(),
            self.previews,  # type: ignore[arg-type]  # the methods an announcer asks for
            access=Access(INVENTORY, frozenset()),
            clock=self.post.clock,
            wake=self.post.deliverer.wake,
        )

    async def tell(self, runs: Sequence[Run], *, seconds: int = 6) -> None:
        """Announce ``runs`` and let Slack show them."""
        await self.announcer.runs_changed(runs)
        await self.post.deliverer.settled()
        await self.post.pass_time(seconds)

    def new(self, device: str = "core-sw1") -> NewRun:
        """A run of ``device`` that Anna asks for in the channel of its site."""
        return NewRun(
            device=device,
            site="plant-a",
            trigger=Trigger.MANUAL,
            created_at=self.post.clock.now(),
            waiting_limit=timedelta(minutes=30),
            running_limit=timedelta(minutes=5),
            asked_by="U02ANNA",
            place=PLACE,
        )

    async def start(self, *runs: Run) -> list[Run]:
        """Set ``runs`` In Progress."""
        now = self.post.clock.now()
        return await run_store.start_runs([RunStart(run=run.id, agent="local", attempt=1, at=now) for run in runs])

    async def end(self, run: Run, outcome: Outcome, **facts: object) -> list[Run]:
        """End ``run`` with ``outcome``."""
        end = RunEnd(run=run.id, outcome=outcome, at=self.post.clock.now(), attempts=1)
        return await run_store.finish_runs([replace(end, **facts)])  # type: ignore[arg-type]  # fields of RunEnd

    async def store(self, run: Run, number: int) -> list[Run]:
        """End ``run`` with version ``number``: the baseline if it is the first."""
        now = self.post.clock.now()
        stored = StoredVersion(
            device=run.device,
            site=run.site,
            number=number,
            commit=f"{run.id:040x}",
            run=run.id,
            captured_at=now,
            size=9,
            digest=f"{number}",
            added=1,
            removed=1,
        )
        base = number - 1 or None
        outcome = Outcome.MODIFIED if base else Outcome.UP_TO_DATE
        return await self.end(run, outcome, stored=stored, version=number, base_version=base)


@pytest.fixture
def newsroom(post: Post) -> Newsroom:
    return Newsroom(post, FixedPreviews())


async def modified_run(newsroom: Newsroom, device: str = "core-sw1") -> list[Run]:
    """A run that found version 2, after another that stored the baseline and told nobody."""
    [first] = await run_store.add_runs([replace(newsroom.new(device), place=None)])
    await newsroom.store(first, 1)
    [second] = await run_store.add_runs([newsroom.new(device)])
    await newsroom.start(second)
    return await newsroom.store(second, 2)


async def test_run_is_one_message_from_pending_to_its_outcome(
    slack: LocalSlack, plant_a: Channel, newsroom: Newsroom
) -> None:
    runs = await run_store.add_runs([newsroom.new()])
    await newsroom.tell(runs)
    pending = slack.plain(slack.messages(plant_a)[0])
    await newsroom.tell(await newsroom.start(*runs))
    running = slack.plain(slack.messages(plant_a)[0])

    await newsroom.tell(await newsroom.end(runs[0], Outcome.FAILED, reason=FailureKind.SILENT, facts="key s3cret"))

    [message] = slack.messages(plant_a)
    assert Outcome.PENDING.chip in pending
    assert Outcome.IN_PROGRESS.chip in running
    assert Outcome.FAILED.chip in slack.plain(message)
    assert "s3cret" not in slack.everything_sent()


async def test_j1_result_lands_in_the_thread_of_the_question(
    slack: LocalSlack, plant_a: Channel, newsroom: Newsroom
) -> None:
    question = slack.workspace.post(plant_a, "back up core-sw1, please").ts
    place = Place(channel=plant_a.id, thread_ts=question)

    await newsroom.tell(await run_store.add_runs([replace(newsroom.new(), place=place)]))

    [reply] = slack.thread(plant_a, question)
    assert Outcome.PENDING.chip in slack.plain(reply)


async def test_d1_short_diff_of_the_versions_that_decided_stands_in_the_thread(
    slack: LocalSlack, plant_a: Channel, newsroom: Newsroom
) -> None:
    await newsroom.tell(await modified_run(newsroom))

    [message, reply] = slack.messages(plant_a)
    assert reply.thread_ts == message.ts
    assert "+ntp 10.0.0.2" in slack.plain(reply)
    assert newsroom.previews.asked == [(1, 2)]


async def test_d6_long_diff_is_summed_up_and_the_whole_file_is_in_the_thread(
    slack: LocalSlack, plant_a: Channel, newsroom: Newsroom
) -> None:
    newsroom.previews.change = LONG

    await newsroom.tell(await modified_run(newsroom))

    [message, summary, share] = slack.messages(plant_a)
    assert {summary.thread_ts, share.thread_ts} == {message.ts}
    assert "+1,000 \N{MINUS SIGN}1,000 lines" in slack.plain(summary)
    assert slack.store.files[share.files[0]].content.decode() == LONG.text


async def test_h1_baseline_has_no_diff(slack: LocalSlack, plant_a: Channel, newsroom: Newsroom) -> None:
    [run] = await run_store.add_runs([newsroom.new()])

    await newsroom.tell(await newsroom.store(run, 1))

    [message] = slack.messages(plant_a)
    assert "baseline stored, 412 lines" in slack.plain(message)


async def test_diff_that_cannot_be_read_is_said_and_the_outcome_stands(
    slack: LocalSlack, plant_a: Channel, newsroom: Newsroom
) -> None:
    newsroom.previews.error = ArchiveError("version 1 cannot be read")

    await newsroom.tell(await modified_run(newsroom))

    [message, reply] = slack.messages(plant_a)
    assert Outcome.MODIFIED.chip in slack.plain(message)
    assert "The diff cannot be shown." in slack.plain(reply)


async def test_told_twice_stands_once_and_is_remembered_as_told(
    slack: LocalSlack, plant_a: Channel, newsroom: Newsroom
) -> None:
    runs = await modified_run(newsroom)
    before = [run.id for run in await run_store.unannounced_runs() if run.place]

    await newsroom.tell(runs)
    await newsroom.tell(runs)

    assert len(slack.messages(plant_a)) == 2
    assert before == [runs[0].id]
    assert [run.id for run in await run_store.unannounced_runs() if run.place] == []


async def test_older_state_that_comes_late_does_not_overwrite_the_outcome(
    slack: LocalSlack, plant_a: Channel, newsroom: Newsroom
) -> None:
    [pending] = await run_store.add_runs([newsroom.new()])
    await newsroom.tell(await newsroom.end(pending, Outcome.FAILED, reason=FailureKind.REFUSED))

    await newsroom.tell([pending])

    assert Outcome.FAILED.chip in slack.plain(slack.messages(plant_a)[0])


async def test_run_that_nobody_waits_for_is_told_to_nobody(
    slack: LocalSlack, plant_a: Channel, newsroom: Newsroom
) -> None:
    [run] = await run_store.add_runs([replace(newsroom.new(), place=None)])

    await newsroom.tell(await newsroom.end(run, Outcome.FAILED, reason=FailureKind.REFUSED))

    assert slack.messages(plant_a) == []
    assert await run_store.unannounced_runs() == []


async def test_site_run_is_one_message_with_failures_first_and_their_reasons_in_the_thread(
    slack: LocalSlack, plant_a: Channel, newsroom: Newsroom
) -> None:
    devices = [newsroom.new(f"sw{n}") for n in range(5)]
    batch, runs = await run_store.add_batch(
        "plant-a", Trigger.MANUAL, "U02ANNA", PLACE, newsroom.post.clock.now(), devices
    )
    await newsroom.tell(runs)
    for run in runs[:3]:
        await newsroom.tell(await newsroom.store(run, 1), seconds=1)
    halfway = slack.plain(slack.messages(plant_a)[0])

    ended = [await newsroom.end(run, Outcome.FAILED, reason=FailureKind.REFUSED) for run in runs[3:]]
    await newsroom.tell([run for some in ended for run in some])

    [message, troubles] = slack.messages(plant_a)
    rows = next(block["rows"] for block in message.blocks if block["type"] == "table")
    assert "3 of 5 ended" in halfway or "2 of 5 ended" in halfway
    assert "2 were not backed up" in slack.plain(message)
    assert [row[0]["text"] for row in rows] == ["Device", "sw3", "sw4", "sw0", "sw1", "sw2"]
    assert troubles.thread_ts == message.ts
    assert "sw3, sw4" in slack.plain(troubles)
    assert await outbox.delivery_of(f"batch:{batch.id}") is not None


@pytest.mark.parametrize(
    ("outcome", "reason", "messages"),
    [
        pytest.param(Outcome.UP_TO_DATE, None, 0, id="nothing new"),
        pytest.param(Outcome.FAILED, FailureKind.SILENT, 1, id="failed"),
        pytest.param(Outcome.TIMED_OUT, FailureKind.NEVER_STARTED, 1, id="timed out"),
    ],
)
async def test_run_of_a_schedule_is_told_at_its_end_if_it_is_news(
    outcome: Outcome,
    reason: FailureKind | None,
    messages: int,
    slack: LocalSlack,
    plant_a: Channel,
    newsroom: Newsroom,
) -> None:
    runs = await run_store.add_runs([replace(newsroom.new(), trigger=Trigger.SCHEDULE, asked_by=None)])
    await newsroom.tell(runs)
    await newsroom.tell(await newsroom.start(*runs))
    before = slack.messages(plant_a)

    await newsroom.tell(await newsroom.end(runs[0], outcome, reason=reason))

    assert before == []
    assert len(slack.messages(plant_a)) == messages
    assert await run_store.unannounced_runs() == []


async def test_change_found_by_a_schedule_is_told_with_its_diff(
    slack: LocalSlack, plant_a: Channel, newsroom: Newsroom
) -> None:
    [first] = await run_store.add_runs([replace(newsroom.new(), place=None)])
    await newsroom.store(first, 1)
    [second] = await run_store.add_runs([replace(newsroom.new(), trigger=Trigger.SCHEDULE, asked_by=None)])

    await newsroom.tell(await newsroom.store(second, 2))

    [message, reply] = slack.messages(plant_a)
    assert "by schedule" in slack.plain(message)
    assert "+ntp 10.0.0.2" in slack.plain(reply)


@pytest.mark.parametrize("is_news", [True, False], ids=["one failed", "all up to date"])
async def test_batch_of_a_schedule_is_one_message_when_it_is_over_if_it_is_news(
    is_news: bool,  # noqa: FBT001 - pytest hands it over by its name
    slack: LocalSlack,
    plant_a: Channel,
    newsroom: Newsroom,
) -> None:
    names = ("core-sw1", "edge-sw2", "roof-ap3")
    new = [replace(newsroom.new(name), trigger=Trigger.SCHEDULE, asked_by=None, place=None) for name in names]
    now = newsroom.post.clock.now()
    _, runs = await run_store.add_batch("plant-a", Trigger.SCHEDULE, None, PLACE, now, new)
    await newsroom.tell(runs)
    for run in runs[:2]:
        await newsroom.tell(await newsroom.store(run, 1))
    before = slack.messages(plant_a)

    ended = await (
        newsroom.end(runs[2], Outcome.FAILED, reason=FailureKind.SILENT) if is_news else newsroom.store(runs[2], 1)
    )
    await newsroom.tell(ended)

    assert before == []
    after = [message for message in slack.messages(plant_a) if message.thread_ts is None]
    assert len(after) == (1 if is_news else 0)
    assert not is_news or "the backup of 3 devices is done: 1 was not backed up" in slack.plain(after[0])
