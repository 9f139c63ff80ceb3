"""What digests are about, how many runs schedules ask for, and when a device counts as overdue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.access.access import Access
from domain.access.grants import GrantBook
from domain.access.people import Person
from domain.digests.expected import Planned, expected_runs
from domain.digests.scopes import Scope, channel_scope, restricted_in, seen_scope, subscribed_scope
from domain.events.overdue import Aging
from domain.inventory.declared import Device, Endpoint, Inventory, Site
from domain.jobs.job import Job, JobFields, JobKind
from domain.jobs.spoken import parse_schedule
from domain.roles import Role
from domain.subscriptions.subscriptions import Subscription, SubscriptionScope

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ANNA = Person(id="U02ANNA", team="T1")
VIEWERS = MappingProxyType({Role.VIEWER: frozenset({"U02ANNA"})})


def make_access(**book: Any) -> Access:  # noqa: ANN401 - of the book of grants
    """Anna is a viewer at plants A and B, and not among those for whom secret-fw1 is there."""
    sites = {key: Site(key=key, name=key, timezone=BERLIN, access=VIEWERS) for key in ("plant-a", "plant-b")}
    sites["plant-c"] = Site(key="plant-c", name="plant-c", timezone=BERLIN)
    devices = [
        _device("core-sw1", "plant-a"),
        _device("core-sw2", "plant-a"),
        _device("secret-fw1", "plant-a", only=frozenset({"U03OLGA"})),
        _device("shared-fw2", "plant-a", only=frozenset({"U02ANNA"})),
        _device("west-sw1", "plant-b"),
        _device("far-sw1", "plant-c"),
    ]
    return Access(Inventory(sites, {one.name: one for one in devices}, {}), frozenset(), book=GrantBook(**book))


def _device(name: str, site: str, **rest: Any) -> Device:  # noqa: ANN401 - any field of a device
    return Device(name=name, site=site, platform="cisco_ios", endpoint=Endpoint(host="192.0.2.1"), **rest)


def subscription(scope: SubscriptionScope, target: str, site: str = "plant-a", **rest: Any) -> Subscription:  # noqa: ANN401 - any field
    return Subscription(id=1, person=ANNA.id, scope=scope, target=target, site=site, created_at=NOW, **rest)


def scope_of(*subscriptions: Subscription, **rest: Any) -> Scope:  # noqa: ANN401 - jobs, known_since
    return subscribed_scope(make_access(), ANNA, subscriptions, **{"jobs": {}, "known_since": {}} | rest)


def test_p3_a_channel_reads_of_no_restricted_device_and_a_person_of_the_own_ones() -> None:
    access = make_access()

    channel, anna = channel_scope(access, "plant-a"), seen_scope(access, ANNA, ["plant-a", "plant-c"])

    assert [one.name for one in channel.declared(access.inventory.by_site)] == ["core-sw1", "core-sw2"]
    assert anna.sites == {"plant-a"}
    assert [one.name for one in anna.declared(access.inventory.by_site)] == ["core-sw1", "core-sw2", "shared-fw2"]
    assert restricted_in(access, channel) == ()
    assert restricted_in(access, anna) == ("shared-fw2",)


def test_p3_a_device_that_is_no_longer_declared_stays_hidden() -> None:
    access = make_access(sealed=["gone-fw3"])

    assert not seen_scope(access, ANNA, ["plant-a"]).holds("plant-a", "gone-fw3")
    assert not channel_scope(access, "plant-a").holds("plant-a", "gone-fw3")


def test_n4_a_watched_site_holds_its_devices_but_those_that_are_silenced() -> None:
    found = scope_of(
        subscription(SubscriptionScope.SITE, "plant-a"), subscription(SubscriptionScope.DEVICE, "core-sw2", silent=True)
    )

    assert found.sites == {"plant-a"}
    assert found.holds("plant-a", "core-sw1")
    assert found.holds("plant-a", "new-sw9")
    assert not found.holds("plant-a", "core-sw2")
    assert not found.holds("plant-a", "secret-fw1")


def test_n4_without_new_ones_a_site_is_the_devices_that_were_there() -> None:
    known = {"core-sw1": NOW - DAY, "core-sw2": NOW + DAY, "shared-fw2": None}

    found = scope_of(subscription(SubscriptionScope.SITE, "plant-a", and_new=False), known_since=known)

    assert not found.sites
    assert found.devices == frozenset({"core-sw1", "shared-fw2"})


def test_single_devices_and_jobs_add_up_and_what_may_not_be_seen_is_left_out() -> None:
    site_job = _job(7, JobKind.SITE, "plant-b", None)
    device_job = _job(8, JobKind.DEVICE, "plant-a", "core-sw2")

    found = scope_of(
        subscription(SubscriptionScope.DEVICE, "core-sw1"),
        subscription(SubscriptionScope.DEVICE, "secret-fw1"),
        subscription(SubscriptionScope.DEVICE, "far-sw1", "plant-c"),
        subscription(SubscriptionScope.SITE, "plant-c", "plant-c"),
        subscription(SubscriptionScope.JOB, "7", "plant-b"),
        subscription(SubscriptionScope.JOB, "8"),
        subscription(SubscriptionScope.JOB, "99"),
        jobs={7: site_job, 8: device_job},
    )

    assert found.sites == frozenset({"plant-b"})
    assert found.devices == frozenset({"core-sw1", "core-sw2"})
    assert found.elsewhere == frozenset({"plant-a"})


def _job(number: int, kind: JobKind, site: str, device: str | None) -> Job:
    fields = JobFields(name="nightly", kind=kind, site=site, device=device, schedule=parse_schedule("daily 02:00"))
    rest = {name: getattr(fields, name) for name in JobFields.__dataclass_fields__}
    return Job(**rest, id=number, revision=1, created_by="U1", created_at=NOW, changed_by="U1", changed_at=NOW)


def planned(schedule: str, device: str | None = None, **rest: Any) -> Planned:  # noqa: ANN401 - any field
    values: dict[str, Any] = {"site": "plant-a", "created_at": NOW - 30 * DAY}
    return Planned(device=device, schedule=parse_schedule(schedule), **values | rest)


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        pytest.param(planned("daily 02:00"), 7 * 12, id="of a site, one for each device"),
        pytest.param(planned("daily 02:00", "core-sw1"), 7, id="of a device"),
        pytest.param(planned("weekdays 02:00", "core-sw1"), 5, id="weekdays"),
        pytest.param(planned("on demand"), 0, id="on demand"),
        pytest.param(planned("daily 02:00", "core-sw1", created_at=NOW + 2 * DAY), 5, id="made in the middle"),
        pytest.param(planned("daily 02:00", "core-sw1", paused_at=NOW + 2 * DAY), 2, id="paused in the middle"),
        pytest.param(
            planned("daily 02:00", "core-sw1", paused_at=NOW + 2 * DAY, paused_until=NOW + 4 * DAY), 5, id="resumed"
        ),
        pytest.param(planned("daily 02:00", site="gone"), 0, id="of a site that is not declared"),
    ],
)
def test_n5_the_runs_that_schedules_ask_for_in_a_week(job: Planned, expected: int) -> None:
    def covers(one: Planned) -> int:
        return 12 if one.device is None else 1

    found = expected_runs([job], NOW, NOW + 7 * DAY, zones={"plant-a": BERLIN}, covers=covers)

    assert found == expected


@pytest.mark.parametrize(("hours", "expected"), [(23, 1), (23 + 24, 2)], ids=["that day", "and the day after"])
def test_n5_on_a_day_of_23_hours_a_daily_job_is_asked_for_once(hours: int, expected: int) -> None:
    since = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)  # Sunday, 00:00 in Berlin
    until = since + timedelta(hours=hours)

    found = expected_runs([planned("daily 02:30")], since, until, zones={"plant-a": BERLIN}, covers=lambda _: 1)

    assert found == expected


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        pytest.param("cron */5 * * * *", 92 * 24 * 12 - 12, id="every five minutes, an hour short"),
        pytest.param("cron 15 2-3 * * *", 92 * 2, id="within the hour that is skipped and after it"),
        pytest.param("weekdays 02:30", 66, id="weekdays"),
        pytest.param("cron 0 0 1,15 * *", 6, id="days of the month"),
    ],
)
def test_n5_a_quarter_with_a_change_of_clocks_is_counted_whole(schedule: str, expected: int) -> None:
    since = datetime(2026, 2, 1, 23, 0, tzinfo=UTC)  # Monday, 00:00 in Berlin
    until = since + timedelta(days=92, hours=-1)

    found = expected_runs(
        [planned(schedule, created_at=since)], since, until, zones={"plant-a": BERLIN}, covers=lambda _: 1
    )

    assert found == expected


def aging(**rest: Any) -> Aging:  # noqa: ANN401 - any field
    values: dict[str, Any] = {"good_at": None, "known_since": None, "told_at": None}
    return Aging(device="core-sw1", site="plant-a", **values | rest)


@pytest.mark.parametrize(
    ("one", "is_overdue"),
    [
        pytest.param(aging(good_at=NOW - 8 * DAY), True, id="old"),
        pytest.param(aging(good_at=NOW - 7 * DAY), False, id="at the limit"),
        pytest.param(aging(known_since=NOW - 8 * DAY), True, id="never, and declared long ago"),
        pytest.param(aging(known_since=NOW - DAY), False, id="never, and declared lately"),
        pytest.param(aging(good_at=NOW - DAY, known_since=NOW - 9 * DAY), False, id="good lately"),
        pytest.param(aging(), True, id="never, and declared before anybody took note"),
    ],
)
def test_n6_a_device_is_overdue_past_the_limit(one: Aging, *, is_overdue: bool) -> None:
    assert one.is_overdue(NOW, 7 * DAY) is is_overdue


@pytest.mark.parametrize(
    ("one", "is_told"),
    [
        pytest.param(aging(good_at=NOW - 8 * DAY), False, id="not yet"),
        pytest.param(aging(good_at=NOW - 8 * DAY, told_at=NOW - DAY), True, id="of this stretch"),
        pytest.param(aging(good_at=NOW - 8 * DAY, told_at=NOW - 20 * DAY), False, id="of the stretch before"),
        pytest.param(aging(told_at=NOW - DAY), True, id="never backed up"),
    ],
)
def test_n6_each_stretch_is_told_once(one: Aging, *, is_told: bool) -> None:
    assert one.is_told is is_told


def test_n4_a_device_declared_at_the_moment_of_subscribing_was_there() -> None:
    known = {"core-sw1": NOW, "core-sw2": NOW + timedelta(microseconds=1)}

    found = scope_of(subscription(SubscriptionScope.SITE, "plant-a", and_new=False), known_since=known)

    assert found.devices == {"core-sw1", "shared-fw2"}


def test_a_device_of_a_site_that_is_subscribed_to_as_a_whole_is_counted_once() -> None:
    found = scope_of(
        subscription(SubscriptionScope.SITE, "plant-a"), subscription(SubscriptionScope.DEVICE, "core-sw1")
    )

    assert found.sites == {"plant-a"}
    assert found.devices == found.elsewhere == frozenset()


def test_a_silenced_device_is_left_out_although_its_own_job_is_subscribed_to() -> None:
    job = _job(8, JobKind.DEVICE, "plant-a", "core-sw2")

    found = scope_of(
        subscription(SubscriptionScope.JOB, "8"),
        subscription(SubscriptionScope.DEVICE, "core-sw2", silent=True),
        jobs={8: job},
    )

    assert found == Scope()


def test_single_devices_need_nothing_left_out_and_sites_do() -> None:
    assert scope_of(subscription(SubscriptionScope.DEVICE, "core-sw1")).hidden == frozenset()
    assert scope_of(subscription(SubscriptionScope.SITE, "plant-a")).hidden == {"secret-fw1"}


@pytest.mark.parametrize(
    ("scope", "restricted"),
    [
        pytest.param(Scope(), (), id="nothing"),
        pytest.param(
            Scope(devices=frozenset({"shared-fw2"}), elsewhere=frozenset({"plant-a"})), ("shared-fw2",), id="one"
        ),
        pytest.param(Scope(sites=frozenset({"plant-a"})), ("gone-fw3", "secret-fw1", "shared-fw2"), id="a whole site"),
        pytest.param(Scope(sites=frozenset({"plant-b"})), ("gone-fw3",), id="another site, and what was once anywhere"),
        pytest.param(
            Scope(sites=frozenset({"plant-a"}), hidden=frozenset({"secret-fw1", "gone-fw3"})),
            ("shared-fw2",),
            id="but some",
        ),
    ],
)
def test_p3_what_a_digest_counts_of_hidden_devices_is_asked_again(scope: Scope, restricted: tuple[str, ...]) -> None:
    assert restricted_in(make_access(sealed=["gone-fw3"]), scope) == restricted
