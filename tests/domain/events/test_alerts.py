"""What alerts name and what of them may be heard; when a device is overdue; what an entry of the audit may hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.audit import AuditAction, AuditEntry, AuditQuery
from domain.configs.versions import DeviceState
from domain.events.alerts import AgentDisconnected, DevicesOverdue, QueueOverrun
from domain.events.overdue import Aging, Overdue
from domain.subscriptions.subscriptions import Profile

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def test_whoever_may_not_know_of_a_device_hears_the_alert_without_it() -> None:
    overrun = QueueOverrun(site="plant-a", day=date(2026, 3, 2), jobs=("nightly",), devices=("sw1", "fw1"))
    overdue = DevicesOverdue(
        site="plant-a", devices=tuple(Overdue(device=name, good_at=None, since=None) for name in ("sw1", "fw1"))
    )
    silent = AgentDisconnected(agent="a", since=NOON, waiting={"plant-a": ("sw1", "fw1"), "plant-b": ("sw2",)})

    for alert, left in ((overrun, ("sw1",)), (overdue, ("sw1",)), (silent, ("sw1", "sw2"))):
        shown = alert.without({"fw1"})
        assert shown is not None
        assert shown.named == left
        assert alert.without(()) == alert


def test_an_alert_of_hidden_devices_alone_is_not_heard_but_that_an_agent_is_disconnected_is() -> None:
    overrun = QueueOverrun(site="plant-a", day=date(2026, 3, 2), jobs=(), devices=("fw1",))
    overdue = DevicesOverdue(site="plant-a", devices=(Overdue(device="fw1", good_at=None, since=None),))
    silent = AgentDisconnected(agent="a", since=NOON, waiting={"plant-a": ("fw1",)})

    assert overrun.without({"fw1"}) is None
    assert overdue.without({"fw1"}) is None
    assert silent.without({"fw1"}) == AgentDisconnected(agent="a", since=NOON, waiting={"plant-a": ()})


def make_aging(*, good: datetime | None, known: datetime | None = None, told: datetime | None = None) -> Aging:
    return Aging(device="sw1", site="plant-a", good_at=good, known_since=known, told_at=told)


@pytest.mark.parametrize(
    ("aging", "is_overdue"),
    [
        pytest.param(make_aging(good=NOON - 7 * DAY), False, id="as old as the limit"),
        pytest.param(make_aging(good=NOON - 7 * DAY - SECOND), True, id="a second older"),
        pytest.param(make_aging(good=NOON - DAY, known=NOON - 90 * DAY), False, id="the good backup counts"),
        pytest.param(make_aging(good=None, known=NOON - 7 * DAY), False, id="never backed up, known for a week"),
        pytest.param(make_aging(good=None, known=NOON - 8 * DAY), True, id="never backed up, known for longer"),
        pytest.param(make_aging(good=None), True, id="never backed up, there before anybody looked"),
    ],
)
def test_a_device_is_overdue_when_it_is_longer_than_its_limit_without_a_good_backup(
    aging: Aging, *, is_overdue: bool
) -> None:
    assert aging.is_overdue(NOON, 7 * DAY) is is_overdue


@pytest.mark.parametrize(
    ("aging", "is_told"),
    [
        pytest.param(make_aging(good=None), False, id="never told"),
        pytest.param(make_aging(good=NOON), False, id="never told, once good"),
        pytest.param(make_aging(good=None, told=NOON), True, id="told, never good"),
        pytest.param(make_aging(good=NOON - DAY, told=NOON), True, id="told after the last good one"),
        pytest.param(make_aging(good=NOON, told=NOON - DAY), False, id="good since then: a new stretch"),
        pytest.param(make_aging(good=NOON, told=NOON), False, id="good at that moment"),
    ],
)
def test_people_know_of_a_stretch_until_a_good_backup_ends_it(aging: Aging, *, is_told: bool) -> None:
    assert aging.is_told is is_told


@pytest.mark.parametrize(
    ("good", "known", "since"),
    [(NOON, NOON - DAY, NOON), (None, NOON - DAY, NOON - DAY), (NOON, None, NOON), (None, None, None)],
)
def test_the_age_of_a_device_counts_from_its_last_good_backup_or_its_declaration(
    good: datetime | None, known: datetime | None, since: datetime | None
) -> None:
    state = DeviceState(device="sw1", site="plant-a", last_good_at=good, known_since=known)

    assert state.good_since == since
    assert make_aging(good=good, known=known).since == since


BEFORE = (NOON - 3 * DAY, NOON - 2 * DAY)


@pytest.mark.parametrize(
    ("profile", "mute", "after"),
    [
        pytest.param(Profile(person="U1"), None, None, id="never muted"),
        pytest.param(Profile(person="U1", last_mute=BEFORE), BEFORE, BEFORE, id="muted once"),
        pytest.param(
            Profile(person="U1", muted_at=NOON - DAY, muted_until=NOON + DAY, last_mute=BEFORE),
            (NOON - DAY, NOON + DAY),
            (NOON - DAY, NOON),
            id="muted now: ended early",
        ),
        pytest.param(
            Profile(person="U1", muted_at=NOON - DAY, muted_until=NOON - SECOND),
            (NOON - DAY, NOON - SECOND),
            (NOON - DAY, NOON - SECOND),
            id="over by itself: it keeps its end",
        ),
        pytest.param(
            Profile(person="U1", muted_until=NOON + DAY, last_mute=BEFORE), BEFORE, BEFORE, id="nobody knows since when"
        ),
    ],
)
def test_a_mute_is_remembered_with_its_true_end(
    profile: Profile, mute: tuple[datetime, datetime] | None, after: tuple[datetime, datetime] | None
) -> None:
    ended = profile.unmuted(NOON)

    assert profile.mute == mute
    assert (ended.muted_at, ended.muted_until, ended.last_mute) == (None, None, after)
    assert profile.even_if_in_channel is False


def make_entry(**changed: Any) -> AuditEntry:  # noqa: ANN401 - any field of an entry
    return AuditEntry(at=NOON, actor="U1", what=AuditAction.JOB_CHANGED, **changed)


def test_an_entry_tells_what_differs_with_nothing_where_a_side_lacks_it() -> None:
    entry = make_entry(
        before={"Name": "a", "Time": "02:00", "Retries": "2"}, after={"Name": "b", "Time": "02:00", "Days": "mon"}
    )

    assert entry.changes() == (("Name", "a", "b"), ("Retries", "2", ""), ("Days", "", "mon"))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("x" * 300, "x" * 300, id="300 characters"),
        pytest.param("x" * 301, "x" * 299 + "…", id="one more"),
        pytest.param("a\n\t b", "a b", id="several lines become one"),
    ],
)
def test_an_entry_holds_no_more_than_300_characters_of_a_text(text: str, kept: str) -> None:
    entry = make_entry(target=text, before={text: text}, after={"Name": text}).limited()

    assert entry.target == kept
    assert dict(entry.before) == {kept: kept}
    assert dict(entry.after) == {"Name": kept}


def test_an_entry_holds_the_first_twenty_facts_of_a_side() -> None:
    facts = {f"Fact {number}": "x" for number in range(1, 22)}

    entry = make_entry(before=facts, after=facts).limited()

    assert list(entry.before) == list(entry.after) == [f"Fact {number}" for number in range(1, 21)]


def test_an_entry_is_of_something_done_unless_it_says_denied_and_a_page_has_ten() -> None:
    assert make_entry().denied is False
    assert make_entry().id == 0
    assert AuditQuery(sites=None).limit == 10
