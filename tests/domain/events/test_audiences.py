"""Who is told of an event: the narrowest subscription counts, nobody hears it twice, and the night is quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events.audiences import Event, Wait, has_it_already, is_quiet, person_hears, route_hears, wait_of
from domain.events.transitions import Notice
from domain.subscriptions.kinds import EVERYTHING, EventKind
from domain.subscriptions.routes import Route
from domain.subscriptions.subscriptions import Profile, Subscription, SubscriptionScope

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ANNA = "U02ANNA"
TEAM = "C0PLANTA"
FAILED = Event(id=1, event_group=1, run=9, notice=Notice.FAILED, device="core-sw1", site="plant-a", at=NOON)
MODIFIED = replace(FAILED, notice=Notice.MODIFIED)
ZONES = ("UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata")


def subscription(scope: SubscriptionScope, target: str, **changed: Any) -> Subscription:  # noqa: ANN401 - any field of a subscription
    usual = Subscription(id=1, person=ANNA, scope=scope, target=target, site="plant-a", created_at=NOON)
    return replace(usual, **changed)


SITE = subscription(SubscriptionScope.SITE, "plant-a")
JOB = subscription(SubscriptionScope.JOB, "7", failed=False, modified=True)
SILENT = subscription(SubscriptionScope.DEVICE, "core-sw1", silent=True)


@pytest.mark.parametrize(
    ("subscriptions", "failed", "modified"),
    [
        pytest.param([], False, False, id="nothing"),
        pytest.param([SITE], True, False, id="site, failed only"),
        pytest.param([replace(SITE, modified=True)], True, True, id="site, both"),
        pytest.param([replace(SITE, failed=False)], False, False, id="digests alone"),
        pytest.param([SITE, JOB], False, True, id="the job counts before the site"),
        pytest.param([SITE, replace(JOB, target="8")], True, False, id="another job"),
        pytest.param([SITE, JOB, SILENT], False, False, id="the device counts before both"),
        pytest.param([replace(SILENT, silent=False, modified=True)], True, True, id="one device"),
        pytest.param([replace(SITE, site="plant-b", target="plant-b")], False, False, id="another site"),
        pytest.param([subscription(SubscriptionScope.DEVICE, "edge-sw2")], False, False, id="another device"),
    ],
)
def test_n2_the_narrowest_subscription_decides(
    subscriptions: list[Subscription], *, failed: bool, modified: bool
) -> None:
    of_job = frozenset({7})

    assert person_hears(subscriptions, replace(FAILED, jobs=of_job), known_since=None) is failed
    assert person_hears(subscriptions, replace(MODIFIED, jobs=of_job), known_since=None) is modified


@pytest.mark.parametrize("notice", [Notice.FAILED, Notice.STILL_FAILED, Notice.FLAPPING, Notice.RECOVERED])
def test_whoever_hears_of_failures_hears_of_all_that_follows(notice: Notice) -> None:
    assert person_hears([SITE], replace(FAILED, notice=notice), known_since=None)


@pytest.mark.parametrize(
    ("and_new", "known_since", "heard"),
    [
        pytest.param(True, NOON + DAY, True, id="new ones too"),
        pytest.param(False, NOON + DAY, False, id="a new one"),
        pytest.param(False, NOON - DAY, True, id="an old one"),
        pytest.param(False, None, True, id="older than the memory"),
    ],
)
def test_n4_watching_a_site_covers_new_devices_if_wanted(
    known_since: datetime | None, *, and_new: bool, heard: bool
) -> None:
    assert person_hears([replace(SITE, and_new=and_new)], FAILED, known_since=known_since) is heard


@pytest.mark.parametrize(
    ("changed", "heard"),
    [
        pytest.param({}, True, id="wanted"),
        pytest.param({"active": False}, False, id="switched off"),
        pytest.param({"events": frozenset({EventKind.MODIFIED})}, False, id="of another kind"),
        pytest.param({"site": "plant-b"}, False, id="of another site"),
    ],
)
def test_n9_a_route_hears_what_was_chosen_for_it(changed: dict[str, Any], *, heard: bool) -> None:
    route = replace(Route(id=1, site="plant-a", channel=TEAM, events=EVERYTHING), **changed)

    assert route_hears(route, FAILED, restricted=()) is heard
    assert not route_hears(route, FAILED, restricted={"core-sw1"})
    assert not route_hears(route, replace(FAILED, place=TEAM), restricted=())


@pytest.mark.parametrize(
    ("profile", "event", "has_it"),
    [
        pytest.param(Profile(person=ANNA), FAILED, True, id="in the channel"),
        pytest.param(Profile(person=ANNA, even_if_in_channel=True), FAILED, False, id="wants it beside the channel"),
        pytest.param(
            Profile(person=ANNA, even_if_in_channel=True), replace(FAILED, asked_by=ANNA), True, id="asked for it"
        ),
    ],
)
def test_nobody_hears_it_twice(profile: Profile, event: Event, *, has_it: bool) -> None:
    assert has_it_already(ANNA, event, [TEAM], rooms={TEAM}, profile=profile) is has_it
    assert has_it_already(ANNA, event, ["C0OTHER"], rooms={TEAM}, profile=profile) is (event.asked_by == ANNA)


@pytest.mark.parametrize(
    ("profile", "wait"),
    [
        pytest.param(Profile(person=ANNA), None, id="neither"),
        pytest.param(Profile(person=ANNA, muted_until=NOON + DAY), Wait.MUTED, id="muted"),
        pytest.param(Profile(person=ANNA, muted_until=NOON), None, id="the mute has ended"),
        pytest.param(Profile(person=ANNA, quiet_from=time(12), quiet_to=time(13)), Wait.QUIET, id="quiet hours"),
    ],
)
def test_n11_why_a_message_waits(profile: Profile, wait: Wait | None) -> None:
    assert wait_of(profile, NOON) is wait


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        pytest.param("2026-03-29T00:59:00+00:00", True, id="before the hour that is left out"),
        pytest.param("2026-03-29T01:00:00+00:00", False, id="03:00 follows on 01:59"),
        pytest.param("2026-10-25T00:29:00+00:00", True, id="02:29 for the first time"),
        pytest.param("2026-10-25T00:31:00+00:00", False, id="02:31 for the first time"),
        pytest.param("2026-10-25T01:29:00+00:00", True, id="02:29 once more"),
        pytest.param("2026-10-25T01:31:00+00:00", False, id="02:31 once more"),
    ],
)
def test_quiet_hours_go_by_the_clock_that_the_person_sees(at: str, *, quiet: bool) -> None:
    night = Profile(person=ANNA, quiet_from=time(22), quiet_to=time(2, 30), zone="Europe/Berlin")

    assert is_quiet(night, datetime.fromisoformat(at)) is quiet


def test_quiet_hours_in_a_zone_that_nobody_knows_go_by_utc() -> None:
    noon = Profile(person=ANNA, quiet_from=time(11), quiet_to=time(13), zone="Mars/Olympus_Mons")

    assert is_quiet(noon, NOON)


times = st.times().map(lambda one: one.replace(second=0, microsecond=0))
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@given(moments, times, times, st.sampled_from(ZONES))
def test_every_quiet_time_ends_within_a_day(at: datetime, begin: time, end: time, zone: str) -> None:
    profile = Profile(person=ANNA, quiet_from=begin, quiet_to=end, zone=zone)
    minutes = (at + minute * timedelta(minutes=1) for minute in range(26 * 60))

    assert any(not is_quiet(profile, moment) for moment in minutes)


@given(moments, times, times, st.sampled_from(ZONES))
def test_either_the_hours_or_their_opposite_are_quiet(at: datetime, begin: time, end: time, zone: str) -> None:
    profile = Profile(person=ANNA, quiet_from=begin, quiet_to=end, zone=zone)
    opposite = replace(profile, quiet_from=end, quiet_to=begin)

    if begin == end:
        assert not is_quiet(profile, at)
    else:
        assert is_quiet(profile, at) is not is_quiet(opposite, at)
        assert is_quiet(profile, at) is is_quiet(profile, at.astimezone(ZoneInfo(zone)))


@pytest.mark.parametrize(
    ("begin", "end", "at", "quiet"),
    [
        pytest.param(time(11), time(13), time(10, 59, 59), False, id="just before"),
        pytest.param(time(11), time(13), time(11), True, id="from the first moment"),
        pytest.param(time(11), time(13), time(12, 59, 59), True, id="to the last second"),
        pytest.param(time(11), time(13), time(13), False, id="over"),
        pytest.param(time(22), time(6), time(21, 59, 59), False, id="just before the night"),
        pytest.param(time(22), time(6), time(22), True, id="the night begins"),
        pytest.param(time(22), time(6), time(0), True, id="midnight"),
        pytest.param(time(22), time(6), time(5, 59, 59), True, id="the night's last second"),
        pytest.param(time(22), time(6), time(6), False, id="the morning"),
        pytest.param(time(6), time(6), time(6), False, id="no time at all"),
        pytest.param(None, time(6), time(5), False, id="no beginning"),
        pytest.param(time(22), None, time(23), False, id="no end"),
    ],
)
def test_n11_quiet_hours_begin_and_end_on_the_minute(
    begin: time | None, end: time | None, at: time, *, quiet: bool
) -> None:
    profile = Profile(person=ANNA, quiet_from=begin, quiet_to=end)

    assert is_quiet(profile, datetime.combine(NOON.date(), at, UTC)) is quiet


def test_a_device_declared_at_the_moment_of_subscribing_was_there() -> None:
    subscriptions = [replace(SITE, and_new=False)]

    assert person_hears(subscriptions, FAILED, known_since=NOON)
    assert not person_hears(subscriptions, FAILED, known_since=NOON + timedelta(microseconds=1))


def test_whoever_is_in_no_channel_with_it_has_not_read_it() -> None:
    assert not has_it_already(ANNA, FAILED, [TEAM], rooms=frozenset(), profile=Profile(person=ANNA))
    assert not has_it_already(ANNA, FAILED, [], rooms={TEAM}, profile=Profile(person=ANNA))
    assert not has_it_already(ANNA, replace(FAILED, asked_by="U0TOM"), [], rooms=set(), profile=Profile(person=ANNA))


def test_a_new_subscription_is_for_failures_of_all_devices_and_not_silent() -> None:
    assert (SITE.failed, SITE.modified, SITE.and_new, SITE.silent) == (True, False, True, False)
