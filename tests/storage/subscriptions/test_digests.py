"""Digests in the database: due once for each of their times, neither lost nor doubled."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.digests.digests import Digest, DigestFields, DigestForm, DigestPeriod, DueDigest
from domain.jobs.spoken import parse_schedule
from domain.messages.outbox import Message, MessageKind
from storage.messages import outbox
from storage.subscriptions import digests
from storage.subscriptions.digests import DigestStanding
from storage.tables.core import OutboxRow
from tests.storage.values import NOW

SEVEN = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)  # 07:00 in Berlin on the day after NOW
DAY = timedelta(days=1)


def fields(recipient: str = "U02ANNA", **rest: Any) -> DigestFields:  # noqa: ANN401 - any field of a digest
    values: dict[str, Any] = {
        "recipient": recipient,
        "site": None,
        "period": DigestPeriod.DAY,
        "schedule": parse_schedule("daily 07:00"),
        "zone": "Europe/Berlin",
    }
    return DigestFields(**values | rest)


def declared(**rest: Any) -> DigestFields:  # noqa: ANN401 - the same
    return fields(**{"recipient": "C0PLANTA", "site": "plant-a"} | rest)


async def put(**rest: Any) -> Digest:  # noqa: ANN401 - the same
    return await digests.put_digest(fields(**rest), now=NOW)


async def claimed(now: datetime) -> list[DueDigest]:
    await digests.claim_due(now)
    return await digests.open_digests()


@pytest.mark.usefixtures("storage")
async def test_a_report_comes_back_as_it_was_written_with_its_next_time() -> None:
    written = await put(form=DigestForm.SHORT)

    [found] = await digests.digests_of("U02ANNA")

    assert found == written
    assert (found.next_at, found.form, found.site) == (SEVEN, DigestForm.SHORT, None)


@pytest.mark.usefixtures("storage")
async def test_a_reader_has_one_report_of_each_site_and_period() -> None:
    await put()
    await put(period=DigestPeriod.WEEK, schedule=parse_schedule("mon 07:30"))

    await put(schedule=parse_schedule("daily 09:00"))

    daily, weekly = await digests.digests_of("U02ANNA")
    assert daily.next_at == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert weekly.next_at == datetime(2026, 3, 2, 6, 30, tzinfo=UTC)


@pytest.mark.usefixtures("storage")
async def test_nothing_is_due_before_its_time_and_each_time_once() -> None:
    digest = await put()

    early = await claimed(SEVEN - timedelta(seconds=1))
    [due] = await claimed(SEVEN)
    again = await claimed(SEVEN + timedelta(minutes=5))

    assert early == []
    assert (due.digest.id, due.due_at, due.missed) == (digest.id, SEVEN, 0)
    assert again == [due]  # still the same one, until it is brought
    await digests.brought([due])
    assert await digests.open_digests() == []
    [moved] = await digests.digests_of("U02ANNA")
    assert (moved.next_at, moved.last_at) == (SEVEN + DAY, SEVEN)


@pytest.mark.usefixtures("storage")
async def test_times_that_went_by_during_a_stop_are_one_report_that_counts_them() -> None:
    await put()

    [due] = await claimed(SEVEN + 3 * DAY + timedelta(hours=2))

    assert (due.due_at, due.missed) == (SEVEN + 3 * DAY, 3)
    [moved] = await digests.digests_of("U02ANNA")
    assert moved.next_at == SEVEN + 4 * DAY


@pytest.mark.usefixtures("storage")
async def test_a_time_that_overtakes_one_never_composed_counts_it_as_missed() -> None:
    await put()
    await digests.claim_due(SEVEN)

    [due] = await claimed(SEVEN + DAY)

    assert (due.due_at, due.missed) == (SEVEN + DAY, 1)


@pytest.mark.usefixtures("storage")
async def test_a_time_that_overtakes_one_under_way_does_not_count_it() -> None:
    await put()
    [first] = await claimed(SEVEN)
    await digests.note_try(first)

    [due] = await claimed(SEVEN + DAY)

    assert (due.missed, due.tries) == (0, 0)
    await digests.brought([first])  # comes late and must not close the one that is open now
    assert await digests.open_digests() == [due]


@pytest.mark.usefixtures("storage")
async def test_very_many_times_are_gone_through_in_several_goes() -> None:
    await put(schedule=parse_schedule("cron */5 * * * *"))
    now = NOW + 4 * DAY

    while await digests.claim_due(now):
        pass

    [due] = await digests.open_digests()
    assert now - due.due_at < timedelta(minutes=5)
    assert due.missed == 4 * 24 * 12 - 1


@pytest.mark.usefixtures("storage")
async def test_the_longest_due_is_claimed_first_and_no_more_than_asked_for() -> None:
    for number in range(5):
        await put(recipient=f"U{number}", schedule=parse_schedule(f"daily 06:0{number}"))

    count = await digests.claim_due(SEVEN, limit=2)

    assert count == 2
    assert [one.digest.recipient for one in await digests.open_digests()] == ["U0", "U1"]


@pytest.mark.usefixtures("storage")
async def test_one_that_is_switched_off_is_never_due_and_comes_back_without_what_was_missed() -> None:
    await put()
    await put(active=False)

    assert await claimed(SEVEN + DAY) == []
    back = await digests.put_digest(fields(), now=SEVEN + DAY)

    assert back.next_at == SEVEN + 2 * DAY


@pytest.mark.usefixtures("storage")
async def test_declared_ones_come_and_go_with_the_file_but_keep_what_is_due() -> None:
    await digests.sync_digests([declared(), declared(recipient="C1")], now=NOW)

    await digests.sync_digests([declared()], now=SEVEN + DAY)  # as a start after two days without us

    assert await digests.digests_of("C1") == []
    [due] = await claimed(SEVEN + DAY)
    assert (due.due_at, due.missed) == (SEVEN + DAY, 1)


@pytest.mark.usefixtures("storage")
async def test_a_declared_one_with_another_schedule_begins_anew() -> None:
    await digests.sync_digests([declared()], now=NOW)

    await digests.sync_digests([declared(schedule=parse_schedule("daily 08:00"))], now=SEVEN + timedelta(hours=3))

    assert await claimed(SEVEN + timedelta(hours=3)) == []


@pytest.mark.usefixtures("storage")
async def test_a_declared_one_can_be_switched_off_but_neither_changed_nor_removed() -> None:
    await digests.sync_digests([declared()], now=NOW)
    changed = declared(schedule=parse_schedule("daily 11:00"), form=DigestForm.SHORT, active=False)

    await digests.put_digest(changed, now=NOW)
    await digests.sync_digests([declared()], now=NOW)

    [found] = await digests.digests_of("C0PLANTA")
    assert (found.active, found.next_at, found.form) == (False, None, DigestForm.LONG)
    assert found.schedule == parse_schedule("daily 07:00")
    assert not await digests.remove_digest("C0PLANTA", found.id)


@pytest.mark.usefixtures("storage")
async def test_only_its_reader_removes_one() -> None:
    digest = await put()

    assert not await digests.remove_digest("U03OLGA", digest.id)
    assert await digests.remove_digest("U02ANNA", digest.id)
    assert await digests.digests_of("U02ANNA") == []


@pytest.mark.usefixtures("storage")
async def test_a_reader_cannot_collect_reports_without_end() -> None:
    for number in range(digests.MAX_DIGESTS):
        await put(site=f"plant-{number}")

    with pytest.raises(digests.TooManyDigests):
        await put(site="one-more")

    await put(site="plant-1", form=DigestForm.SHORT)  # changing one is no further one


@pytest.mark.parametrize("minutes", [0, 59])
async def test_times_of_a_day_with_25_hours_are_24_hours_of_the_wall_clock(storage: str, minutes: int) -> None:
    assert storage
    before = datetime(2026, 10, 24, 6, minutes, tzinfo=UTC)
    digest = await digests.put_digest(fields(schedule=parse_schedule("daily 02:30")), now=before)

    assert digest.next_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # the first of the two
    [due] = await claimed(digest.next_at)
    await digests.brought([due])
    [moved] = await digests.digests_of("U02ANNA")

    assert moved.next_at == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.usefixtures("storage")
@pytest.mark.parametrize(
    ("sent", "expires", "refusal", "is_over", "is_refused"),
    [
        pytest.param(0, None, None, False, False, id="on its way"),
        pytest.param(1, None, None, True, False, id="sent"),
        pytest.param(0, timedelta(0), None, True, False, id="worth sending until now"),
        pytest.param(0, timedelta(seconds=1), None, False, False, id="worth sending a second longer"),
        pytest.param(0, None, "channel_not_found", False, True, id="given up"),
    ],
)
async def test_how_far_the_message_of_a_digest_has_come(
    sent: int, expires: timedelta | None, refusal: str | None, *, is_over: bool, is_refused: bool
) -> None:
    message = Message(key="digest:1", kind=MessageKind.POST, channel="U1", content={}, sites=("plant-a", "plant-b"))
    await outbox.put([replace(message, devices=("fw1",))], now=NOW)
    row = OutboxRow.filter(key="digest:1")
    await row.update(sent_revision=sent, expires_at=NOW + expires if expires is not None else None, refusal=refusal)

    found = await digests.standings(["digest:1", "digest:2"], now=NOW)

    assert found == {
        "digest:1": DigestStanding(
            is_over=is_over, is_refused=is_refused, sites=("plant-a", "plant-b"), devices=("fw1",)
        )
    }


@pytest.mark.usefixtures("storage")
async def test_tries_are_counted_and_forgotten_once_it_stands() -> None:
    await put()
    for tries in (0, 1, 2):
        [due] = await claimed(SEVEN)
        assert due.tries == tries
        await digests.note_try(due)

    await digests.brought(await digests.open_digests())

    [again] = await claimed(SEVEN + DAY)
    assert (again.tries, again.missed) == (0, 0)


@pytest.mark.usefixtures("storage")
async def test_several_times_never_composed_all_count_as_missed() -> None:
    await put()
    for day in range(3):
        await digests.claim_due(SEVEN + day * DAY)

    [due] = await digests.open_digests()

    assert (due.due_at, due.missed) == (SEVEN + 2 * DAY, 2)


@pytest.mark.usefixtures("storage")
async def test_a_clock_that_is_set_back_lets_digests_come_due_by_the_new_one() -> None:
    await put()
    [due] = await claimed(SEVEN + 40 * DAY)  # the clock was ahead by forty days
    await digests.brought([due])

    assert await digests.clock_set_back(NOW) == 1

    [found] = await digests.digests_of("U02ANNA")
    assert found.next_at == SEVEN
    assert await digests.clock_set_back(NOW) == 0
