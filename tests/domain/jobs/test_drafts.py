"""A job as somebody types it: what is accepted, up to which limits, and which field a mistake is told beside."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.inventory.declared import Device, Endpoint, Inventory, Site
from domain.jobs.drafts import JobDraft, check_draft, draft_of, read_schedule, span_in_short, with_schedule
from domain.jobs.job import JobFields, JobKind, MissedPolicy
from domain.jobs.schedules import Cron, Daily, Days, OnDemand, Schedule

INVENTORY = Inventory(
    sites={key: Site(key=key, name=key, timezone=ZoneInfo("UTC")) for key in ("plant-a", "plant-b")},
    devices={
        "core-sw1": Device(name="core-sw1", site="plant-b", platform="cisco_ios", endpoint=Endpoint(host="192.0.2.1"))
    },
    agents={},
)
GOOD = JobDraft(target="core-sw1", name="nightly")


def accepted(**changed: Any) -> JobFields:  # noqa: ANN401 - any field of a draft
    found = check_draft(replace(GOOD, **changed), INVENTORY)
    assert isinstance(found, JobFields), found
    return found


def refused(**changed: Any) -> dict[str, str]:  # noqa: ANN401 - any field of a draft
    found = check_draft(replace(GOOD, **changed), INVENTORY)
    assert not isinstance(found, JobFields)
    return found


def test_a_draft_that_says_little_is_a_job_of_weekdays_at_two_by_the_limits_of_its_device() -> None:
    assert accepted() == JobFields(
        name="nightly",
        kind=JobKind.DEVICE,
        site="plant-b",
        device="core-sw1",
        schedule=Daily(time(2)),
        waiting_limit=None,
        running_limit=None,
        retries=None,
        missed=MissedPolicy.MAKE_UP,
        enabled=True,
    )


def test_a_draft_of_a_site_has_no_device() -> None:
    found = accepted(kind="site", target="plant-a", enabled=False, missed="note")

    assert (found.kind, found.site, found.device) == (JobKind.SITE, "plant-a", None)
    assert (found.enabled, found.missed) == (False, MissedPolicy.NOTE)


@pytest.mark.parametrize("field", ["waiting", "running"])
@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("10s", 10),
        ("90 sec", 90),
        ("30m", 1_800),
        ("45 MIN", 2_700),
        ("2h", 7_200),
        ("1d", 86_400),
        (" 24h ", 86_400),
        ("86400s", 86_400),
    ],
)
def test_a_limit_lies_between_ten_seconds_and_a_day(field: str, typed: str, seconds: int) -> None:
    found = accepted(**{field: typed})

    assert getattr(found, f"{field}_limit") == timedelta(seconds=seconds)


@pytest.mark.parametrize("field", ["waiting", "running"])
@pytest.mark.parametrize("typed", ["9s", "0m", "86401s", "2d", "25h", "1441m", "999999d"])
def test_a_limit_outside_that_is_refused_beside_its_field(field: str, typed: str) -> None:
    assert refused(**{field: typed}) == {field: "A time limit is between 10 seconds (`10s`) and one day (`1d`)."}


@pytest.mark.parametrize("typed", ["m", "10", "1w", "-5m", "1.5h", "0000010s", "30m and more text than any span"])
def test_what_is_no_span_of_time_is_refused_beside_its_field(typed: str) -> None:
    assert "is not a duration" in refused(waiting=typed)["waiting"]


@pytest.mark.parametrize(("typed", "retries"), [("", None), ("  ", None), ("0", 0), ("1", 1), (" 10 ", 10), ("07", 7)])
def test_from_none_to_ten_retries_can_be_chosen(typed: str, retries: int | None) -> None:
    assert accepted(retries=typed).retries == retries


@pytest.mark.parametrize("typed", ["11", "99", "100", "001", "-1", "1.5", "two", "²", "٣"])
def test_other_retries_are_refused_beside_their_field(typed: str) -> None:
    assert refused(retries=typed) == {"retries": "Write a number from 0 to 10."}


@pytest.mark.parametrize("name", ["x", "1", "n" * 60, "Plant A, nightly & weekly", "ночь", "  two   blanks "])
def test_a_name_is_anything_that_can_be_typed(name: str) -> None:
    assert accepted(name=name).name == " ".join(name.split())


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Give the job a name."),
        (" \t ", "Give the job a name."),
        ("n" * 61, "A name has at most 60 characters. This one has 61."),
        ("n" * 1_234, "A name has at most 60 characters. This one has 1,234."),
        ("a<b", "A name cannot contain"),
        ("a`b", "A name cannot contain"),
        ('a"b', "A name cannot contain"),
        ("a\u202eb", "A name cannot contain"),
        ("a\u0000b", "A name cannot contain"),
        ("--- !!!", "A name needs at least one letter or digit"),
    ],
)
def test_a_name_that_could_mislead_or_not_be_typed_is_refused(name: str, sentence: str) -> None:
    assert sentence in refused(name=name)["name"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "region"}, "kind"),
        ({"target": "core-sw9"}, "target"),
        ({"target": "plant-a"}, "target"),
        ({"kind": "site", "target": "core-sw1"}, "target"),
        ({"pattern": "hourly"}, "pattern"),
        ({"pattern": "cron", "cron": " "}, "cron"),
        ({"pattern": "cron", "cron": "* * * * *"}, "cron"),
        ({"at": "25:00"}, "at"),
        ({"pattern": "days", "days": ()}, "days"),
        ({"pattern": "days", "days": ("mon",), "at": "teatime"}, "at"),
        ({"missed": "forget"}, "missed"),
    ],
)
def test_each_mistake_is_told_beside_its_own_field(changed: dict[str, Any], field: str) -> None:
    assert list(refused(**changed)) == [field]


def test_every_mistake_of_a_draft_is_told_at_once() -> None:
    found = refused(name="", at="x", waiting="x", running="x", retries="x", missed="x", target="x")

    assert sorted(found) == ["at", "missed", "name", "retries", "running", "target", "waiting"]


@pytest.mark.parametrize(
    ("changed", "schedule"),
    [
        pytest.param({"pattern": "on_demand", "at": "nonsense"}, OnDemand(), id="on demand asks for no time"),
        pytest.param({"pattern": "daily", "at": "7:30"}, Daily(time(7, 30)), id="weekdays"),
        pytest.param({"pattern": "daily", "weekends": True}, Daily(time(2), weekends=True), id="every day"),
        pytest.param(
            {"pattern": "days", "days": ("sat", "mon"), "weekends": True, "at": "22:15"},
            Days(frozenset({0, 5}), time(22, 15)),
            id="chosen days",
        ),
        pytest.param(
            {"pattern": "daily", "days": ("sat",)}, Daily(time(2)), id="days that another pattern left behind"
        ),
        pytest.param({"pattern": "cron", "cron": "0  2 * * 1-5"}, Cron("0 2 * * 1-5"), id="cron"),
    ],
)
def test_only_the_fields_of_the_chosen_pattern_make_the_schedule(changed: dict[str, Any], schedule: Schedule) -> None:
    errors: dict[str, str] = {}

    assert read_schedule(replace(GOOD, **changed), errors) == schedule
    assert not errors


SCHEDULES = st.one_of(
    st.just(OnDemand()),
    st.builds(Daily, st.builds(time, st.integers(0, 23), st.integers(0, 59)), weekends=st.booleans()),
    st.builds(
        Days, st.frozensets(st.integers(0, 6), min_size=1), st.builds(time, st.integers(0, 23), st.integers(0, 59))
    ),
    st.sampled_from([Cron("0 2 * * 1-5"), Cron("*/15 8-17 1 * *")]),
)
LIMITS = st.none() | st.integers(10, 86_400).map(lambda seconds: timedelta(seconds=seconds))


@given(
    st.builds(
        JobFields,
        name=st.sampled_from(["nightly", "Plant B weekly"]),
        kind=st.just(JobKind.DEVICE),
        site=st.just("plant-b"),
        device=st.just("core-sw1"),
        schedule=SCHEDULES,
        waiting_limit=LIMITS,
        running_limit=LIMITS,
        retries=st.none() | st.integers(0, 10),
        missed=st.sampled_from(MissedPolicy),
        enabled=st.booleans(),
    )
)
def test_a_job_opened_in_a_form_and_saved_unchanged_is_the_same_job(fields: JobFields) -> None:
    assert check_draft(draft_of(fields), INVENTORY) == fields


def test_a_site_job_opened_and_saved_unchanged_is_the_same_job() -> None:
    fields = JobFields(
        name="all", kind=JobKind.SITE, site="plant-a", device=None, schedule=Days(frozenset({6}), time(4))
    )

    assert check_draft(draft_of(fields), INVENTORY) == fields


def test_another_schedule_leaves_what_was_typed_for_the_others() -> None:
    draft = with_schedule(replace(GOOD, cron="0 3 * * *", days=("mon",)), Daily(time(7, 5), weekends=True))

    assert (draft.pattern, draft.at, draft.weekends) == ("daily", "07:05", True)
    assert (draft.cron, draft.days) == ("0 3 * * *", ("mon",))


@pytest.mark.parametrize(
    ("seconds", "short"),
    [
        (10, "10s"),
        (60, "1m"),
        (90, "90s"),
        (3_540, "59m"),
        (3_600, "1h"),
        (3_660, "61m"),
        (7_200, "2h"),
        (86_399, "86399s"),
        (86_400, "1d"),
        (90_000, "25h"),
        (172_800, "2d"),
    ],
)
def test_a_span_is_written_in_its_largest_whole_unit(seconds: int, short: str) -> None:
    assert span_in_short(timedelta(seconds=seconds)) == short
    assert span_in_short(None) == ""
