"""A zone changes in app.yaml, in the zone data, or a person travels: what lies ahead moves, what is due stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.digests.digests import DigestFields, DigestPeriod
from domain.jobs.job import JobFields, JobKind
from domain.jobs.slots import Plan
from domain.jobs.spoken import parse_schedule
from domain.subscriptions.subscriptions import Profile
from storage.database.readable import UNREADABLE_ROW_PAUSE
from storage.jobs import jobs, slots
from storage.jobs.moved import move_jobs
from storage.jobs.planned import planned_jobs
from storage.subscriptions import digests
from storage.subscriptions.profiles import mutes_over, profile_of, put_profile
from storage.subscriptions.zones import follow_zone, move_digests
from storage.tables.jobs import JobRow
from storage.tables.subscriptions import DigestRow, ProfileRow
from tests.storage.values import NOW

BERLIN, TOKYO, LIMA = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo"), ZoneInfo("America/Lima")
DAY = timedelta(days=1)
ANNA = "U02ANNA"


async def add(name: str, schedule: str = "daily 02:00", *, site: str = "plant-a") -> int:
    fields = JobFields(name=name, kind=JobKind.DEVICE, site=site, device="core-sw1", schedule=parse_schedule(schedule))
    return (await jobs.add_job(fields, zone=BERLIN, by=ANNA, now=NOW)).id


async def digest(**rest: object) -> int:
    values = {"recipient": ANNA, "site": None, "period": DigestPeriod.DAY, "zone": "Europe/Berlin"} | rest
    fields = DigestFields(**{"schedule": parse_schedule("daily 07:00"), **values})  # type: ignore[arg-type]
    return (await digests.put_digest(fields, now=NOW)).id


async def next_of(model: type[JobRow | DigestRow], number: int) -> datetime | None:
    row = await model.get(id=number)
    return row.next_run_at if isinstance(row, JobRow) else row.next_at


@pytest.mark.usefixtures("storage")
async def test_s7_jobs_of_a_site_whose_zone_changed_come_due_by_its_new_clock() -> None:
    here, elsewhere = await add("nightly"), await add("other", site="plant-b")
    hourly = await add("hourly", "cron 0 * * * *")

    moved = await move_jobs({"plant-a": TOKYO, "plant-b": BERLIN}, now=NOW)

    assert moved == 1
    assert await next_of(JobRow, here) == datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    assert await next_of(JobRow, elsewhere) == datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
    assert await next_of(JobRow, hourly) == datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


@pytest.mark.usefixtures("storage")
async def test_s7_a_job_that_came_due_meanwhile_stays_due_and_one_on_demand_stays_so() -> None:
    due, never = await add("nightly"), await add("by hand", "on demand")
    before = await next_of(JobRow, due)

    await move_jobs({"plant-a": LIMA}, now=NOW + DAY)

    assert (await next_of(JobRow, due), await next_of(JobRow, never)) == (before, None)


@pytest.mark.usefixtures("storage")
async def test_s7_digests_whose_zone_has_other_rules_by_now_move() -> None:
    number = await digest()
    await DigestRow.filter(id=number).update(next_at=datetime(2026, 3, 3, 5, 0, tzinfo=UTC))  # by rules of yesterday

    assert await move_digests(now=NOW) == 1
    assert await next_of(DigestRow, number) == datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
    assert await move_digests(now=NOW) == 0


@pytest.mark.usefixtures("storage")
async def test_s7_whoever_travels_takes_digests_and_quiet_hours_along_but_not_those_of_others() -> None:
    mine, declared = await digest(), await digest(recipient="U03OLGA")
    await put_profile(Profile(person=ANNA, zone="Europe/Berlin"))

    await follow_zone(ANNA, "Asia/Tokyo", now=NOW)

    assert (await profile_of(ANNA)).zone == "Asia/Tokyo"
    assert await next_of(DigestRow, mine) == datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
    assert await next_of(DigestRow, declared) == datetime(2026, 3, 3, 6, 0, tzinfo=UTC)


@pytest.mark.usefixtures("storage")
async def test_s7_who_flies_west_has_no_second_digest_of_the_same_day() -> None:
    number = await digest()
    noon = datetime(2026, 3, 3, 11, 0, tzinfo=UTC)  # six in the morning in Lima, after the digest of seven in Berlin
    await digests.claim_due(noon - timedelta(hours=4))

    await follow_zone(ANNA, "America/Lima", now=noon)

    assert await next_of(DigestRow, number) == datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.mark.usefixtures("storage")
async def test_a_zone_that_nobody_knows_counts_as_utc_and_stops_nobody() -> None:
    odd, good = await digest(zone="Mars/Olympus"), await digest(recipient="U03OLGA")

    await digests.claim_due(datetime(2026, 3, 3, 7, 0, tzinfo=UTC))

    due = {one.digest.id: one.due_at for one in await digests.open_digests()}
    assert due == {
        odd: datetime(2026, 3, 3, 7, 0, tzinfo=UTC),
        good: datetime(2026, 3, 3, 6, 0, tzinfo=UTC),
    }


@pytest.mark.usefixtures("storage")
async def test_one_row_that_cannot_be_read_stops_no_other() -> None:
    broken, good = await add("broken"), await add("good")
    bad_digest, good_digest = await digest(), await digest(recipient="U03OLGA")
    await ProfileRow.create(person="U04BAD", quiet_from="25:61", quiet_to="07:00", muted_until=NOW, muted_at=NOW - DAY)
    await ProfileRow.create(person="U05GOOD", muted_until=NOW, muted_at=NOW - DAY)
    await JobRow.filter(id=broken).update(schedule="every blue moon")
    await DigestRow.filter(id=bad_digest).update(schedule="every blue moon")
    later, claimed = NOW + DAY, list[int]()

    def plan(due: object) -> Plan:
        claimed.extend(job.id for job in due)  # type: ignore[attr-defined]
        return Plan()

    await slots.claim_due(later, limit=10, plan=plan)
    await digests.claim_due(later)

    assert claimed == [good]
    assert await next_of(JobRow, broken) == later + UNREADABLE_ROW_PAUSE
    assert [one.digest.id for one in await digests.open_digests()] == [good_digest]
    assert await next_of(DigestRow, bad_digest) == later + UNREADABLE_ROW_PAUSE
    assert len(await planned_jobs(["plant-a"])) == 1
    assert [one.person for one in await mutes_over(NOW)] == ["U05GOOD"]
